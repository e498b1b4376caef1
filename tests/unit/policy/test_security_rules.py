"""A rule of a security group says the same in any spelling that Azure takes."""

from typing import Any

import pytest

from policy import network_rules

_OPEN_SSH: dict[str, Any] = {
    "name": "in",
    "direction": "Inbound",
    "access": "Allow",
    "protocol": "Tcp",
    "sourceAddressPrefix": "Internet",
    "destinationPortRange": "22",
}
_CLOSED: dict[str, Any] = {
    "name": "closed",
    "priority": 4000,
    "direction": "INBOUND",
    "access": "deny",
    "protocol": "*",
    "sourceAddressPrefix": "Any",
    "destinationPortRange": "*",
}


def _find_open_ssh(**changes: Any) -> list[str]:
    return list(network_rules.find_open_ssh({"securityRules": [{**_OPEN_SSH, **changes}]}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sourceAddressPrefix", "virtualnetwork"),
        ("sourceAddressPrefix", "GatewayManager"),
        ("sourceAddressPrefix", "azureLoadBalancer"),
        ("sourceAddressPrefix", "198.51.100.7"),
        ("sourceAddressPrefix", "10.0.0.0/8"),
        ("sourceAddressPrefix", "2001:db8::/32"),
        ("sourceAddressPrefix", None),
        ("destinationPortRange", "80, 443"),
        ("destinationPortRange", "23-65535"),
        ("direction", "outbound"),
        ("access", "deny"),
        ("protocol", "UDP"),
    ],
)
def test_what_lets_nobody_in_passes_in_any_spelling(key: str, value: Any) -> None:
    assert _find_open_ssh(**{key: value}) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("protocol", "TCP"),
        ("protocol", "tcp"),
        ("protocol", "Any"),
        ("direction", "inbound"),
        ("access", "ALLOW"),
        ("destinationPortRange", "80,22"),
        ("destinationPortRange", " 20 - 30 "),
        ("destinationPortRange", "any"),
        ("destinationPortRange", "ssh"),
        ("destinationPortRange", 22),
    ],
)
def test_open_ssh_is_found_in_any_spelling(key: str, value: Any) -> None:
    assert _find_open_ssh(**{key: value}) == [
        "Let SSH in from named networks only: security rule 'in' lets in 'Internet'."
    ]


@pytest.mark.parametrize(
    "source",
    ["internet", "INTERNET", "any", "*", "AzureCloud", "Storage.WestEurope", "::/0", "2000::/3", "128.0.0.1/1"],
)
def test_every_source_that_is_not_known_to_be_inside_is_public(source: str) -> None:
    sentence = f"Let SSH in from named networks only: security rule 'in' lets in '{source}'."

    assert _find_open_ssh(sourceAddressPrefix=source) == [sentence]
    assert _find_open_ssh(sourceAddressPrefix=f"203.0.113.0/24, {source}") == [sentence]
    assert _find_open_ssh(sourceAddressPrefix=None, sourceAddressPrefixes=["203.0.113.0/24", source]) == [sentence]


def test_udp_from_a_tag_is_found() -> None:
    opened = {"securityRules": [{**_OPEN_SSH, "protocol": "UDP", "sourceAddressPrefix": "azurecloud"}]}

    assert list(network_rules.find_open_udp(opened)) == [
        "Let no UDP in from the internet: security rule 'in' does so from 'azurecloud'."
    ]


def test_a_last_denial_is_one_in_any_spelling() -> None:
    assert list(network_rules.find_no_last_denial({"securityRules": [_OPEN_SSH, _CLOSED]})) == []


def test_a_rule_after_the_denial_is_found_in_any_spelling() -> None:
    after = {**_OPEN_SSH, "direction": "inbound", "priority": 4001}

    assert list(network_rules.find_no_last_denial({"securityRules": [_CLOSED, after]})) == [
        "End the inbound rules with one that denies everything."
    ]
