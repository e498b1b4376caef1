"""What a replacement of workers took, host by host, as Pulumi's engine tells it: a log of events, read; pure.

The engine stamps events with whole seconds.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

_READY = "-ready"
_TRAFFIC = "stop traffic"


@dataclasses.dataclass(frozen=True)
class Replacement:
    """Seconds by host: from a machine's creation until HostReady, from the beginning of a node's removal until its end.

    `waits` are the part of a removal before its readiness answer turns to no: until what replaces it serves.
    """

    boots: Mapping[str, float]
    leaves: Mapping[str, float]
    waits: Mapping[str, float]

    @property
    def slowest_host(self) -> float:
        """The slowest boot plus the slowest removal."""
        return max(self.boots.values()) + max(self.leaves.values())

    def describe(self) -> str:
        """Tells the slowest of each as text."""
        boot, leave, wait = (max(one.values()) for one in (self.boots, self.leaves, self.waits))
        return f"boot {boot:g} s, leave {leave:g} s of which {wait:g} s until the replacements serve"


def read(lines: Iterable[str]) -> Replacement:
    """Reads an event log, one JSON object a line. Raises `ValueError` when it shows no replacement."""
    events = [json.loads(line) for line in lines]
    booting, ready = _find(events, "create", "VirtualMachine", "began"), _find(events, "create", "HostReady", "ended")
    leaving, left = _find(events, "delete", "SwarmNode", "began"), _find(events, "delete", "SwarmNode", "ended")
    boots = {host: ready[f"{host}{_READY}"] - began for host, began in booting.items()}
    leaves = {host: left[host] - began for host, began in leaving.items()}
    if not boots or not leaves:
        raise ValueError(f"expected hosts that come and hosts that leave; got {sorted(boots)} and {sorted(leaves)}")
    no = _find_said(events, _TRAFFIC)
    return Replacement(boots, leaves, {host: no[host] - began for host, began in leaving.items()})


def _find(events: Iterable[Mapping[str, Any]], operation: str, kind: str, moment: str) -> dict[str, float]:
    """Finds by resource name when its operation began or ended."""
    key = {"began": "resourcePreEvent", "ended": "resOutputsEvent"}[moment]
    steps = [(event["timestamp"], event[key]["metadata"]) for event in events if key in event]
    return {
        _name(step["urn"]): float(time)
        for time, step in steps
        if step["op"] == operation and step["type"].rpartition(":")[2] == kind
    }


def _find_said(events: Iterable[Mapping[str, Any]], message: str) -> dict[str, float]:
    """Finds by resource name when a line was shown beside it."""
    said = [(event["timestamp"], event["diagnosticEvent"]) for event in events if "diagnosticEvent" in event]
    return {_name(one["urn"]): float(time) for time, one in said if one["message"].strip() == message}


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
