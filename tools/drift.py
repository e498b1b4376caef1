"""What runs against what the state says: nodes, and services by path. Pure."""

import dataclasses
from typing import Any

from providers.swarm import host_names, specs
from tools import facts

__all__ = ["NOTHING", "Drift", "list_drift"]

NOTHING = "nothing"

_DIGEST_LENGTH = len("sha256:") + 12


@dataclasses.dataclass(frozen=True)
class Drift:
    """One difference: of what, what the state says, what was found."""

    what: str
    recorded: str
    found: str

    def __str__(self) -> str:
        return f"{self.what}: the state says {self.recorded}, found {self.found}"


def list_drift(recorded: facts.Recorded, swarm: facts.Swarm) -> list[Drift]:
    """Lists what differs, nodes first."""
    return [*_compare_nodes(recorded, swarm), *_compare_services(recorded, swarm)]


def _compare_nodes(recorded: facts.Recorded, swarm: facts.Swarm) -> list[Drift]:
    listed = {_name(swarm.name_node(node["ID"]), recorded): node for node in swarm.nodes}
    missing = [
        Drift(f"node {name}", str(node["role"]), NOTHING) for name, node in recorded.nodes.items() if name not in listed
    ]
    strange = [Drift(f"node {name}", NOTHING, node["Spec"]["Role"]) for name, node in listed.items()]
    changed = [
        one for name, node in listed.items() if name in recorded.nodes for one in _compare_node(name, node, recorded)
    ]
    return [*missing, *(one for one in strange if one.what.removeprefix("node ") not in recorded.nodes), *changed]


def _name(hostname: str, recorded: facts.Recorded) -> str:
    """Gives the name by which the state knows a node: with the domain, where it has one."""
    return next((host for host in recorded.nodes if host_names.names_host(hostname, host)), hostname)


def _compare_node(name: str, node: facts.Plain, recorded: facts.Recorded) -> list[Drift]:
    wanted, spec = recorded.nodes[name], node["Spec"]
    facts_of = [
        ("role", wanted.get("role", ""), spec["Role"]),
        ("availability", wanted.get("availability", "active"), spec["Availability"]),
        ("labels", _show_labels(wanted.get("labels")), _show_labels(spec.get("Labels"))),
    ]
    return [Drift(f"node {name} {what}", old, new) for what, old, new in facts_of if old != new]


def _show_labels(labels: Any) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "none"


def _compare_services(recorded: facts.Recorded, swarm: facts.Swarm) -> list[Drift]:
    running = {service["Spec"]["Name"]: service["Spec"] for service in swarm.services}
    drift: list[Drift] = []
    for name, spec in recorded.services.items():
        found = running.pop(name, None)
        drift += [Drift(f"service {name}", "a service", NOTHING)] if found is None else _compare_spec(name, spec, found)
    return [*drift, *(Drift(f"service {name}", NOTHING, "a service") for name in running)]


def _compare_spec(name: str, spec: facts.Plain, found: facts.Plain) -> list[Drift]:
    live = {key: value for key, value in found.items() if key != "Name"}
    observed = specs.observe(spec, live)
    paths = [path for path in specs.changed(spec, observed, "spec") if not _is_by_name(spec, path)]
    return [Drift(f"service {name} {path}", _show(spec, path), _show(observed, path)) for path in paths]


def _is_by_name(spec: facts.Plain, path: str) -> bool:
    """Tells of a reference to an external object: the state has its name, the engine its id (swarm/named.py)."""
    networks = spec["TaskTemplate"].get("Networks") or []
    named = any(str(one.get("Target", "")).startswith("net:") for one in networks)
    return (named and ".Networks" in path) or _show(spec, path).startswith(("config:", "secret:"))


def _show(spec: Any, path: str) -> str:
    """Shows the value at a path; what is long or not there by a word."""
    for key in path.replace("[", ".").replace("]", "").replace('"', "").split(".")[1:]:
        spec = _get(spec, key)
    if isinstance(spec, list) and all(isinstance(one, str) for one in spec):
        return ", ".join(spec) or NOTHING
    if isinstance(spec, dict | list):
        return "another" if spec else NOTHING
    if path.endswith(".Image") and spec:
        name, _, digest = str(spec).partition("@")
        return digest[:_DIGEST_LENGTH] or name
    return NOTHING if spec is None else str(spec)


def _get(value: Any, key: str) -> Any:
    if isinstance(value, list):
        return value[int(key)] if key.isdigit() and int(key) < len(value) else None
    return value.get(key) if isinstance(value, dict) else None
