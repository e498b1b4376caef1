"""Carries out the actions that `planner` decides, one by one, on hosts and through a living manager."""

from collections.abc import Callable

from providers import kit
from providers.swarm import evacuation, planner, takeover, waiting
from providers.swarm.cluster import GONE, Cluster, passes_or_raises
from providers.swarm.hosts import EngineError
from providers.swarm.planner import Action, Role, Verb

SWARM_PORT = 2377
LISTEN_ADDRESS = f"0.0.0.0:{SWARM_PORT}"
# The readiness responder of every host says no while this file exists (cloud_init/files/readiness.py).
_LEAVING = "/run/azure-swarm/leaving"
_GONE_SECONDS = 60
_MARGIN_SECONDS = 30
# The engine's words (moby, daemon/cluster/errors.go); both come with status 503, so the text must tell.
_NO_MEMBER = "not part of a swarm"
_STILL_MANAGER = "participating as a manager"
_JOIN_GOES_ON = "Timeout was reached before node joined"


class Membership:
    """The membership of one host."""

    def __init__(
        self,
        cluster: Cluster,
        wanted: planner.WantedNode,
        *,
        seconds: float,
        drain_seconds: float,
        progress: Callable[[str], None],
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._cluster = cluster
        self._wanted = wanted
        self._seconds = seconds
        self._drain_seconds = drain_seconds
        self._progress = progress
        self._warn = warn or progress

    async def observe(self) -> planner.Seen:
        """Asks the managers and the host."""
        host = await self._cluster.view(self._wanted.host)
        members = await self._cluster.members()
        return planner.Seen(await self._cluster.cluster_id(), members, host, self._cluster.wanted_managers)

    async def perform(self, actions: list[Action]) -> None:
        """Performs actions in order; each may be repeated after an interruption."""
        steps = {
            Verb.JOIN: self._join,
            Verb.LEAVE: self._leave,
            Verb.LEAVE_BY_FORCE: self._leave_by_force,
            Verb.AWAIT_QUORUM: self._await_quorum,
            Verb.AWAIT_MEMBER: self._await_member,
            Verb.AWAIT_GONE: self._await_gone,
            Verb.LABEL: self._label,
            Verb.PROMOTE: self._promote,
            Verb.DEMOTE: self._demote,
            Verb.SET_AVAILABILITY: self._set_availability,
            Verb.AWAIT_OTHERS: self._await_others,
            Verb.AWAIT_SERVING: self._await_serving,
            Verb.STOP_TRAFFIC: self._stop_traffic,
            Verb.RESUME_TRAFFIC: self._resume_traffic,
            Verb.EVACUATE: self._evacuate,
            Verb.EVACUATE_GLOBAL: self._evacuate_global,
            Verb.RELEASE: self._release,
            Verb.AWAIT_DRAINED: self._await_drained,
            Verb.REMOVE: self._remove,
        }
        for action in actions:
            self._progress(str(action))
            await steps[action.verb](action.about)

    async def find_member(self) -> planner.Member | None:
        """Finds the host's entry by the node id that its own engine tells."""
        view = await self._cluster.view(self._wanted.host)
        return await self._find(view.node_id) if view is not None and view.node_id else None

    async def _find(self, node_id: str) -> planner.Member | None:
        return next((one for one in await self._cluster.members() if one.node_id == node_id), None)

    async def _join(self, role: str) -> None:
        swarm = await self._cluster.request("GET", "/swarm")
        managers = [one.manager_address for one in await self._cluster.members() if one.reachable]
        body = {
            "ListenAddr": LISTEN_ADDRESS,
            "AdvertiseAddr": await find_address(self._cluster, self._wanted.host),
            "RemoteAddrs": managers,
            "JoinToken": swarm["JoinTokens"]["Manager" if role == Role.MANAGER.value else "Worker"],
            "Availability": "drain",
        }
        engine = await self._cluster.hosts.engine(self._wanted.host)
        try:
            await engine.request("POST", "/swarm/join", body=body)
        except EngineError as error:
            # The engine goes on by itself, and the next step waits for the member.
            if _JOIN_GOES_ON not in str(error):
                raise

    async def _leave(self, _about: str) -> None:
        async def probe(waiter: waiting.Waiter) -> bool | None:
            try:
                await leave_swarm(self._cluster, self._wanted.host, by_force=False)
            except EngineError as error:
                # A demoted manager's own engine learns of it a moment after the managers.
                if _STILL_MANAGER not in str(error):
                    raise
                waiter.seen = "a manager still"
                return None
            return True

        await waiting.wait_for(f"node '{self._wanted.host}' to leave", probe, seconds=self._seconds)

    async def _leave_by_force(self, _about: str) -> None:
        await leave_swarm(self._cluster, self._wanted.host, by_force=True)

    async def _await_quorum(self, _about: str) -> None:
        async def probe(waiter: waiting.Waiter) -> bool | None:
            members = await self._cluster.members()
            waiter.seen = _describe_managers(members)
            return planner.has_quorum(members, self._cluster.wanted_managers) or None

        what = "an elected leader and every manager within reach"
        await waiting.wait_for(what, probe, seconds=self._seconds)

    async def _await_member(self, _about: str) -> None:
        async def probe(waiter: waiting.Waiter) -> bool | None:
            member = await self.find_member()
            waiter.seen = "not listed" if member is None else "ready" if member.ready else "not ready"
            return True if member is not None and member.ready else None

        await waiting.wait_for(f"node '{self._wanted.host}' to be listed as ready", probe, seconds=self._seconds)

    async def _await_gone(self, node_id: str) -> None:
        async def probe(waiter: waiting.Waiter) -> bool | None:
            member = await self._find(node_id)
            waiter.seen = "ready" if member is not None and member.ready else "down"
            return True if member is None or not member.ready else None

        # A machine that died without a word takes the managers a few heartbeats.
        await waiting.wait_for(f"node '{self._wanted.host}' to be seen as gone", probe, seconds=_GONE_SECONDS)

    async def _change(self, node_id: str, **fields: object) -> None:
        await self._cluster.change(f"/nodes/{node_id}", lambda spec: spec.update(fields))

    async def _change_own(self, **fields: object) -> None:
        member = await self.find_member()
        if member is None:
            raise kit.ResourceError(f"Node '{self._wanted.host}' is not listed by the managers any more.")
        await self._change(member.node_id, **fields)

    async def _label(self, _about: str) -> None:
        await self._change_own(Labels=dict(self._wanted.labels))

    async def _set_availability(self, availability: str) -> None:
        await self._change_own(Availability=availability)

    async def _promote(self, node_id: str) -> None:
        await self._change(node_id, Role=Role.MANAGER.value)

    async def _demote(self, node_id: str) -> None:
        await self._change(node_id, Role=Role.WORKER.value)

        async def probe(waiter: waiting.Waiter) -> bool | None:
            member = await self._find(node_id)
            waiter.seen = "a manager still"
            return True if member is None or not member.manager_address else None

        # It first leaves the managers' own consensus, and only then may it leave the swarm.
        await waiting.wait_for(f"node '{self._wanted.host}' to be a worker", probe, seconds=self._seconds)

    async def _await_others(self, node_id: str) -> None:
        await self._await_takeover(node_id, f"the other nodes to serve before '{self._wanted.host}' leaves")

    async def _await_serving(self, _about: str) -> None:
        await self._await_takeover("", f"every node to serve after '{self._wanted.host}' came back")

    async def _await_takeover(self, node_id: str, what: str) -> None:
        async def probe(waiter: waiting.Waiter) -> bool | None:
            missing = takeover.list_missing(
                await self._cluster.request("GET", "/services") or [],
                await self._cluster.request("GET", "/tasks") or [],
                await self._cluster.request("GET", "/nodes"),
                leaving=node_id,
                now=takeover.read_time((await self._cluster.request("GET", "/info"))["SystemTime"]),
                seen_seconds=self._drain_seconds,
            )
            waiter.seen = f"not yet: {', '.join(missing)}"
            return None if missing else True

        await waiting.wait_for(what, probe, seconds=self._seconds)

    async def stop_serving(self) -> None:
        """Stops the traffic where no manager is there to order a leave; what goes wrong is a warning."""
        try:
            await self._await_no_traffic(await self._say_no())
        except kit.ResourceError as error:
            self._warn(f"Node '{self._wanted.host}' leaves with traffic: {error}")

    async def _stop_traffic(self, _about: str) -> None:
        since = await self._say_no()
        # Without services nobody sends anything, to this node or through it to another.
        if self._drain_seconds and await self._cluster.request("GET", "/services"):
            await self._await_no_traffic(since)

    async def _say_no(self) -> float:
        """Lets the host's readiness answer be no, and gives the time since when it is."""
        folder = _LEAVING.rpartition("/")[0]
        # The time of the first no counts, also when an interrupted run said it.
        command = f"sudo mkdir -p {folder} && (test -e {_LEAVING} || sudo touch {_LEAVING}) && stat -c %Y {_LEAVING}"
        return float(await self._cluster.hosts.run(self._wanted.host, command))

    async def _await_no_traffic(self, since: float) -> None:
        async def probe(waiter: waiting.Waiter) -> bool | None:
            # The host's own clock, since both times come from there.
            age = float(await self._cluster.hosts.run(self._wanted.host, "date +%s")) - since
            waiter.seen = f"{age:.0f} s"
            return True if age > self._drain_seconds else None

        if self._drain_seconds:
            what = "the load balancer to have seen that the host is leaving"
            await waiting.wait_for(what, probe, seconds=self._drain_seconds + _MARGIN_SECONDS)

    async def _resume_traffic(self, _about: str) -> None:
        await self._cluster.hosts.run(self._wanted.host, f"sudo rm -f {_LEAVING}")

    async def _evacuate(self, node_id: str) -> None:
        voice = evacuation.Voice(self._progress, self._warn)
        await evacuation.evacuate(self._cluster, self._wanted.host, node_id, seconds=self._seconds, voice=voice)

    async def _evacuate_global(self, node_id: str) -> None:
        await evacuation.evacuate_global(self._cluster, node_id, seconds=self._seconds, progress=self._progress)

    async def _release(self, node_id: str) -> None:
        await evacuation.release(self._cluster, node_id)

    async def _await_drained(self, node_id: str) -> None:
        what = f"the tasks of node '{self._wanted.host}'"
        await evacuation.await_end(self._cluster, node_id, None, what, self._seconds)

    async def _remove(self, node_id: str) -> None:
        # By force, since the managers list a node that left a moment ago as ready until they miss its heartbeats.
        removal = self._cluster.request("DELETE", f"/nodes/{node_id}", query={"force": "true"})
        await passes_or_raises(removal, GONE)


async def leave_swarm(cluster: Cluster, host: str, *, by_force: bool) -> None:
    """Lets a host leave; it is no error when it is in no swarm, since a run before this one got as far."""
    engine = await cluster.hosts.engine(host)
    try:
        await engine.request("POST", "/swarm/leave", query={"force": "true"} if by_force else {})
    except EngineError as error:
        if _NO_MEMBER not in str(error):
            raise


async def find_address(cluster: Cluster, host: str) -> str:
    """Gives the address by which a host is reached on its subnet: that of the server's end of the SSH connection."""
    words = (await cluster.hosts.run(host, 'echo "$SSH_CONNECTION"')).split()
    if len(words) != 4:
        raise kit.ResourceError(f"Host '{host}' does not tell the address of its SSH connection.")
    return words[2]


def _describe_managers(members: list[planner.Member]) -> str:
    managers = [one for one in members if one.role is Role.MANAGER]
    return ", ".join(
        f"{one.hostname} {'leader' if one.leader else 'reachable' if one.reachable else 'unreachable'}"
        for one in managers
    )
