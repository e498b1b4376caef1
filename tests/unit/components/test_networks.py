"""Networks beside each other."""

import pytest

from components import networks


@pytest.mark.parametrize(
    "apart",
    [[], ["203.0.113.0/24"], ["203.0.113.0/25", "203.0.113.128/25"], ["10.0.0.0/8", "192.168.0.0/16"]],
)
def test_networks_stand_apart(apart: list[str]) -> None:
    assert networks.expected_apart(apart) is None


@pytest.mark.parametrize("other", ["203.0.113.0/24", "203.0.0.0/16", "203.0.113.10/32"])
def test_networks_that_overlap_are_refused(other: str) -> None:
    found = networks.expected_apart(["198.51.100.0/24", "203.0.113.0/24", other])

    assert found == f"a list in which no two overlap, as 203.0.113.0/24 and {other} do"


def test_a_vault_knows_networks_of_the_internet_only() -> None:
    given = ["203.0.113.0/24", "10.9.0.0/16", "172.16.0.0/12", "192.168.7.0/24", "172.32.0.0/16"]

    assert networks.list_public_networks(given) == ["203.0.113.0/24", "172.32.0.0/16"]


@pytest.mark.parametrize("given", [[], ["10.9.0.0/16", "192.168.7.0/24"]])
def test_a_vault_that_nobody_reads_is_refused(given: list[str]) -> None:
    assert networks.expected_public_network(given) == (
        "a list with a public network for the key vault, whose firewall knows no private ones"
    )
