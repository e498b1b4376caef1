"""What is read from a state and from outputs."""

import json
from typing import Any

import pytest

import tools
from tools import recorded

_SECRET = "4dabf18193072939515e22adb298388d"
ACCESS = {"user": "azureuser", "caPublicKey": "ssh-ed25519 CA", "jumpAddress": "127.0.0.2", "jumpName": "jump-0"}


def _export(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"deployment": {"resources": list(resources)}}


def _make_service(name: str, **inputs: Any) -> dict[str, Any]:
    spec = {"TaskTemplate": {"ContainerSpec": {"Image": "web"}}}
    return {"type": "swarm:index:Service", "inputs": {"name": name, "spec": spec, **inputs}}


def _hide(value: Any) -> dict[str, str]:
    return {_SECRET: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(value)}


def test_memberships_and_services_are_read() -> None:
    node = {"type": "swarm:index:SwarmNode", "inputs": {"host": "manager-0", "role": "manager"}}

    read = recorded.read(_export(node, _make_service("shop_web"), {"type": "other", "inputs": {}}))

    assert (list(read.nodes), list(read.services), read.managers) == (["manager-0"], ["shop_web"], ["manager-0"])


def test_hosts_are_those_that_are_waited_for_and_those_that_are_members() -> None:
    ready = [{"type": "swarm:index:HostReady", "inputs": {"host": host}} for host in ("box", "manager-0")]
    node = {"type": "swarm:index:SwarmNode", "inputs": {"host": "manager-0", "role": "manager"}}

    assert recorded.list_hosts(_export(*ready, node)) == ["box", "manager-0"]


def test_what_waits_for_its_deletion_does_not_count() -> None:
    assert recorded.read(_export({**_make_service("shop_web"), "delete": True})).services == {}


def test_a_spec_that_is_secret_as_a_whole_is_not_compared() -> None:
    assert recorded.read(_export(_make_service("shop_web", spec=_hide({})))).services == {}


@pytest.mark.parametrize("export", [None, {}, {"deployment": {}}])
def test_an_empty_state_says_nothing(export: dict[str, Any] | None) -> None:
    assert recorded.read(export).nodes == {}


def test_every_login_is_tried_once() -> None:
    login = {"username": "u", "password": "p", "serveraddress": "registry"}
    services = [_make_service(name, registryAuth=_hide(login)) for name in ("a", "b")]

    assert recorded.list_logins(_export(*services, _make_service("c"))) == [login]


@pytest.mark.parametrize(("address", "jump"), [("127.0.0.2", "127.0.0.2"), ("", None)])
def test_the_way_is_made_of_outputs(address: str, jump: str | None) -> None:
    way = recorded.make_way({"access": {**ACCESS, "jumpAddress": address}, "operatorKey": "key"})

    assert (way.jump_host, way.jump_name, way.user, way.private_key) == (jump, "jump-0", "azureuser", "key")


def test_the_way_may_be_a_proxy_command() -> None:
    way = recorded.make_way({"access": {**ACCESS, "jumpAddress": "", "proxyCommand": "gate %h"}, "operatorKey": "key"})

    assert (way.jump_host, way.proxy_command) == (None, "gate %h")


@pytest.mark.parametrize("outputs", [{}, {"operatorKey": "key"}, {"access": ACCESS}])
def test_a_stack_of_an_earlier_version_tells_no_way(outputs: dict[str, Any]) -> None:
    with pytest.raises(tools.ToolError) as caught:
        recorded.make_way(outputs)

    assert str(caught.value) == (
        "The stack does not say how its hosts are reached; 'make up' adds the output 'access'."
    )


def test_the_way_of_the_provider_is_found_where_there_are_no_outputs() -> None:
    inputs = {
        "user": "u",
        "caPublicKey": "CA",
        "operatorPrivateKey": _hide("key"),
        "jumpHost": "127.0.0.2",
        "jumpPort": "22",
    }

    instances = [{"type": "pulumi:providers:swarm", "inputs": one} for one in ({}, inputs)]

    way = recorded.find_way(_export(*instances))

    assert way is not None
    assert (way.jump_host, way.jump_port, way.private_key) == ("127.0.0.2", 22, "key")


def test_a_state_without_the_provider_has_no_way() -> None:
    assert recorded.find_way(_export()) is None


@pytest.mark.parametrize("given", ["worker-0-0a1b2c", "worker-0"])
def test_a_host_is_named_with_its_generation_or_without(given: str) -> None:
    assert recorded.require_host(given, ["worker-0-0a1b2c", "worker-1-0a1b2c"]) == "worker-0-0a1b2c"


@pytest.mark.parametrize("given", ["worker-1", "worker", ""])
def test_a_name_of_no_host_or_of_two_is_refused(given: str) -> None:
    with pytest.raises(tools.ToolError) as caught:
        recorded.require_host(given, ["worker-1-3d4e5f", "worker-1-0a1b2c"])

    assert str(caught.value) == f"HOST must be one of worker-1-0a1b2c, worker-1-3d4e5f; got '{given}'."


def test_nodes_of_the_outputs_that_the_state_lost_are_listed() -> None:
    outputs = {
        "nodes": [{"name": name, "role": "worker"} for name in ("w-0", "w-1")] + [{"name": "box", "role": "host"}]
    }
    resources = [
        {"type": "swarm:index:SwarmNode", "inputs": {"host": "w-0"}},
        {"type": "swarm:index:HostReady", "inputs": {"host": "w-1"}},
        {"type": "swarm:index:HostReady", "inputs": {"host": "box"}},
    ]

    assert recorded.list_missing(_export(*resources), outputs) == ["w-1"]
