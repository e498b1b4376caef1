"""What runs on a stack: from its outputs, from the swarm itself where a manager answers, and from its addresses."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tools import drift, facts, quorum, tables

__all__ = ["Status", "make_json", "make_status", "make_table"]

_NONE = "-"
_DIGEST_LENGTH = len("sha256:") + 12
_LONGEST_ERROR = 60


@dataclasses.dataclass(frozen=True)
class Status:
    """The stack's outputs in the order in which they are shown."""

    stack: str
    nodes: Sequence[Mapping[str, Any]]
    services: Mapping[str, str]
    urls: Mapping[str, str]
    registry: str
    ssh: str

    @property
    def has_swarm(self) -> bool:
        """Tells whether there is a swarm: with `composeTarget: host` there is one host and none."""
        return all(node["role"] != "host" for node in self.nodes)


def make_status(stack: str, outputs: Mapping[str, Any]) -> Status:
    """Make the status from `pulumi stack output --json`."""
    services = {
        f"{name}_{service}": image
        for name, images in sorted(outputs.get("stacks", {}).items())
        for service, image in sorted(images.items())
    }
    nodes = sorted(outputs.get("nodes", []), key=lambda node: (node["role"], node["name"]))
    urls = dict(sorted(outputs.get("ingress", {}).items()))
    return Status(stack, nodes, services, urls, outputs.get("registry", ""), outputs.get("ssh", ""))


def make_table(
    status: Status,
    answers: Mapping[str, facts.Answer],
    recorded: facts.Recorded,
    seen: facts.Swarm | None,
    trouble: str,
) -> str:
    """Make the text that `make status` prints; what no manager told is left to what the state says."""
    urls = [[name, url, answers[name].text] for name, url in status.urls.items()]
    parts = [
        *(_tell_swarm(status, recorded, seen) if seen else _tell_outputs(status, trouble)),
        tables.make_columns(["PORT", "URL", "ANSWER"], urls),
    ]
    return "\n\n".join(part for part in parts if part)


def _tell_outputs(status: Status, trouble: str) -> list[str]:
    nodes = [[node["name"], node["role"], node["privateIp"], node.get("zone") or _NONE] for node in status.nodes]
    services = [[name, *_split_image(image)] for name, image in status.services.items()]
    silent = f"No manager answers, so this is what the state says. {trouble}." if trouble else ""
    return [
        silent,
        tables.make_columns(["NODE", "ROLE", "ADDRESS", "ZONE"], nodes),
        tables.make_columns(["SERVICE", "IMAGE", "DIGEST"], services),
    ]


def _tell_swarm(status: Status, recorded: facts.Recorded, seen: facts.Swarm) -> list[str]:
    differing = drift.list_drift(recorded, seen)
    return [
        _tabulate(list_nodes(status, seen)),
        _tabulate(list_services(seen)),
        _tabulate(list_tasks(seen)),
        f"QUORUM  {quorum.read(seen.nodes)}",
        "DRIFT   " + ("\n        ".join(str(one) for one in differing) or "none"),
    ]


def _tabulate(rows: Sequence[Mapping[str, str]]) -> str:
    heads = [key.upper() for key in rows[0]] if rows else []
    return tables.make_columns(heads, [[_shorten(key, cell) for key, cell in row.items()] for row in rows])


def _shorten(key: str, cell: str) -> str:
    if key == "digest":
        return cell[:_DIGEST_LENGTH] or _NONE
    return (cell if len(cell) <= _LONGEST_ERROR or key != "error" else f"{cell[:_LONGEST_ERROR]}...") or _NONE


def list_nodes(status: Status, seen: facts.Swarm) -> list[dict[str, str]]:
    """Lists the swarm's nodes, and those that should be there and are not."""
    zones = {node["name"]: node.get("zone") or "" for node in status.nodes}
    listed = [_describe_node(node, zones) for node in seen.nodes]
    names = {node["node"] for node in listed}
    missing = [
        _row_of_node(node["name"], node["role"], "", "missing", "", "", node["privateIp"], zones[node["name"]])
        for node in status.nodes
        if node["name"] not in names
    ]
    return sorted([*listed, *missing], key=lambda node: (node["role"], node["node"]))


def _describe_node(node: facts.Plain, zones: Mapping[str, str]) -> dict[str, str]:
    description, manager = node.get("Description") or {}, node.get("ManagerStatus") or {}
    name = str(description.get("Hostname", node["ID"]))
    says = "leader" if manager.get("Leader") else str(manager.get("Reachability", ""))
    engine = str((description.get("Engine") or {}).get("EngineVersion", ""))
    spec, state = node["Spec"], node["Status"]
    return _row_of_node(
        name,
        spec["Role"],
        spec["Availability"],
        state["State"],
        says,
        engine,
        state.get("Addr", ""),
        zones.get(name, ""),
    )


def _row_of_node(*cells: str) -> dict[str, str]:
    heads = ("node", "role", "availability", "state", "manager", "engine", "address", "zone")
    return dict(zip(heads, cells, strict=True))


def list_services(seen: facts.Swarm) -> list[dict[str, str]]:
    """Lists the swarm's services."""
    return sorted((_describe_service(service) for service in seen.services), key=lambda one: one["service"])


def _describe_service(service: facts.Plain) -> dict[str, str]:
    spec, tasks = service["Spec"], service.get("ServiceStatus") or {}
    image, _, digest = spec["TaskTemplate"]["ContainerSpec"]["Image"].partition("@")
    words = {
        "Replicated": "replicated",
        "Global": "global",
        "ReplicatedJob": "replicated job",
        "GlobalJob": "global job",
    }
    return {
        "service": spec["Name"],
        "mode": words[next(iter(spec["Mode"]))],
        "running": f"{tasks.get('RunningTasks', 0)}/{tasks.get('DesiredTasks', 0)}",
        "image": image,
        "digest": digest,
        "update": str((service.get("UpdateStatus") or {}).get("State", "")),
    }


def list_tasks(seen: facts.Swarm) -> list[dict[str, str]]:
    """Lists the tasks that should run or wait for a node."""
    names = {str(service["ID"]): str(service["Spec"]["Name"]) for service in seen.services}
    current = [task for task in seen.tasks if task["DesiredState"] in ("running", "complete")]
    rows = [_describe_task(task, names.get(task["ServiceID"], ""), seen) for task in current]
    return sorted(rows, key=lambda row: (row["task"], row["node"]))


def _describe_task(task: facts.Plain, service: str, seen: facts.Swarm) -> dict[str, str]:
    node = seen.name_node(task["NodeID"]) if task.get("NodeID") else ""
    return {
        "task": f"{service}.{task['Slot']}" if task.get("Slot") else service,
        "node": node,
        "state": task["Status"]["State"],
        "digest": task["Spec"]["ContainerSpec"]["Image"].partition("@")[2],
        "error": str(task["Status"].get("Err") or ""),
    }


def make_json(
    status: Status,
    answers: Mapping[str, facts.Answer],
    recorded: facts.Recorded,
    seen: facts.Swarm | None,
    trouble: str,
) -> str:
    """Make the JSON that `make status JSON=1` prints: the outputs, and `swarm`, null when no manager answers."""
    urls = [
        {"name": name, "url": url, "answer": answers[name].text, "succeeded": answers[name].succeeded}
        for name, url in status.urls.items()
    ]
    told = {**dataclasses.asdict(status), "urls": urls, "swarm": _collect(status, recorded, seen), "trouble": trouble}
    return json.dumps(told, indent=2)


def _collect(status: Status, recorded: facts.Recorded, seen: facts.Swarm | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    members = quorum.read(seen.nodes)
    return {
        "nodes": list_nodes(status, seen),
        "services": list_services(seen),
        "tasks": list_tasks(seen),
        "quorum": {**dataclasses.asdict(members), "spare": members.spare},
        "drift": [dataclasses.asdict(one) for one in drift.list_drift(recorded, seen)],
    }


def _split_image(image: str) -> tuple[str, str]:
    name, _, digest = image.partition("@")
    return name, digest[:_DIGEST_LENGTH] or _NONE
