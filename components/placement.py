"""Whether planned nodes can run the services of compose files. Pure: decided before anything is created.

Only what can never come true is refused; what may go wrong is a warning. Facts that a plan does not know (node ids,
addresses, sizes outside of the table) are not checked.
"""

import collections
import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import compose
from components import errors, sizes
from providers.swarm import host_names, placement

_UNKNOWN = ("node.id", "node.ip", "node.platform.arch")
_NANO = 1e9
_MIB, _GIB = 2**20, 2**30
_MOST_NAMES = 8


@dataclasses.dataclass(frozen=True)
class PlannedNode:
    """A node as the program plans it: its name without the generation, role, labels, VM size, and if it takes tasks."""

    name: str
    role: str
    labels: Mapping[str, str] = dataclasses.field(hash=False)
    size: str
    drained: bool = False


@dataclasses.dataclass(frozen=True)
class _Wish:
    """A service that looks for nodes."""

    stack: str
    key: str
    spec: Mapping[str, Any]
    ports: Sequence[compose.Published]

    @property
    def who(self) -> str:
        return f"ComposeStack '{self.stack}': service '{self.key}'"

    @property
    def placement(self) -> Mapping[str, Any]:
        return self.spec["TaskTemplate"].get("Placement") or {}

    @property
    def reserved(self) -> Mapping[str, Any]:
        return (self.spec["TaskTemplate"].get("Resources") or {}).get("Reservations") or {}

    @property
    def is_global(self) -> bool:
        return bool({"Global", "GlobalJob"} & set(self.spec.get("Mode") or {}))

    @property
    def host_ports(self) -> list[compose.Published]:
        return [port for port in self.ports if port.mode == "host"]

    @property
    def replicas(self) -> int:
        mode = self.spec.get("Mode") or {}
        count = (mode.get("Replicated") or {}).get("Replicas")
        jobs = (mode.get("ReplicatedJob") or {}).get("MaxConcurrent")
        return next((int(one) for one in (count, jobs) if one is not None), 1)

    def count_tasks(self, fitting: int) -> int:
        return fitting if self.is_global else self.replicas


def refuse_unplaceable(models: Mapping[str, compose.Converted], nodes: Sequence[PlannedNode]) -> None:
    """Raises a `ComponentError` with a sentence for every service that these nodes can never run."""
    wishes = _list_wishes(models)
    told = [sentence for wish in wishes for sentence in _judge(wish, wishes, nodes)]
    told += _judge_total(wishes, nodes) if not told else []
    told += _judge_ports(wishes, nodes)
    if told:
        raise errors.ComponentError("\n".join(told))


def list_warnings(models: Mapping[str, compose.Converted], nodes: Sequence[PlannedNode]) -> list[str]:
    """Lists what may go wrong with the services on these nodes."""
    warnings: list[str] = []
    for wish in _list_wishes(models):
        fitting = [node for node in nodes if not _explain(wish, node)]
        warnings += [*_warn_nowhere(wish, fitting), *_warn_volumes(wish, fitting), *_warn_order(wish, fitting)]
    return warnings


def _list_wishes(models: Mapping[str, compose.Converted]) -> list[_Wish]:
    return [
        _Wish(stack, key, spec, [port for port in model.published if port.service == key])
        for stack, model in models.items()
        for key, spec in model.services.items()
    ]


def _judge(wish: _Wish, wishes: Sequence[_Wish], nodes: Sequence[PlannedNode]) -> list[str]:
    """Judges one service: that there is a node for it, then that there is room for all of its tasks."""
    unread = [text for text in _constraints(wish) if placement.parse(text) is None]
    if unread:
        return [f"{wish.who} has a constraint that swarm cannot read; expected key == value, got '{unread[0]}'."]
    lacks = {node: _explain(wish, node) for node in nodes}
    fitting = [node for node in nodes if not lacks[node]]
    if not fitting:
        nowhere = f"{wish.who} fits on none of {_count(len(nodes), 'node')}: {_group(lacks)}."
        return [] if wish.is_global or wish.replicas == 0 else [nowhere]
    return _judge_room(wish, wishes, lacks)


def _judge_room(wish: _Wish, wishes: Sequence[_Wish], lacks: Mapping[PlannedNode, str]) -> list[str]:
    beside = [other for other in wishes if other.is_global and other is not wish]
    rooms = {node: _find_room(wish, beside, node) for node, lack in lacks.items() if not lack}
    places = sum(min(room, 1) if wish.is_global else room for room, _ in rooms.values())
    tasks = wish.count_tasks(len(rooms))
    if places >= tasks:
        return []
    told = {node: lack or "takes {:g} ({})".format(*rooms[node]) for node, lack in lacks.items()}
    return [f"{wish.who} has room for {places:g} of {_count(tasks, 'task')}: {_group(told)}."]


def _find_room(wish: _Wish, beside: Sequence[_Wish], node: PlannedNode) -> tuple[float, str]:
    """Gives how many tasks a node takes beside what runs on every node, and what bounds it."""
    rooms: list[tuple[float, str]] = [(math.inf, "")]
    if wish.placement.get("MaxReplicas"):
        rooms.append((int(wish.placement["MaxReplicas"]), "max_replicas_per_node"))
    if wish.host_ports:
        rooms.append((1, f"port {wish.host_ports[0].published} of the host"))
    found = sizes.find_capacity(node.size)
    if found is not None:
        others = [other for other in beside if not _explain(other, node)]
        cpus, memory = (found.cpus * _NANO, "NanoCPUs"), (found.memory, "MemoryBytes")
        rooms += [(_divide(wish, others, *one), word) for one, word in ((cpus, "processors"), (memory, "memory"))]
    return min(rooms)


def _divide(wish: _Wish, others: Sequence[_Wish], capacity: float, key: str) -> float:
    each = wish.reserved.get(key) or 0
    left = capacity - sum(other.reserved.get(key) or 0 for other in others)
    return max(left, 0) // each if each else math.inf


def _judge_total(wishes: Sequence[_Wish], nodes: Sequence[PlannedNode]) -> list[str]:
    """Refuses reservations that are together more than the nodes have."""
    nodes = [node for node in nodes if not node.drained]
    found = [capacity for node in nodes if (capacity := sizes.find_capacity(node.size)) is not None]
    if len(found) < len(nodes):
        return []
    tasks = [(wish, wish.count_tasks(sum(not _explain(wish, node) for node in nodes))) for wish in wishes]
    sentences = []
    for key, have, show in (
        ("NanoCPUs", sum(one.cpus for one in found) * _NANO, _show_cpus),
        ("MemoryBytes", sum(one.memory for one in found), _show_memory),
    ):
        asked = sum((wish.reserved.get(key) or 0) * count for wish, count in tasks)
        if asked > have:
            sentences.append(
                f"The services reserve {show(asked)}; {_count(len(nodes), 'node')} offer {show(have)} together."
            )
    return sentences


def _judge_ports(wishes: Sequence[_Wish], nodes: Sequence[PlannedNode]) -> list[str]:
    """Refuses a port that two services publish, unless both do so on hosts and there are enough of them.

    That is for UDP: the load balancer has one rule a TCP port, so the platform refuses a second service before.
    """
    users: dict[tuple[int, str], list[tuple[_Wish, str]]] = collections.defaultdict(list)
    for wish in wishes:
        for port in wish.ports:
            users[port.published, port.protocol].append((wish, port.mode))
    return [
        f"Port {port}/{protocol} must be published by one service; "
        f"got {' and '.join(repr(f'{wish.stack}_{wish.key}') for wish, _ in sharing)}."
        for (port, protocol), sharing in sorted(users.items(), key=lambda item: item[0])
        if len({(wish.stack, wish.key) for wish, _ in sharing}) > 1 and not _get_along(sharing, nodes)
    ]


def _get_along(sharing: Sequence[tuple[_Wish, str]], nodes: Sequence[PlannedNode]) -> bool:
    if any(mode != "host" for _, mode in sharing):
        return False
    fitting = [{node.name for node in nodes if not _explain(wish, node)} for wish, _ in sharing]
    tasks = sum(wish.count_tasks(len(names)) for (wish, _), names in zip(sharing, fitting, strict=True))
    return tasks <= len(set().union(*fitting))


def _warn_nowhere(wish: _Wish, fitting: Sequence[PlannedNode]) -> list[str]:
    nowhere = f"{wish.who} runs on every node that its placement takes, and it takes none."
    return [nowhere] if wish.is_global and not fitting else []


def _warn_volumes(wish: _Wish, fitting: Sequence[PlannedNode]) -> list[str]:
    """A volume of the local driver is on one node's disk; a task that moves does not find its data."""
    mounts = wish.spec["TaskTemplate"]["ContainerSpec"].get("Mounts") or []
    names = [mount["Source"] for mount in mounts if _is_local_volume(mount)]
    if not names or wish.is_global or len(fitting) < 2:
        return []
    return [
        f"{wish.who} keeps volume '{names[0]}' on the disk of whichever of {len(fitting)} nodes it runs on, and finds "
        "it empty on another; pin it with a placement constraint such as 'node.labels.storage == true'."
    ]


def _is_local_volume(mount: Mapping[str, Any]) -> bool:
    driver = (mount.get("VolumeOptions") or {}).get("DriverConfig") or {}
    # Options of the local driver mount something that is elsewhere, such as NFS.
    local = driver.get("Name", "local") == "local" and not driver.get("Options")
    return mount.get("Type") == "volume" and bool(mount.get("Source")) and local


def _warn_order(wish: _Wish, fitting: Sequence[PlannedNode]) -> list[str]:
    """Where a host's port is taken on every node, a task that is to start first never starts."""
    order = (wish.spec.get("UpdateConfig") or {}).get("Order")
    full = wish.is_global or wish.replicas == len(fitting)
    if order != "start-first" or not wish.host_ports or not fitting or not full:
        return []
    return [
        f"{wish.who} publishes port {wish.host_ports[0].published} of the host and updates start-first, for which no "
        "node is free; an update would wait for ever, so use 'order: stop-first'."
    ]


def _explain(wish: _Wish, node: PlannedNode) -> str:
    """Says why a node does not take a task of the service, as if the node were empty; nothing when it does."""
    if node.drained:
        return "is drained"
    systems = [one.get("OS") for one in wish.placement.get("Platforms") or []]
    if systems and "linux" not in [str(system or "linux").lower() for system in systems]:
        return f"operating system is not '{systems[0]}'"
    for text in _constraints(wish):
        constraint = placement.parse(text)
        if constraint is not None and not _satisfies(node, constraint):
            return constraint.lack
    return _explain_resources(wish, node)


def _constraints(wish: _Wish) -> list[str]:
    return list(wish.placement.get("Constraints") or [])


def _satisfies(node: PlannedNode, constraint: placement.Constraint) -> bool:
    if constraint.key in _UNKNOWN:
        return True
    if constraint.key == "node.hostname":
        # The plan's name lacks the generation, which the file may name.
        return not constraint.equal or host_names.strip_generation(constraint.value.lower()) == node.name
    return placement.holds(constraint, _find_fact(node, constraint.key))


def _find_fact(node: PlannedNode, key: str) -> str | None:
    if key.startswith("node.labels."):
        return node.labels.get(key.removeprefix("node.labels."), "")
    # The hosts' engines have no labels: cloud_init/user_data.py.
    return "" if key.startswith("engine.labels.") else {"node.role": node.role, "node.platform.os": "linux"}.get(key)


def _explain_resources(wish: _Wish, node: PlannedNode) -> str:
    for generic in wish.reserved.get("GenericResources") or []:
        return f"offers no '{' '.join(spec.get('Kind', '') for spec in generic.values())}'"
    found = sizes.find_capacity(node.size)
    cpus, memory = wish.reserved.get("NanoCPUs") or 0, wish.reserved.get("MemoryBytes") or 0
    if found is None:
        return ""
    if cpus > found.cpus * _NANO:
        return f"{node.size} has {_show_cpus(found.cpus * _NANO)}, {cpus / _NANO:g} reserved"
    if memory > found.memory:
        return f"{node.size} has {_show_memory(found.memory)}, {_show_memory(memory, '')} reserved"
    return ""


def _group(told: Mapping[PlannedNode, str]) -> str:
    """Says of each node what there is to say; nodes of which it is the same stand together."""
    groups: dict[str, list[str]] = collections.defaultdict(list)
    for node, text in told.items():
        groups[text].append(node.name)
    return "; ".join(f"{_list(names)}: {text}" for text, names in groups.items())


def _list(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMES])} and {len(names) - _MOST_NAMES} more"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _show_cpus(nano: float) -> str:
    return f"{nano / _NANO:g} processors"


def _show_memory(amount: float, what: str = " of memory") -> str:
    unit, word = (_GIB, "GiB") if amount >= _GIB else (_MIB, "MiB")
    return f"{round(amount / unit, 1):g} {word}{what}"
