"""An ARM template inside a stack."""

import json
import pathlib
from typing import Any

import pytest

from arm import bodies
from components import arm_template, errors
from tests.unit import deploying
from tests.unit.components import building

_STACK = "azure-native:resources:DeploymentStackAtResourceGroup"
_GROUP = "azure-native:resources:ResourceGroup"
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


def _deploy(**args: Any) -> deploying.Deployed:
    return building.deploy_on_network(arm_template.ArmTemplate, "old", args)


def test_what_a_template_makes_goes_away_with_the_group_that_is_its_own(file: str) -> None:
    deployed = _deploy(file=file, parameters={"size": "S"})

    group, stack = deployed.one(_GROUP, "old-group"), deployed.one(_STACK)
    assert group.inputs == {"resourceGroupName": "azure-swarm-dev-old", "location": "westeurope"}
    assert not group.protect
    # azure-native deletes a deployment stack without saying what becomes of what it made, which then stays.
    assert stack.deleted_with == "old-group"
    assert stack.inputs == {
        "resourceGroupName": "azure-swarm-dev-old",
        "deploymentStackName": "old",
        "template": _TEMPLATE,
        "parameters": {"size": {"value": "S"}},
        "actionOnUnmanage": {"resources": "delete", "resourceGroups": "detach", "managementGroups": "detach"},
        "denySettings": {"mode": "none"},
    }


def test_the_body_of_a_deployment_stack_is_azures(file: str) -> None:
    body = bodies.make_body(_deploy(file=file, parameters={"size": "S"}).one(_STACK))

    assert body == {
        "properties": {
            "template": _TEMPLATE,
            "parameters": {"size": {"value": "S"}},
            "actionOnUnmanage": {"resources": "delete", "resourceGroups": "detach", "managementGroups": "detach"},
            "denySettings": {"mode": "none"},
        }
    }


def test_the_group_may_have_a_name_of_its_own_and_be_protected(file: str) -> None:
    deployed = _deploy(file=file, parameters={"size": "S"}, group_name="legacy", protect=True)

    group, stack = deployed.one(_GROUP, "old-group"), deployed.one(_STACK)
    assert group.inputs["resourceGroupName"] == stack.inputs["resourceGroupName"] == "legacy"
    assert group.protect
    # What is protected must not go with its group in silence either.
    assert (stack.protect, stack.deleted_with) == (True, "")


@pytest.mark.parametrize("wrong", ["a b", "ends.", "", "x" * 91, 5])
def test_what_is_no_name_of_a_group_is_refused(file: str, wrong: object) -> None:
    assert _refusal(file=file, group_name=wrong) == (
        "ArmTemplate 'old': group_name must be at most 90 letters, digits and any of '._()-', no '.' last; "
        f"got {errors.show(wrong)}."
    )


def test_protection_is_a_yes_or_no(file: str) -> None:
    assert _refusal(file=file, protect="on") == "ArmTemplate 'old': protect must be True or False; got 'on'."


def test_outputs_are_told_without_their_types() -> None:
    assert arm_template.make_outputs({"a": {"type": "String", "value": "b"}}) == {"a": "b"}
    assert arm_template.make_outputs(None) == {}


def test_an_input_that_is_unknown_is_refused(file: str) -> None:
    assert _refusal(file=file, mode="Complete") == (
        "ArmTemplate 'old': every input must be one of file, group_name, network, parameters, protect; got 'mode'."
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
