"""The key vault in which a team finds its secrets."""

import datetime
from typing import Any

import pytest

from arm import expressions, registrations
from components import key_vault
from tests.unit import deploying
from tests.unit.components import building

_VAULT, _SECRET = "azure-native:keyvault:Vault", "azure-native:keyvault:Secret"
_ARGS: dict[str, Any] = {
    "operator_networks": ["203.0.113.0/24", "10.9.0.0/16"],
    "secrets": {"pass": key_vault.KeptSecret(value="hidden-value", content_type="password")},
    "expires": datetime.date(2027, 11, 30),
}


def _deploy(**args: Any) -> deploying.Deployed:
    return building.deploy_on_network(key_vault.KeyVault, "vault", {**_ARGS, **args})


def test_the_name_is_derived_and_short_enough() -> None:
    name = _deploy().one(_VAULT).inputs["vaultName"]

    assert name.startswith("kvazureswarm")
    assert len(name) == 24


def test_a_given_name_is_taken() -> None:
    assert _deploy(vault_name="keys-of-ours").one(_VAULT).inputs["vaultName"] == "keys-of-ours"


def test_it_is_read_with_roles_and_nothing_in_it_can_be_purged() -> None:
    properties = _deploy().one(_VAULT).inputs["properties"]

    assert properties["enableRbacAuthorization"] is True
    assert (properties["enableSoftDelete"], properties["enablePurgeProtection"]) == (True, True)
    assert properties["softDeleteRetentionInDays"] == 90


def test_only_the_operators_public_networks_are_let_in() -> None:
    rules = _deploy().one(_VAULT).inputs["properties"]["networkAcls"]

    assert (rules["defaultAction"], rules["bypass"]) == ("Deny", "None")
    assert rules["ipRules"] == [{"value": "203.0.113.0/24"}]


def test_a_secret_says_what_it_is_and_until_when() -> None:
    properties = _deploy().one(_SECRET).inputs["properties"]

    assert properties["contentType"] == "password"
    assert properties["attributes"] == {"enabled": True, "expires": 1_827_532_800}


def test_a_secret_is_masked_but_for_what_it_is() -> None:
    made = _deploy().one(_SECRET)

    assert made.secrets == {"properties"}
    assert registrations.mask(made)["properties"] == {
        "attributes": {"enabled": True, "expires": 1_827_532_800},
        "contentType": "password",
        "value": registrations.SECRET,
    }


def test_a_secret_is_a_secure_parameter_of_a_template() -> None:
    assert expressions.make_secret_parameter(_deploy().one(_SECRET)) == "vaultPassValue"


def test_a_secret_goes_with_its_vault() -> None:
    assert _deploy().one(_SECRET).deleted_with == "vault"


@pytest.mark.parametrize(("protect", "deleted_with"), [(True, ""), (False, "net-group")])
def test_a_protected_vault_does_not_go_with_its_group(protect: bool, deleted_with: str) -> None:
    vault = _deploy(protect=protect).one(_VAULT)

    assert (vault.protect, vault.deleted_with) == (protect, deleted_with)


def test_a_secret_does_not_show_itself() -> None:
    assert "hidden-value" not in repr(_ARGS["secrets"]["pass"])


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (
            {"vault_name": "1a"},
            "vault_name must be 3 to 24 letters, digits and single '-', a letter first, no '-' last; got '1a'.",
        ),
        ({"expires": "2027-11-30"}, "expires must be a date; got '2027-11-30'."),
        ({"operator_networks": ["x"]}, "operator_networks must be an IPv4 network such as '10.80.0.0/16'; got 'x'."),
        (
            {"operator_networks": ["10.9.0.0/16"]},
            "operator_networks must be a list with a public network for the key vault, whose firewall knows no private "
            "ones; got ['10.9.0.0/16'].",
        ),
        (
            {"secrets": {"a_b": None}},
            "secrets must be letters, digits and '-', such as 'registry-password'; got 'a_b'.",
        ),
        ({"secrets": {"a": "b"}}, "secrets[a] must be a KeptSecret; got 'b'."),
        ({"protect": 1}, "protect must be True or False; got 1."),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    sentence = building.refusal_on_network(key_vault.KeyVault, "vault", {**_ARGS, **change})

    assert sentence == f"KeyVault 'vault': {refusal}"
