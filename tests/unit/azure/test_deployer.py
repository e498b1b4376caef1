"""What of a template is the deployer's own: networks, names that are unique in all of Azure, a month, secrets."""

import json
import re
import shlex
from typing import Any

import pytest

from arm import deployer, template
from tests.unit.azure import evaluating
from tests.unit.stacks import environments as deployed

_GIVEN: dict[str, Any] = {
    "operatorPublicKey": "ssh-ed25519 OPERATOR",
    deployer.NETWORKS: ["198.51.100.7/32", "192.0.2.0/24"],
    "vaultOperatorSshKeyValue": "key",
    "vaultRegistryPasswordValue": "word",
}


def _make(judged: str) -> dict[str, Any]:
    return template.make_template(deployed.deploy_judged(judged).resources)


def _evaluate(judged: str, group: str = "ours", **given: Any) -> list[dict[str, Any]]:
    return evaluating.evaluate(_make(judged), group, {**_GIVEN, **given})


def _find_sources(made: list[dict[str, Any]], rule: str) -> Any:
    groups = (one["properties"]["securityRules"] for one in made if one["type"].endswith("/networkSecurityGroups"))
    found = next(one["properties"] for rules in groups for one in rules if one["name"] == rule)
    return found.get("sourceAddressPrefixes", found.get("sourceAddressPrefix"))


def _find(made: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(one for one in made if one["type"] == kind)


@pytest.mark.parametrize(("judged", "rule"), [("dev", "operator-ssh"), ("everything", "operator-https")])
def test_operators_come_from_the_deployers_networks(judged: str, rule: str) -> None:
    assert _find_sources(_evaluate(judged), rule) == ["198.51.100.7/32", "192.0.2.0/24"]


def test_behind_a_bastion_ssh_comes_from_its_subnet_still() -> None:
    assert _find_sources(_evaluate("everything"), "operator-ssh") == "10.82.255.192/26"


def test_a_vault_lets_in_the_same_networks_or_others() -> None:
    kind = "Microsoft.KeyVault/vaults"
    acls = _find(_evaluate("everything"), kind)["properties"]["networkAcls"]
    others = _find(_evaluate("everything", vaultNetworks=[]), kind)["properties"]["networkAcls"]

    assert acls["ipRules"] == [{"value": "198.51.100.7/32"}, {"value": "192.0.2.0/24"}]
    assert others == {"bypass": "None", "defaultAction": "Deny", "ipRules": []}


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("Microsoft.ContainerRegistry/registries", r"[a-zA-Z0-9]{5,50}"),
        ("Microsoft.KeyVault/vaults", r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]"),
    ],
)
def test_two_groups_have_different_names_where_azure_has_one_of_each(kind: str, form: str) -> None:
    names = {_find(_evaluate("everything", group), kind)["name"] for group in ("ours", "theirs")}

    assert len(names) == 2
    assert [name for name in names if not re.fullmatch(form, name)] == []


def test_a_name_may_be_given_nevertheless() -> None:
    registry = _find(_evaluate("dev", registryName="own"), "Microsoft.ContainerRegistry/registries")

    assert registry["name"] == "own"


def test_a_budget_begins_with_the_month_of_the_deployment() -> None:
    kind = "Microsoft.Consumption/budgets"

    assert _find(_evaluate("everything"), kind)["properties"]["timePeriod"] == {"startDate": "2026-11-01"}
    assert _make("everything")["parameters"]["budgetStart"]["defaultValue"] == "[utcNow('yyyy-MM-01')]"


def test_nothing_is_asked_for_that_the_template_does_not_have() -> None:
    asked = set(_make("dev")["parameters"]) & {deployer.VAULT_NETWORKS, deployer.BUDGET_START}

    assert asked == set()


@pytest.mark.parametrize("judged", ["dev", "prod", "everything"])
def test_the_command_gives_every_parameter_without_a_default(judged: str) -> None:
    found = deployed.deploy_judged(judged).resources
    *notes, _, deploy = template.make_commands(found, "t.json")

    asked = {name for name, one in _make(judged)["parameters"].items() if "defaultValue" not in one}
    words = shlex.split(deploy)
    told = {name for note in notes for name in json.loads(note.partition(": ")[2])}
    assert {word.partition("=")[0] for word in words[words.index("--parameters") + 1 :]} - {
        "@t.secure.json"
    } | told == (asked)


def test_secrets_come_from_a_file_and_not_from_the_command_line() -> None:
    note, _, deploy = template.make_commands(deployed.deploy_judged("everything").resources, "t.json")

    assert note == (
        '# Write t.secure.json, with mode 600: {"vaultOperatorSshKeyValue": {"value": "..."}, '
        '"vaultRegistryPasswordValue": {"value": "..."}}'
    )
    assert deploy.endswith(" @t.secure.json")
    assert "vault" not in deploy
