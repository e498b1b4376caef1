"""Network: a swarm-scoped network."""

from typing import Any

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import specs, waiting
from providers.swarm.cluster import ClusterSource, NoManager, passes_or_raises
from providers.swarm.hosts import EngineError
from providers.swarm.objects import find_by_name, refuse_foreign, request_or_none

_DELETE_SECONDS = 60
_IN_USE = "in use"


class Network(kit.ResourceType):
    """A swarm-scoped network."""

    token = "swarm:index:Network"
    description = "A network of the swarm."
    inputs = {
        "name": kit.Property("string", "The network's name.", required=True, replaces=True),
        "spec": kit.Property("object", "Engine API NetworkCreate without Name.", required=True, replaces=True),
    }
    outputs = {"networkId": kit.Property("string", "The network's id.")}

    def __init__(self, cluster: ClusterSource) -> None:
        self._cluster = cluster

    def diff(self, state: Plain, inputs: Plain) -> dict[str, kit.Change]:
        """Every difference replaces: the engine changes no network in place."""
        changes = kit.changed_paths(state.get("name"), inputs.get("name"), "name")
        changes |= specs.changed(state.get("spec"), inputs.get("spec"), "spec")
        return {path: kit.Change(change.kind, replace=True) for path, change in changes.items()}

    def deletes_first(self, state: Plain, inputs: Plain) -> bool:
        """Two networks of one name cannot be."""
        return bool(state.get("name") == inputs.get("name"))

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Makes the network, or adopts the one of this stack."""
        name, spec = inputs["name"], inputs["spec"]
        found = await find_by_name(self._cluster, "/networks", name)
        if found is not None:
            refuse_foreign("Network", name, found.get("Labels") or {}, spec.get("Labels") or {})
            return kit.Created(found["Id"], {"networkId": found["Id"]})
        body = {**spec, "Name": name, "CheckDuplicate": True}
        made = await self._cluster.get().request("POST", "/networks/create", body=body)
        return kit.Created(made["Id"], {"networkId": made["Id"]})

    async def read(self, context: kit.Context, resource_id: str, state: Plain) -> kit.Observed | None:
        """Reports the network with what differs from the spec that made it."""
        found = await request_or_none(self._cluster, f"/networks/{resource_id}")
        if found is None:
            return None
        wanted = state.get("spec", {})
        # The engine adds keys of its own (subnets, vxlan ids) everywhere; only what was asked for is compared.
        inputs = {"name": found["Name"], "spec": specs.observe(wanted, _pick(wanted, found))}
        return kit.Observed(resource_id, {"networkId": resource_id}, inputs)

    async def update(self, context: kit.Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Nothing changes in place."""
        return {"networkId": resource_id}

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """Removes the network as soon as no task is attached any more."""

        async def probe(waiter: waiting.Waiter) -> bool | None:
            try:
                await passes_or_raises(self._cluster.get().request("DELETE", f"/networks/{resource_id}"), 404)
            except EngineError as error:
                # A task that is shutting down holds its network for a moment.
                if _IN_USE not in str(error):
                    raise
                waiter.seen = str(error)
                return None
            return True

        try:
            await waiting.wait_for(f"network '{state['name']}' to be free", probe, seconds=_DELETE_SECONDS)
        except NoManager:
            # It went with its swarm.
            return
        except waiting.DeadlineReached as error:
            raise kit.ResourceError(
                f"{error} Give the changed network another name, or remove its services."
            ) from error


def _pick(wanted: Any, live: Any) -> Any:
    """Takes from a live value what the wanted one speaks of."""
    if isinstance(wanted, dict) and isinstance(live, dict):
        # A key that the engine does not report, such as CheckDuplicate, cannot have changed.
        return {key: _pick(value, live[key]) if key in live else value for key, value in wanted.items()}
    if isinstance(wanted, list) and isinstance(live, list) and len(wanted) == len(live):
        return [_pick(one, other) for one, other in zip(wanted, live, strict=True)]
    return wanted if live in (None, "", [], {}) and wanted in (None, "", [], {}) else live
