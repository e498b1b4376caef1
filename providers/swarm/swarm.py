"""Swarm: begun once, adopted ever after."""

from typing import Any

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import beginning, host_names, membership, planner
from providers.swarm.cluster import Cluster, ClusterSource

_HISTORY = 5


class Swarm(kit.ResourceType):
    """The swarm itself."""

    token = "swarm:index:Swarm"
    description = "A Docker swarm."
    inputs = {
        "managers": kit.Property("array", "The managers' host names; a new swarm begins on the first.", required=True),
        "autolock": kit.Property("boolean", "Whether managers need a key to start again.", default=False),
        "taskHistoryLimit": kit.Property("integer", "How many old tasks are kept for each slot.", default=_HISTORY),
        "tokenRotation": kit.Property("string", "Any text; a change of it rotates the join tokens.", default=""),
    }
    outputs = {
        "swarmId": kit.Property("string", "The swarm's id."),
        "addressBook": kit.Property("array", "The managers last seen and those wanted."),
    }

    def __init__(self, cluster: ClusterSource) -> None:
        self._cluster = cluster

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses a swarm without managers."""
        checked = super().check(inputs, old_inputs)
        if checked.inputs.get("managers") != []:
            return checked
        failure = kit.Failure("managers", "'managers' must name at least one host; got none")
        return kit.Checked(checked.inputs, (*checked.failures, failure))

    def diff(self, state: Plain, inputs: Plain) -> dict[str, kit.Change]:
        """Compares, and remembers the address book: nodes are planned after this one, and may need it to join."""
        cluster = self._cluster.find()
        if cluster is not None:
            cluster.remember(state.get("addressBook", []))
        return super().diff(state, inputs)

    def preview_update(self, state: Plain, inputs: Plain) -> Plain:
        """The id stays; the address book becomes old and new managers together."""
        if kit.contains_unknown(inputs["managers"]):
            return {"swarmId": state["swarmId"], "addressBook": kit.UNKNOWN}
        return {"swarmId": state["swarmId"], "addressBook": _merge(inputs["managers"], state.get("addressBook", []))}

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Adopts the swarm that a manager is in, or begins one on the first manager."""
        cluster, managers = self._cluster.get(), inputs["managers"]
        cluster.expect_manager()
        known = _merge(managers, cluster.known_managers)
        await cluster.await_leader(known)
        views = await cluster.views(known)
        if beginning.must_begin_swarm(views):
            context.progress(f"beginning a swarm on {managers[0]}")
            await self._begin(cluster, managers[0], views[managers[0]])
        await self._settle(cluster, inputs)
        swarm_id = await cluster.cluster_id()
        return kit.Created(swarm_id, {"swarmId": swarm_id, "addressBook": await _list_book(cluster, managers)})

    async def _begin(self, cluster: Cluster, host: str, view: planner.HostView | None) -> None:
        if view is not None and view.state is not planner.LocalState.INACTIVE:
            # A join that was cut off: the engine takes no other membership before it has left that one.
            await membership.leave_swarm(cluster, host, by_force=True)
        address = await membership.find_address(cluster, host)
        body = {"ListenAddr": membership.LISTEN_ADDRESS, "AdvertiseAddr": address, "Spec": {}}
        await (await cluster.hosts.engine(host)).request("POST", "/swarm/init", body=body)

    async def _settle(self, cluster: Cluster, inputs: Plain, *, rotation: dict[str, str] | None = None) -> None:
        def alter(spec: dict[str, Any]) -> None:
            spec.setdefault("EncryptionConfig", {})["AutoLockManagers"] = inputs["autolock"]
            spec.setdefault("Orchestration", {})["TaskHistoryRetentionLimit"] = inputs["taskHistoryLimit"]

        wanted = {"autolock": inputs["autolock"], "taskHistoryLimit": inputs["taskHistoryLimit"]}
        if rotation or wanted != _settings(await cluster.request("GET", "/swarm")):
            await cluster.change("/swarm", alter, query=rotation)

    async def read(self, context: kit.Context, resource_id: str, state: Plain) -> kit.Observed | None:
        """A swarm that no manager answers for is reported gone: the next `up` adopts it or, where none is, begins."""
        cluster, book = self._cluster.get(), state.get("addressBook", [])
        cluster.remember(book)
        if not await cluster.exists():
            context.warn(
                "No manager of the swarm answers, so it is taken as gone; the next 'up' adopts it when one answers "
                "then, and begins a new one when none is left."
            )
            return None
        if await cluster.cluster_id() != resource_id:
            return None
        inputs = {key: state[key] for key in self.inputs if key in state}
        inputs |= _settings(await cluster.request("GET", "/swarm"))
        seen = await _list_book(cluster, inputs.get("managers", []))
        return kit.Observed(resource_id, {"swarmId": resource_id, "addressBook": seen}, inputs)

    async def update(self, context: kit.Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Changes settings, rotates tokens, and takes new managers into the address book."""
        cluster = self._cluster.get()
        cluster.remember(state.get("addressBook", []))
        rotates = state.get("tokenRotation", "") != inputs["tokenRotation"]
        rotation = {"rotateWorkerToken": "true", "rotateManagerToken": "true"} if rotates else None
        await self._settle(cluster, inputs, rotation=rotation)
        return {"swarmId": resource_id, "addressBook": await _list_book(cluster, inputs["managers"])}

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """A swarm ends with its last manager; a bootstrap manager that never became a node leaves here."""
        cluster = self._cluster.get()
        for host, view in (await cluster.views(state["managers"])).items():
            if view is not None and view.cluster_id == resource_id:
                await membership.leave_swarm(cluster, host, by_force=True)


def _settings(swarm: Plain) -> Plain:
    encryption, orchestration = swarm["Spec"].get("EncryptionConfig"), swarm["Spec"].get("Orchestration")
    return {
        "autolock": (encryption or {}).get("AutoLockManagers", False),
        "taskHistoryLimit": (orchestration or {}).get("TaskHistoryRetentionLimit", _HISTORY),
    }


async def _list_book(cluster: Cluster, wanted: list[str]) -> list[str]:
    """Lists the wanted managers and those that the swarm has."""
    managers = {one.hostname for one in await cluster.members() if one.role is planner.Role.MANAGER}
    return _merge(wanted, sorted(name for name in managers if not host_names.is_any(name, wanted)))


def _merge(first: list[str], second: list[str]) -> list[str]:
    return [*first, *(name for name in second if name not in first)]
