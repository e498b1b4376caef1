"""The swarm provider as the engine runs it: its executable, spoken to over gRPC."""

import json
import pathlib
import subprocess
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import asyncssh
import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from providers.kit import wire
from providers.swarm import plugin
from tests.provider.plugin_client import PluginClient, run_command

UNKNOWN = wire.UNKNOWN_STRING
_EXECUTABLE = pathlib.Path(plugin.__file__).parent / "bin" / "pulumi-resource-swarm"
_SECRET_KEY = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_SPEC = {"TaskTemplate": {"ContainerSpec": {"Image": "web"}}, "Mode": {"Replicated": {"Replicas": 2}}}


def _token(kind: str) -> str:
    return f"swarm:index:{kind}"


def _secret(value: Any) -> dict[str, Any]:
    return {_SECRET_KEY: _SECRET, "value": value}


@pytest.fixture(scope="module")
def swarm() -> Iterator[PluginClient]:
    """A plugin without connection facts, as the engine's default provider is."""
    with run_command([str(_EXECUTABLE), "127.0.0.1:1"]) as client:
        client.configure({})
        yield client


@pytest.fixture(scope="module")
def lost() -> Iterator[PluginClient]:
    """A plugin whose hosts are all gone."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    with run_command([str(_EXECUTABLE), "127.0.0.1:1"]) as client:
        client.configure(
            {
                "user": "azureuser",
                "operatorPrivateKey": _secret(key.export_private_key().decode()),
                "caPublicKey": key.export_public_key().decode(),
                "managers": ["manager-0.invalid"],
            }
        )
        yield client


def test_the_schema_is_printed_and_served(swarm: PluginClient) -> None:
    printed = subprocess.run([str(_EXECUTABLE), "--schema"], check=True, capture_output=True, text=True).stdout
    served = swarm.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema

    assert json.loads(printed) == json.loads(served) == plugin.make_plugin().schema()


def test_the_plugin_tells_its_version(swarm: PluginClient) -> None:
    assert swarm.stub.GetPluginInfo(empty_pb2.Empty()).version == "0.1.0"


_TYPES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("SshAuthority", {"comment": UNKNOWN}, {}),
    ("HostIdentity", {"name": "h", "principals": UNKNOWN, "caPrivateKey": _secret(UNKNOWN)}, {}),
    ("RandomToken", {}, {"length": 32}),
    ("HostReady", {"host": UNKNOWN}, {"timeoutSeconds": 900}),
    ("Swarm", {"managers": [UNKNOWN]}, {"autolock": False, "taskHistoryLimit": 5, "tokenRotation": ""}),
    (
        "SwarmNode",
        {"host": UNKNOWN, "role": "worker"},
        {"labels": {}, "availability": "active", "drainSeconds": 0, "timeoutSeconds": 180},
    ),
    ("Network", {"name": "n", "spec": {"Labels": {"a_b": UNKNOWN}}}, {}),
    ("Config", {"name": "c", "data": UNKNOWN}, {"labels": {}}),
    ("Secret", {"name": "s", "data": _secret(UNKNOWN)}, {"labels": {}}),
    ("Service", {"name": "s", "spec": {"TaskTemplate": {"Image": UNKNOWN}}}, {"timeoutSeconds": 600}),
]


def _bare(value: Any) -> Any:
    """Takes secrets out of their wrapping, as the engine does for a provider that takes none."""
    if isinstance(value, dict):
        return _bare(value["value"]) if _SECRET_KEY in value else {key: _bare(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize(("kind", "inputs", "defaults"), _TYPES, ids=[row[0] for row in _TYPES])
def test_a_check_fills_defaults_and_lets_unknown_values_pass(
    swarm: PluginClient, kind: str, inputs: dict[str, Any], defaults: dict[str, Any]
) -> None:
    checked, failures = swarm.check(_token(kind), inputs)

    assert failures == {}
    assert _bare(checked) == _bare(inputs) | defaults


@pytest.mark.parametrize(("kind", "inputs", "defaults"), _TYPES, ids=[row[0] for row in _TYPES])
def test_a_preview_of_a_create_gives_every_output_and_makes_nothing(
    swarm: PluginClient, kind: str, inputs: dict[str, Any], defaults: dict[str, Any]
) -> None:
    resource_id, state = swarm.create(_token(kind), _bare(inputs) | defaults, preview=True)

    outputs = set(plugin.make_plugin().schema()["resources"][_token(kind)]["required"])
    assert resource_id == ""
    assert {_bare(state)[name] for name in outputs} == {UNKNOWN}


def test_the_name_of_known_content_is_known_in_a_preview(swarm: PluginClient) -> None:
    _, state = swarm.create(_token("Config"), {"name": "c", "data": "YQ==", "labels": {}}, preview=True)

    assert state["objectName"].startswith("c-")
    assert state["configId"] == UNKNOWN


_STATES: list[tuple[str, dict[str, Any], dict[str, Any], set[str], bool]] = [
    ("SshAuthority", {"comment": "a"}, {"comment": "b"}, {"comment"}, False),
    (
        "HostIdentity",
        {"name": "h", "principals": ["a"], "caPrivateKey": "k"},
        {"principals": ["b"]},
        {"principals[0]"},
        False,
    ),
    ("RandomToken", {"length": 32}, {"length": 40}, {"length"}, False),
    ("HostReady", {"host": "a", "timeoutSeconds": 1}, {"host": "b"}, {"host"}, False),
    ("Swarm", {"managers": ["a"], "autolock": False}, {"managers": ["a", "b"]}, set(), False),
    ("SwarmNode", {"host": "a", "role": "worker"}, {"role": "manager", "host": "b"}, {"host"}, False),
    ("Network", {"name": "n", "spec": {"Internal": True}}, {"spec": {"Internal": False}}, {"spec.Internal"}, False),
    ("Network", {"name": "n", "spec": {}}, {"name": "m"}, {"name"}, False),
    ("Config", {"name": "c", "data": "YQ=="}, {"data": "Yg==", "labels": {"a": "b"}}, {"data"}, False),
    ("Secret", {"name": "c", "data": "YQ=="}, {"driver": {"Name": "v"}}, {"driver"}, False),
    ("Service", {"name": "s", "spec": _SPEC}, {"spec": {**_SPEC, "Mode": {"Global": {}}}}, {"spec.Mode"}, True),
    ("Service", {"name": "s", "spec": _SPEC}, {"spec": {**_SPEC, "Labels": {"a": "b"}}}, set(), False),
]


@pytest.mark.parametrize(("kind", "state", "changes", "replaces", "first"), _STATES)
def test_a_diff_tells_what_replaces(
    swarm: PluginClient, kind: str, state: dict[str, Any], changes: dict[str, Any], replaces: set[str], first: bool
) -> None:
    answer = swarm.diff(_token(kind), "id", state, state | changes)

    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert set(answer.replaces) == replaces
    assert answer.deleteBeforeReplace is first


@pytest.mark.parametrize(("kind", "state"), [(row[0], row[1]) for row in _STATES])
def test_a_diff_of_the_same_shows_nothing(swarm: PluginClient, kind: str, state: dict[str, Any]) -> None:
    answer = swarm.diff(_token(kind), "id", state, state)

    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert dict(answer.detailedDiff) == {}


def test_a_diff_names_the_path_in_a_spec(swarm: PluginClient) -> None:
    new = {**_SPEC, "TaskTemplate": {"ContainerSpec": {"Image": "web@sha256:2"}}}

    answer = swarm.diff(_token("Service"), "id", {"name": "s", "spec": _SPEC}, {"name": "s", "spec": new})

    assert set(answer.detailedDiff) == {"spec.TaskTemplate.ContainerSpec.Image"}


def test_a_preview_of_an_update_keeps_the_outputs(swarm: PluginClient) -> None:
    old = {"managers": ["a"], "swarmId": "s1", "addressBook": ["a"]}

    state = swarm.update(_token("Swarm"), "s1", old, {"managers": ["b"]}, preview=True)

    assert (state["swarmId"], state["addressBook"]) == ("s1", ["b", "a"])


def test_keys_are_made_and_secret(swarm: PluginClient) -> None:
    _, authority = swarm.create(_token("SshAuthority"), {"comment": "c"})
    wish = {"name": "h", "principals": ["h"], "caPrivateKey": _bare(authority["caPrivateKey"])}
    _, identity = swarm.create(_token("HostIdentity"), wish)
    _, token = swarm.create(_token("RandomToken"), {"length": 32})

    secrets = [authority["caPrivateKey"], authority["operatorPrivateKey"], identity["privateKey"], token["value"]]
    assert [value[_SECRET_KEY] for value in [*secrets, identity["caPrivateKey"]]] == [_SECRET] * 5
    assert identity["certificate"].startswith("ssh-ed25519-cert-v01@openssh.com ")


def test_a_bad_input_is_refused_by_path(swarm: PluginClient) -> None:
    _, failures = swarm.check(_token("SwarmNode"), {"host": "h", "role": "boss", "label": {}})

    assert failures["role"] == "'role' must be one of worker, manager; got 'boss'"
    assert failures["label"].startswith("expected one of host, role, labels")


def test_without_connection_facts_the_error_is_one_sentence(swarm: PluginClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        swarm.create(_token("Network"), {"name": "n", "spec": {}})

    assert caught.value.details().startswith("The swarm provider has no connection facts: give the resource")


def test_a_swarm_that_does_not_answer_is_one_sentence(lost: PluginClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        lost.create(_token("Network"), {"name": "n", "spec": {}})

    said = caught.value.details()
    assert said.startswith("No manager of the swarm answers (manager-0.invalid: cannot be reached): Host '")
    assert "cannot be reached over SSH: " in said


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("HostReady", {"host": "manager-0.invalid"}),
        ("Swarm", {"managers": ["manager-0.invalid"], "swarmId": "id"}),
        ("SwarmNode", {"host": "worker-0.invalid", "role": "worker", "availability": "active", "nodeId": "id"}),
        ("SwarmNode", {"host": "manager-0.invalid", "role": "manager", "availability": "active", "nodeId": "id"}),
        ("Network", {"name": "n", "spec": {}}),
        ("Config", {"name": "c", "data": ""}),
        ("Secret", {"name": "c", "data": ""}),
        ("Service", {"name": "s", "spec": _SPEC}),
    ],
)
def test_what_went_with_its_hosts_reads_as_gone_and_is_deleted(
    lost: PluginClient, kind: str, state: dict[str, Any]
) -> None:
    lost.delete(_token(kind), "id", state)

    assert lost.read(_token(kind), "id", state)[0] == ""


def test_an_interrupted_wait_ends_at_once(lost: PluginClient) -> None:
    request = {"host": "host-0.invalid", "timeoutSeconds": 900}

    with futures.ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(lost.create, _token("HostReady"), request)
        # Until the request has arrived, a Cancel finds nothing to interrupt.
        while not futures.wait([waiting], timeout=0.2).done:
            lost.stub.Cancel(empty_pb2.Empty())

    error = waiting.exception()
    assert isinstance(error, grpc.RpcError)
    assert error.code() is grpc.StatusCode.CANCELLED


@pytest.mark.parametrize("parents", ["", "azure-swarm:components:SwarmCluster$"])
@pytest.mark.parametrize(
    ("managers", "changes", "paths"),
    [
        (["b"], provider_pb2.DiffResponse.DIFF_SOME, {"managers[0]"}),
        (["a"], provider_pb2.DiffResponse.DIFF_NONE, set()),
    ],
)
def test_changed_connection_facts_are_an_update_in_place(
    swarm: PluginClient, managers: list[str], changes: int, paths: set[str], parents: str
) -> None:
    request = provider_pb2.DiffRequest(urn=f"urn:pulumi:test::project::{parents}pulumi:providers:swarm::p")
    request.olds.update({"managers": ["a"]})
    request.news.update({"managers": managers})

    answer = swarm.stub.DiffConfig(request)

    assert answer.changes == changes
    assert set(answer.detailedDiff) == paths
    assert list(answer.replaces) == []
