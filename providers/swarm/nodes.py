"""SwarmNode: a host's membership."""

import asyncio
import contextlib

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import departures, membership, planner
from providers.swarm.cluster import Cluster, ClusterSource
from providers.swarm.objects import check_labels

_NODE_SECONDS = 180
_CLOSED = (
    ("role", tuple(role.value for role in planner.Role)),
    ("availability", ("active", "pause", "drain")),
)


class SwarmNode(kit.ResourceType):
    """One host's membership: joined drained, labelled, activated; left without a lost request."""

    token = "swarm:index:SwarmNode"
    description = "The membership of a host in the swarm."
    inputs = {
        "host": kit.Property("string", "The host's name.", required=True, replaces=True),
        "role": kit.Property("string", "worker or manager.", required=True),
        "labels": kit.Property("object", "The node's labels.", default={}),
        "availability": kit.Property("string", "active, pause or drain.", default="active"),
        "drainSeconds": kit.Property("integer", "How long a load balancer may still send after a no.", default=0),
        "timeoutSeconds": kit.Property("integer", "How long each step may take.", default=_NODE_SECONDS),
    }
    outputs = {
        "nodeId": kit.Property("string", "The node's id."),
        "address": kit.Property("string", "The node's address on the subnet."),
    }

    def __init__(self, cluster: ClusterSource) -> None:
        self._cluster = cluster
        # Nodes join at once and workers are emptied in turns, but managers change one at a time, whatever the graph
        # allows.
        self._managers = asyncio.Lock()
        self._departures = departures.Departures()

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses what is not a role or an availability, and labels that are not text."""
        checked = super().check(inputs, old_inputs)
        failures = [
            kit.Failure(key, f"'{key}' must be one of {', '.join(known)}; got {checked.inputs[key]!r}")
            for key, known in _CLOSED
            if isinstance(checked.inputs.get(key), str) and checked.inputs[key] not in known
        ]
        failures += check_labels("labels", checked.inputs.get("labels"))
        return kit.Checked(checked.inputs, (*checked.failures, *failures))

    def _make_member(self, context: kit.Context, inputs: Plain) -> membership.Membership:
        return membership.Membership(
            self._cluster.get(),
            _wanted(inputs),
            seconds=context.timeout or inputs.get("timeoutSeconds", _NODE_SECONDS),
            drain_seconds=inputs.get("drainSeconds", 0),
            progress=context.progress,
            warn=context.warn,
        )

    def _turn_to_change(
        self, context: kit.Context, node_id: str, state: Plain, inputs: Plain
    ) -> contextlib.AbstractAsyncContextManager[None]:
        # A demotion is a change of the managers, too.
        if _is_manager(state) or _is_manager(inputs):
            return self._managers
        if state.get("availability", "drain") != "drain" and inputs["availability"] == "drain":
            return self._departures.turn(self._cluster.get(), inputs["host"], node_id, context.progress)
        return contextlib.nullcontext()

    def _turn_to_leave(
        self, context: kit.Context, state: Plain, node_id: str
    ) -> contextlib.AbstractAsyncContextManager[None]:
        if _is_manager(state):
            return self._managers
        return self._departures.turn(self._cluster.get(), state["host"], node_id, context.progress)

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Joins the host, or brings a member in line; one that joined and then failed stays known."""
        try:
            outputs = await self._bring_in_line(context, inputs, self._turn_to_change(context, "", {}, inputs))
        except planner.Refused:
            # Nothing was done; the host may belong to somebody else.
            raise
        except kit.ResourceError as error:
            view = await self._cluster.get().view(inputs["host"])
            if view is None or not view.node_id:
                raise
            kept = {"nodeId": view.node_id, "address": ""}
            raise kit.InitializationFailed(str(error), resource_id=view.node_id, outputs=kept) from error
        return kit.Created(outputs["nodeId"], outputs)

    async def _bring_in_line(
        self, context: kit.Context, inputs: Plain, turn: contextlib.AbstractAsyncContextManager[None]
    ) -> Plain:
        member = self._make_member(context, inputs)
        async with turn:
            await member.perform(planner.plan_join(_wanted(inputs), await member.observe()))
        found = await member.find_member()
        if found is None:
            raise kit.ResourceError(f"Node '{inputs['host']}' left the swarm while it was brought in line.")
        return {"nodeId": found.node_id, "address": found.address}

    async def read(self, context: kit.Context, resource_id: str, state: Plain) -> kit.Observed | None:
        """A node that is not listed, is down, or whose host does not answer as this member is gone.

        An import takes the host's name as the id.
        """
        cluster, host = self._cluster.get(), state.get("host", resource_id)
        view = await cluster.view(host)
        if view is None or not view.node_id or view.node_id != state.get("nodeId", view.node_id):
            return None
        found = await _find_ready(cluster, view.node_id)
        if found is None:
            return None
        inputs = {
            **{key: state[key] for key in self.inputs if key in state},
            "host": host,
            "role": found.role.value,
            "labels": dict(found.labels),
            "availability": found.availability,
        }
        return kit.Observed(found.node_id, {"nodeId": found.node_id, "address": found.address}, inputs)

    async def update(self, context: kit.Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Changes role, labels or availability in place; a host that left joins again."""
        return await self._bring_in_line(context, inputs, self._turn_to_change(context, resource_id, state, inputs))

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """Takes the node out in the order that keeps requests and quorum."""
        node_id = state.get("nodeId", resource_id)
        cluster = self._cluster.get()
        if not await cluster.exists() and not await cluster.returns(context.progress):
            await self._leave_alone(context, state, node_id)
            return
        member = self._make_member(context, state)
        async with self._turn_to_leave(context, state, node_id):
            await member.perform(planner.plan_leave(state["host"], node_id, await member.observe()))

    async def _leave_alone(self, context: kit.Context, state: Plain, node_id: str) -> None:
        """No manager speaks: a host that still believes in this membership leaves by itself.

        It fails for no manager's sake: where their machines are gone, this is how an environment ends.
        """
        cluster, host = self._cluster.get(), state["host"]
        view = await cluster.view(host)
        if view is None:
            context.warn(f"Neither a manager nor host '{host}' can be reached; the node is taken as gone.")
            return
        if view.node_id not in ("", node_id):
            return
        if cluster.silent and view.state is not planner.LocalState.INACTIVE:
            context.warn(
                f"No manager of the swarm answers ({', '.join(cluster.silent)}), so node '{host}' leaves by force once "
                "its traffic has stopped."
            )
            await self._make_member(context, state).stop_serving()
        await membership.leave_swarm(cluster, host, by_force=True)


async def _find_ready(cluster: Cluster, node_id: str) -> planner.Member | None:
    if not await cluster.exists():
        return None
    return next((one for one in await cluster.members() if one.node_id == node_id and one.ready), None)


def _is_manager(inputs: Plain) -> bool:
    return bool(inputs.get("role") == planner.Role.MANAGER.value)


def _wanted(inputs: Plain) -> planner.WantedNode:
    role = planner.Role(inputs["role"])
    return planner.WantedNode(inputs["host"], role, inputs["availability"], inputs.get("labels", {}))
