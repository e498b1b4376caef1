"""Nothing leaves before its replacement runs: global services, and the load balancer's sight of them. A pure judgement.

A replicated service's tasks are moved (evacuation.py). A global one has its task on a new node as soon as swarm gets to
it, and a load balancer sends there once its probe has succeeded: a node that leaves before both would take away what
still answers.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from providers.swarm import host_names, judgement

Plain = Mapping[str, Any]

# The engine writes nanoseconds; datetime reads six digits.
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?Z")


def list_missing(
    services: Sequence[Plain],
    tasks: Sequence[Plain],
    nodes: Sequence[Plain],
    *,
    leaving: str,
    now: datetime.datetime,
    seen_seconds: float,
) -> list[str]:
    """Lists what the nodes that stay do not do yet, as text; empty when the node with id `leaving` may go.

    A global service must run on every other node that takes its tasks; one that publishes ports must have run there
    for `seen_seconds`, the load balancer's probe interval times its threshold. `now` is the managers' time.
    """
    names = {node["ID"]: host_names.read_hostname(node) or node["ID"] for node in nodes}
    missing: list[str] = []
    for service in services:
        if "Global" not in service["Spec"]["Mode"]:
            continue
        seconds = seen_seconds if (service["Spec"].get("EndpointSpec") or {}).get("Ports") else 0.0
        for node_id in judgement.list_eligible(service, nodes):
            if node_id != leaving and not _runs(service, tasks, node_id, now, seconds):
                missing.append(f"{service['Spec']['Name']} on {names[node_id]}")
    return missing


def _runs(service: Plain, tasks: Sequence[Plain], node_id: str, now: datetime.datetime, seconds: float) -> bool:
    return any(
        (now - read_time(task["Status"]["Timestamp"])).total_seconds() >= seconds
        for task in tasks
        if task["ServiceID"] == service["ID"]
        and task.get("NodeID") == node_id
        and task["DesiredState"] == "running"
        and task["Status"]["State"] == "running"
    )


def read_time(text: str) -> datetime.datetime:
    """Reads a time as the engine writes it (RFC 3339 with nanoseconds, UTC)."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"expected a time such as 2026-11-25T01:02:03.123456789Z; got {text!r}")
    fraction = (found[2] or "").ljust(6, "0")
    return datetime.datetime.fromisoformat(f"{found[1]}.{fraction}+00:00")
