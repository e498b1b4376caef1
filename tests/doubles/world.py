"""The swarm provider over machines in memory, driven as the engine drives it: check, create, diff and so on.

Every call is a run of its own, with a new cluster object, as if each came from a new process.
"""

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from providers import kit
from providers.swarm import content, host_ready, network, nodes, service, swarm
from providers.swarm.cluster import Cluster, ClusterSource
from tests.doubles import memory_swarm, virtual_time

_T = TypeVar("_T")
_TYPES: dict[str, Callable[[ClusterSource], kit.ResourceType]] = {
    "HostReady": host_ready.HostReady,
    "Swarm": swarm.Swarm,
    "SwarmNode": nodes.SwarmNode,
    "Network": network.Network,
    "Config": content.Config,
    "Secret": content.Secret,
    "Service": service.Service,
}


@dataclasses.dataclass
class Made:
    """A resource in the state."""

    kind: str
    id: str
    state: dict[str, Any]

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs within the state."""
        return {key: value for key, value in self.state.items() if key in make_type(self.kind).inputs}


def make_type(kind: str, source: ClusterSource | None = None) -> kit.ResourceType:
    """Makes a resource type, by default one that knows no cluster."""
    return _TYPES[kind](source or ClusterSource())


class World:
    """Machines and a provider that knows their names."""

    def __init__(self, *hosts: str, first_id: int = 1) -> None:
        self.machines = memory_swarm.Machines(*hosts, first_id=first_id)
        self.managers = [host for host in hosts if host.startswith("manager")]
        self.told: list[str] = []
        self.left: list[str] = []
        self.warned: list[str] = []

    @property
    def swarm(self) -> memory_swarm.Swarm:
        """The one swarm."""
        return self.machines.swarm

    def context(self, timeout: float = 0) -> kit.Context:
        """Gives what an operation may know beside its values."""
        return kit.Context("it", "urn:it", timeout, self.told.append, self.warned.append, self.left.append)

    def run(
        self, kind: str, operation: Callable[[kit.ResourceType], Awaitable[_T]], book: list[str] | None = None
    ) -> _T:
        """Runs an operation in a run of its own; `book` is what a diff of the swarm made it remember."""

        async def main() -> _T:
            source, cluster = ClusterSource(), Cluster(self.machines, self.managers)
            cluster.remember(book or [])
            source.set(cluster)
            return await operation(make_type(kind, source))

        return virtual_time.run(main())

    def run_all(self, operations: Sequence[tuple[str, Callable[[kit.ResourceType], Awaitable[Any]]]]) -> list[Any]:
        """Runs operations one after another in one run."""

        async def main() -> list[Any]:
            source = ClusterSource()
            source.set(Cluster(self.machines, self.managers))
            types = {kind: make_type(kind, source) for kind, _ in operations}
            return [await operation(types[kind]) for kind, operation in operations]

        return virtual_time.run(main())

    def create(self, kind: str, inputs: dict[str, Any], *, timeout: float = 0, book: list[str] | None = None) -> Made:
        """Checks and creates."""
        checked = make_type(kind).check(inputs, {})
        assert checked.failures == ()
        made = self.run(kind, lambda type_: type_.create(self.context(timeout), checked.inputs), book)
        return Made(kind, made.id, checked.inputs | made.outputs)

    def foresee(self, kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Checks and previews a create, with the cluster in reach."""
        checked = make_type(kind).check(inputs, {})
        return self.run(kind, lambda type_: type_.foresee_create(self.context(), checked.inputs))

    def foresee_update(self, made: Made, **changes: Any) -> dict[str, Any]:
        """Checks and previews an update, with the cluster in reach."""
        inputs = make_type(made.kind).check(made.inputs | changes, {}).inputs
        return self.run(made.kind, lambda type_: type_.foresee_update(self.context(), made.state, inputs))

    def update(self, made: Made, **changes: Any) -> Made:
        """Checks and updates."""
        inputs = make_type(made.kind).check(made.inputs | changes, {}).inputs
        outputs = self.run(made.kind, lambda type_: type_.update(self.context(), made.id, made.state, inputs))
        return Made(made.kind, made.id, inputs | outputs)

    def read(self, made: Made) -> Made | None:
        """Refreshes."""
        found = self.run(made.kind, lambda type_: type_.read(self.context(), made.id, made.state))
        return None if found is None else Made(made.kind, found.id, found.inputs | found.state)

    def delete(self, made: Made) -> None:
        """Deletes."""
        self.run(made.kind, lambda type_: type_.delete(self.context(), made.id, made.state))

    def diff(self, made: Made, **changes: Any) -> dict[str, kit.Change]:
        """Compares the state with changed inputs."""
        return diff(made.kind, made.state, made.inputs | changes)

    def make_swarm(self, **settings: Any) -> Made:
        """Begins the swarm."""
        return self.create("Swarm", {"managers": self.managers, **settings})

    def join_all(self) -> dict[str, Made]:
        """Begins the swarm and joins every machine; those called manager as managers."""
        self.make_swarm()
        return {host: self.join(host) for host in self.machines.all}

    def join(self, host: str, **inputs: Any) -> Made:
        """Joins one machine in the role that its name tells."""
        role = "manager" if host.startswith("manager") else "worker"
        return self.create("SwarmNode", {"host": host, "role": role, **inputs})

    def names(self, role: str) -> list[str]:
        """Lists the hosts that the managers list in a role, as ready and active."""
        usable = [
            node
            for node in self.swarm.nodes.values()
            if node["Status"]["State"] == "ready" and node["Spec"]["Availability"] == "active"
        ]
        return sorted(node["Description"]["Hostname"] for node in usable if node["Spec"]["Role"] == role)


def diff(kind: str, state: dict[str, Any], inputs: dict[str, Any]) -> dict[str, kit.Change]:
    """Compares as a preview does, with no cluster known."""
    type_ = make_type(kind)
    return type_.diff(state, type_.check(inputs, {}).inputs)


def failures(kind: str, inputs: dict[str, Any]) -> dict[str, str]:
    """Gives what a check refuses, by path."""
    return {one.path: one.reason for one in make_type(kind).check(inputs, {}).failures}


def preview_create(kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Gives the outputs that a preview of a create shows."""
    type_ = make_type(kind)
    return type_.preview_create(type_.check(inputs, {}).inputs)
