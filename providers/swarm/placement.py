"""Which node may run a task: placement constraints, evaluated as swarmkit does. Pure.

The program asks the same questions of the nodes that it plans (`components/placement.py`).

https://docs.docker.com/reference/compose-file/deploy/#placement
"""

import dataclasses
import ipaddress
import re
from collections.abc import Mapping
from typing import Any

_CONSTRAINT = re.compile(r"\s*([A-Za-z_][\w.\-]+)\s*(==|!=)\s*(.+?)\s*")
_NODE_LABEL, _ENGINE_LABEL = "node.labels.", "engine.labels."
_NOUNS = {
    "node.id": "id",
    "node.hostname": "host name",
    "node.ip": "address",
    "node.role": "role",
    "node.platform.os": "operating system",
    "node.platform.arch": "architecture",
}


@dataclasses.dataclass(frozen=True)
class Constraint:
    """A constraint, read: the key's fact is to be this value, or another."""

    key: str
    equal: bool
    value: str

    @property
    def lack(self) -> str:
        """Says what is wrong with a node that does not satisfy it, such as "label disk is not 'ssd'"."""
        noun = _name_fact(self.key)
        if not noun:
            return f"swarm knows no {self.key}"
        return f"{noun} is not '{self.value}'" if self.equal else f"{noun} is '{self.value}'"


def parse(text: str) -> Constraint | None:
    """Reads a constraint; None when it is none: the engine refuses a service that has it."""
    found = _CONSTRAINT.fullmatch(text)
    if found is None:
        return None
    key, operator, value = found.groups()
    return Constraint(_fold(key), operator == "==", value)


def holds(constraint: Constraint, fact: str | None) -> bool:
    """Compares a node's fact with the constraint; None is a fact that swarm does not know of."""
    if fact is None:
        return False
    same = _is_in(fact, constraint.value) if constraint.key == "node.ip" else fact.lower() == constraint.value.lower()
    return same is constraint.equal


def is_ready(node: Mapping[str, Any]) -> bool:
    """Tells whether the managers hear from a node."""
    return bool(node["Status"]["State"] == "ready")


def takes_tasks(node: Mapping[str, Any]) -> bool:
    """Tells whether new tasks may start on a node."""
    return is_ready(node) and bool(node["Spec"]["Availability"] == "active")


def satisfies(node: Mapping[str, Any], constraint: str) -> bool:
    """Evaluates one constraint; one that nobody understands holds nobody up."""
    read = parse(constraint)
    return read is None or holds(read, _find_fact(node, read.key))


def _name_fact(key: str) -> str:
    for prefix, noun in ((_NODE_LABEL, "label"), (_ENGINE_LABEL, "engine label")):
        if key.startswith(prefix):
            return f"{noun} {key.removeprefix(prefix)}"
    return _NOUNS.get(key, "")


def _fold(key: str) -> str:
    """Makes all but the label's own name lower-case: swarm takes `Node.Role` too."""
    for prefix in (_NODE_LABEL, _ENGINE_LABEL):
        if key.lower().startswith(prefix):
            return prefix + key[len(prefix) :]
    return key.lower()


def _is_in(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _find_fact(node: Mapping[str, Any], key: str) -> str | None:
    description = node.get("Description") or {}
    if key.startswith(_NODE_LABEL):
        return str((node["Spec"].get("Labels") or {}).get(key.removeprefix(_NODE_LABEL), ""))
    if key.startswith(_ENGINE_LABEL):
        labels = (description.get("Engine") or {}).get("Labels") or {}
        return str(labels.get(key.removeprefix(_ENGINE_LABEL), ""))
    platform = description.get("Platform") or {}
    facts = {
        "node.id": node["ID"],
        "node.role": node["Spec"]["Role"],
        "node.hostname": description.get("Hostname", ""),
        "node.ip": (node.get("Status") or {}).get("Addr", ""),
        "node.platform.os": platform.get("OS", ""),
        "node.platform.arch": platform.get("Architecture", ""),
    }
    return facts.get(key)
