"""Which node may run a task: placement constraints, evaluated as swarmkit does. Pure.

https://docs.docker.com/reference/compose-file/deploy/#placement
"""

import re
from collections.abc import Mapping
from typing import Any

_CONSTRAINT = re.compile(r"\s*([\w.\-]+)\s*(==|!=)\s*(.+?)\s*")


def is_ready(node: Mapping[str, Any]) -> bool:
    """Tells whether the managers hear from a node."""
    return bool(node["Status"]["State"] == "ready")


def takes_tasks(node: Mapping[str, Any]) -> bool:
    """Tells whether new tasks may start on a node."""
    return is_ready(node) and bool(node["Spec"]["Availability"] == "active")


def satisfies(node: Mapping[str, Any], constraint: str) -> bool:
    """Evaluates one constraint; one that nobody understands holds nobody up."""
    found = _CONSTRAINT.fullmatch(constraint)
    if found is None:
        return True
    key, operator, value = found.groups()
    return (_fact(node, key).lower() == value.lower()) is (operator == "==")


def _fact(node: Mapping[str, Any], key: str) -> str:
    description = node.get("Description") or {}
    if key.startswith("node.labels."):
        return str((node["Spec"].get("Labels") or {}).get(key.removeprefix("node.labels."), ""))
    if key.startswith("engine.labels."):
        labels = (description.get("Engine") or {}).get("Labels") or {}
        return str(labels.get(key.removeprefix("engine.labels."), ""))
    platform = description.get("Platform") or {}
    facts = {
        "node.id": node["ID"],
        "node.role": node["Spec"]["Role"],
        "node.hostname": description.get("Hostname", ""),
        "node.platform.os": platform.get("OS", ""),
        "node.platform.arch": platform.get("Architecture", ""),
    }
    return str(facts.get(key, ""))
