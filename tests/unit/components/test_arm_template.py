"""An ARM template inside a stack."""

import json
import pathlib
from typing import Any

import pytest

from components import arm_template
from tests.unit.components import building

_STACK = "azure-native:resources:DeploymentStackAtResourceGroup"
_TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "parameters": {"size": {"type": "string"}, "tier": {"type": "string", "defaultValue": "Basic"}},
    "resources": [],
}


@pytest.fixture
def file(tmp_path: pathlib.Path) -> str:
    """Gives the path of a template with two parameters."""
    (tmp_path / "template.json").write_text(json.dumps(_TEMPLATE))
    return str(tmp_path / "template.json")


def _refusal(**args: Any) -> str:
    return building.refusal_on_network(arm_template.ArmTemplate, "old", args)


def test_what_a_template_makes_goes_away_with_it(file: str) -> None:
    deployed = building.deploy_on_network(arm_template.ArmTemplate, "old", {"file": file, "parameters": {"size": "S"}})

    stack = deployed.one(_STACK)
    assert stack.inputs == {
        "resourceGroupName": "azure-swarm-dev-net",
        "deploymentStackName": "old",
        "template": _TEMPLATE,
        "parameters": {"size": {"value": "S"}},
        "actionOnUnmanage": {"resources": "delete", "resourceGroups": "detach", "managementGroups": "detach"},
        "denySettings": {"mode": "none"},
    }
    assert stack.deleted_with == ""


def test_outputs_are_told_without_their_types() -> None:
    assert arm_template.make_outputs({"a": {"type": "String", "value": "b"}}) == {"a": "b"}
    assert arm_template.make_outputs(None) == {}


def test_an_input_that_is_unknown_is_refused(file: str) -> None:
    assert _refusal(file=file, mode="Complete") == (
        "ArmTemplate 'old': every input must be one of file, network, parameters; got 'mode'."
    )


@pytest.mark.parametrize("wrong", [3, "no-such-file.json", "README.md", "docs"])
def test_what_is_no_template_is_refused(wrong: object) -> None:
    sentence = _refusal(file=wrong)

    assert sentence == f"ArmTemplate 'old': file must be the path of an ARM template in JSON; got {wrong!r}."


def test_json_that_is_no_template_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "plain.json"
    path.write_text("{}")

    assert _refusal(file=str(path)).startswith("ArmTemplate 'old': file must be the path of an ARM template in JSON; ")


def test_a_parameter_that_the_template_does_not_have_is_refused(file: str) -> None:
    assert _refusal(file=file, parameters={"size": "S", "sise": "S"}) == (
        "ArmTemplate 'old': every parameter must be one of size, tier; got 'sise'."
    )


def test_a_parameter_that_is_needed_is_missed(file: str) -> None:
    assert _refusal(file=file) == "ArmTemplate 'old': parameter size must be given; got nothing."


def test_our_own_templates_are_taken() -> None:
    own = pathlib.Path(__file__).parents[3] / "docs/arm/dev.json"
    given = {"operatorPublicKey": "ssh-ed25519 A", "operatorNetworks": ["198.51.100.7/32"]}
    deployed = building.deploy_on_network(arm_template.ArmTemplate, "old", {"file": str(own), "parameters": given})

    assert deployed.one(_STACK).inputs["parameters"] == {key: {"value": value} for key, value in given.items()}
