"""The names of hosts, by themselves and as Docker says them."""

from typing import Any

import pytest

from providers.swarm import host_names


@pytest.mark.parametrize(
    ("host", "logical"),
    [
        ("worker-0-3fa9c1", "worker-0"),
        ("worker-0", "worker-0"),
        ("worker-0-3fa9c", "worker-0-3fa9c"),
        ("worker-0-3fa9cg", "worker-0-3fa9cg"),
        ("worker-0-3FA9C1", "worker-0-3FA9C1"),
        ("", ""),
    ],
)
def test_a_logical_name_has_no_generation(host: str, logical: str) -> None:
    assert host_names.strip_generation(host) == logical


@pytest.mark.parametrize(
    ("hostname", "host", "same"),
    [
        ("m2", "m2", True),
        ("m2", "m2.example.org", True),
        ("m2.example.org", "m2", True),
        ("M2", "m2.Example.org", True),
        ("m2.example.org", "m2.example.org", True),
        ("m2.example.org", "m2.example.com", False),
        ("m2", "m20.example.org", False),
        ("m1", "m2.example.org", False),
        ("", "m2", False),
    ],
)
def test_a_docker_hostname_is_that_of_a_host_or_not(hostname: str, host: str, same: bool) -> None:
    assert host_names.names_host(hostname, host) is same


def test_a_docker_hostname_is_that_of_one_of_several_hosts_or_of_none() -> None:
    assert host_names.is_any("m2", ["m1.example.org", "m2.example.org"]) is True
    assert host_names.is_any("m3", ["m1.example.org", "m2.example.org"]) is False


@pytest.mark.parametrize("node", [{}, {"Description": None}, {"Description": {}}])
def test_a_node_that_has_just_joined_has_no_hostname_yet(node: dict[str, Any]) -> None:
    assert host_names.read_hostname(node) == ""


def test_a_node_has_the_hostname_that_it_described() -> None:
    assert host_names.read_hostname({"Description": {"Hostname": "m2"}}) == "m2"
