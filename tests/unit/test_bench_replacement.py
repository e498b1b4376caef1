"""What a replacement took, as the bench reads it from the engine's events."""

import json

import pytest

from tests.bench import replacement

_KINDS = {
    "VirtualMachine": "azure-native:compute:VirtualMachine",
    "HostReady": "swarm:index:HostReady",
    "SwarmNode": "swarm:index:SwarmNode",
}


def _urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::azure-swarm::azure-swarm:components:Parent${_KINDS[kind]}::{name}"


def _step(event: str, time: int, operation: str, kind: str, name: str) -> str:
    step = {"op": operation, "urn": _urn(kind, name), "type": _KINDS[kind]}
    return json.dumps({"timestamp": time, event: {"metadata": step}})


def _said(time: int, name: str, message: str) -> str:
    event = {"urn": _urn("SwarmNode", name), "message": f"{message}\n", "severity": "info"}
    return json.dumps({"timestamp": time, "diagnosticEvent": event})


_BOOTS = [
    _step("resourcePreEvent", 100, "create", "VirtualMachine", "worker-0-aaaaaa"),
    _step("resourcePreEvent", 101, "create", "VirtualMachine", "worker-1-aaaaaa"),
    _step("resOutputsEvent", 103, "create", "VirtualMachine", "worker-0-aaaaaa"),
    _step("resourcePreEvent", 103, "create", "HostReady", "worker-0-aaaaaa-ready"),
    _step("resOutputsEvent", 108, "create", "HostReady", "worker-0-aaaaaa-ready"),
    _step("resOutputsEvent", 113, "create", "HostReady", "worker-1-aaaaaa-ready"),
    _step("resOutputsEvent", 114, "create", "SwarmNode", "worker-0-aaaaaa"),
]
_LEAVES = [
    _step("resourcePreEvent", 115, "delete", "SwarmNode", "worker-0-bbbbbb"),
    _step("resourcePreEvent", 116, "delete", "SwarmNode", "worker-1-bbbbbb"),
    _said(116, "worker-0-bbbbbb", "await others x"),
    _said(120, "worker-0-bbbbbb", "stop traffic"),
    _said(136, "worker-1-bbbbbb", "stop traffic"),
    _step("resOutputsEvent", 165, "delete", "SwarmNode", "worker-0-bbbbbb"),
    _step("resOutputsEvent", 176, "delete", "SwarmNode", "worker-1-bbbbbb"),
    json.dumps({"timestamp": 177, "summaryEvent": {}}),
]


def test_boots_and_leaves_are_told_by_host() -> None:
    seen = replacement.read([*_BOOTS, *_LEAVES])

    assert seen.boots == {"worker-0-aaaaaa": 8, "worker-1-aaaaaa": 12}
    assert seen.leaves == {"worker-0-bbbbbb": 50, "worker-1-bbbbbb": 60}
    assert seen.waits == {"worker-0-bbbbbb": 5, "worker-1-bbbbbb": 20}


def test_the_slowest_host_is_the_slowest_boot_and_the_slowest_leave() -> None:
    seen = replacement.read([*_BOOTS, *_LEAVES])

    assert seen.slowest_host == 72
    assert seen.describe() == "boot 12 s, leave 60 s of which 20 s until the replacements serve"


def test_a_log_without_a_replacement_is_refused() -> None:
    with pytest.raises(ValueError, match="got \\['worker-0-aaaaaa', 'worker-1-aaaaaa'\\] and \\[\\]"):
        replacement.read(_BOOTS)
