"""The CrossGuard pack, as Pulumi starts and asks it, with the real pulumi-policy."""

import contextlib
import functools
import os
import pathlib
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from arm import registrations
from policy import rules
from tools import environments

_GROUP = "azure-native:network:NetworkSecurityGroup"
_INTERFACE = "azure-native:network:NetworkInterface"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.fixture(scope="module")
def analyzer(find_python: Callable[[str], pathlib.Path]) -> Iterator[Any]:
    """Gives the pack for prod."""
    with _analyze_for(find_python("policy"), "prod") as found:
        yield found


@contextlib.contextmanager
def _analyze_for(python: pathlib.Path, stack: str) -> Iterator[Any]:
    """Runs the pack, which prints its port as a plugin does; the engine tells it the stack by its environment."""
    command = [python, "-u", "policy", "127.0.0.1:1", "."]
    with (
        _run(command, {**os.environ, "PULUMI_STACK": stack}) as process,
        grpc.insecure_channel(f"127.0.0.1:{_read_port(process)}") as channel,
    ):
        yield analyzer_pb2_grpc.AnalyzerStub(channel)


@contextlib.contextmanager
def _run(command: list[Any], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, cwd=environments.ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _read_port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


@functools.cache
def _list_registrations() -> list[registrations.Registration]:
    return registrations.sort(environments.record("prod").resources)


def _find(token: str) -> registrations.Registration:
    return next(one for one in _list_registrations() if one.token == token)


def _make_properties(inputs: dict[str, Any]) -> struct_pb2.Struct:
    properties = struct_pb2.Struct()
    properties.update(inputs)
    return properties


def _analyze(analyzer: Any, one: registrations.Registration, **changes: Any) -> list[tuple[str, str]]:
    urn = f"urn:pulumi:prod::azure-swarm::{one.token}::{one.name}"
    properties = _make_properties({**one.inputs, **changes})
    request = analyzer_pb2.AnalyzeRequest(type=one.token, name=one.name, urn=urn, properties=properties)
    return [(found.policyName, found.message) for found in analyzer.Analyze(request).diagnostics]


def _analyze_stack(analyzer: Any, found: list[registrations.Registration]) -> list[str]:
    resources = [
        analyzer_pb2.AnalyzerResource(
            type=one.token,
            name=one.name,
            urn=f"urn:pulumi:prod::azure-swarm::{one.token}::{one.name}",
            properties=_make_properties(one.inputs),
        )
        for one in found
    ]
    answer = analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=resources))
    return [diagnostic.policyName for diagnostic in answer.diagnostics]


def test_the_pack_lists_every_rule_as_mandatory(analyzer: Any) -> None:
    told = analyzer.GetAnalyzerInfo(empty_pb2.Empty()).policies

    assert {one.name for one in told} == {one.name for one in (*rules.RULES, *rules.STACK_RULES)}
    assert {one.enforcementLevel for one in told} == {analyzer_pb2.MANDATORY}


def test_in_dev_every_rule_is_advice(find_python: Callable[[str], pathlib.Path]) -> None:
    with _analyze_for(find_python("policy"), "dev") as dev:
        told = dev.GetAnalyzerInfo(empty_pb2.Empty()).policies

    assert {one.enforcementLevel for one in told} == {analyzer_pb2.ADVISORY}


def test_the_pack_finds_nothing_in_prod(analyzer: Any) -> None:
    found = [line for one in _list_registrations() for line in _analyze(analyzer, one)]

    assert found == []
    assert _analyze_stack(analyzer, _list_registrations()) == []


def test_the_pack_finds_what_the_rule_finds(analyzer: Any) -> None:
    group = _find(_GROUP)
    opened = [{**group.inputs["securityRules"][0], "sourceAddressPrefix": "*"}, *group.inputs["securityRules"][1:]]

    ((name, message),) = _analyze(analyzer, group, securityRules=opened)
    assert name == "ssh-from-named-networks"
    assert "Let SSH in from named networks only: security rule 'operator-ssh' lets in '*'." in message


def test_a_rule_does_not_guess_at_what_a_preview_does_not_know(analyzer: Any) -> None:
    ((name, message),) = _analyze(analyzer, _find("azure-native:network:Subnet"), networkSecurityGroup=_UNKNOWN)

    assert name == "subnet-has-a-security-group"
    assert "during preview" in message


def test_the_pack_looks_at_the_stack_as_a_whole(analyzer: Any) -> None:
    public = [{"name": "primary", "publicIPAddress": {"id": "/a"}}]
    interfaces = [
        registrations.Registration(token=_INTERFACE, name=name, inputs={"ipConfigurations": public}) for name in "ab"
    ]

    assert _analyze_stack(analyzer, interfaces) == ["one-way-in"]
