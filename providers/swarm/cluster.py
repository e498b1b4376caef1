"""A swarm as seen from outside: finds a living manager and speaks through it, whichever it is at the moment."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

from providers import kit
from providers.swarm import host_names, planner, recovery, waiting
from providers.swarm.hosts import Engine, EngineError, Hosts, HostUnreachable

# While a leader is being elected, or a manager steps down, the managers answer with these texts (moby, swarmkit); it
# passes within seconds. Each is longer than a name can be by chance: minecraft has "raft" in it.
_PASSING = (
    "The swarm does not have a leader",
    "This node is not a swarm manager",
    "context deadline exceeded",
    "context canceled",
    "rpc error: code = Unavailable",
    "raft: failed to process the request",
    "raft: no elected cluster leader",
    "raft: node is not yet part of a raft cluster",
    "raft: stopped",
    # Until a demoted manager has left the consensus.
    "is a member of the raft cluster",
)
# What the engine answers for what is not there.
GONE = 404
# What is not there, or there already, does not pass, whatever names are in the text.
_FINAL = (GONE, 409)
_CONFLICT = "update out of sequence"
_ELECTION_SECONDS = 60
# How many workers may be leaving at the same time, unless the configuration says otherwise.
MAX_UNAVAILABLE = 4
_SILENT = "cannot be reached"
# How long a manager that has answered in this run may be away: its sshd restarts, the way to it is shaky.
_RETURN_SECONDS = 30
# A swarm whose hosts are gone is asked for once, not once for each of its objects.
_ABSENCE_SECONDS = 30
# How long a preview waits for an answer.
_LOOK_SECONDS = 20
_T = TypeVar("_T")


class NoManager(kit.ResourceError):
    """None of the known managers answers as a member of a swarm."""


class QuorumLost(kit.ResourceError):
    """Managers answer and have no leader: the swarm is there, and nothing of it can be changed."""


class Cluster:
    """The swarm behind a provider's configuration, shared by all its resources within one run."""

    def __init__(self, hosts: Hosts, managers: Iterable[str], max_unavailable: int = MAX_UNAVAILABLE) -> None:
        self.hosts = hosts
        self.max_unavailable = max_unavailable
        self.wanted_managers = list(managers)
        self._remembered: list[str] = []
        self._speaker = ""
        self._finding = asyncio.Lock()
        self._absence: NoManager | QuorumLost | None = None
        # Managers that have no leader at the moment, with their addresses.
        self._leaderless: dict[str, str] = {}
        self._absent_until = 0.0
        # Whether a manager has answered in this run.
        self._met = False
        # The managers that did not say, when asked last, that they are in no swarm.
        self.silent: list[str] = []
        self._silent_until: float | None = None
        # Why hosts do not answer.
        self._troubles: dict[str, str] = {}
        # Objects (as paths) in whose place others have come in this run; they go when no service uses them any more.
        self.superseded: set[str] = set()

    def remember(self, managers: Iterable[str]) -> None:
        """Adds managers of earlier runs: while hosts change, the wanted ones may not be members yet."""
        self._remembered += [name for name in managers if name not in self._remembered]

    @property
    def known_managers(self) -> list[str]:
        """Lists the wanted managers, then the remembered ones."""
        return [*self.wanted_managers, *(name for name in self._remembered if name not in self.wanted_managers)]

    async def view(self, host: str) -> planner.HostView | None:
        """Asks a host how it sees itself; None when it cannot be reached."""
        try:
            info = (await (await self.hosts.engine(host)).request("GET", "/info"))["Swarm"]
        except HostUnreachable as error:
            self._note_trouble(host, str(error))
            return None
        cluster_id = (info.get("Cluster") or {}).get("ID", "")
        # A manager without a leader does not know its cluster's id either; a worker does not control anything.
        self._leaderless.pop(host, None)
        if info.get("ControlAvailable") and not cluster_id:
            self._leaderless[host] = info.get("NodeAddr", "")
        known = tuple(remote["Addr"] for remote in info.get("RemoteManagers") or ())
        state = planner.LocalState(info["LocalNodeState"] or "inactive")
        return planner.HostView(state, info["NodeID"], cluster_id, known)

    def _note_trouble(self, host: str, trouble: str) -> None:
        self._leaderless.pop(host, None)
        self._troubles[host] = trouble.rstrip(".")

    async def views(self, hosts: Iterable[str]) -> dict[str, planner.HostView | None]:
        """Asks several hosts at once."""
        names = list(hosts)
        return dict(zip(names, await asyncio.gather(*(self.view(name) for name in names)), strict=True))

    async def request(self, method: str, path: str, **rest: Any) -> Any:
        """Sends a request to a manager; waits out an election. Raises `NoManager`, `QuorumLost`, `EngineError`."""

        async def attempt(waiter: waiting.Waiter) -> tuple[Any] | None:
            try:
                return ((await (await self.manager()).request(method, path, **rest)),)
            except (EngineError, HostUnreachable) as error:
                if isinstance(error, EngineError) and not _passes(error):
                    raise
                self._speaker = ""
                waiter.seen = str(error).rstrip(".")
                return None

        return (await waiting.wait_for("a manager that answers", attempt, seconds=_ELECTION_SECONDS))[0]

    async def fetch(self, path: str, **rest: Any) -> bytes:
        """Gets an answer that is no JSON. Raises `NoManager`, `EngineError`, `HostUnreachable`."""
        return await (await self.manager()).fetch(path, **rest)

    async def manager(self) -> Engine:
        """Gives the engine of a living manager that has a leader. Raises `NoManager`, `QuorumLost`."""
        async with self._finding:
            if self._speaker:
                with contextlib.suppress(HostUnreachable):
                    return await self.hosts.engine(self._speaker)
            self._speaker = ""
            self._speaker = await self._find_speaker()
            self._met = True
            return await self.hosts.engine(self._speaker)

    def expect_manager(self) -> None:
        """Forgets that no manager answered: one has come, or is about to."""
        self._absence = None

    async def await_leader(self, hosts: Iterable[str]) -> None:
        """Waits out an election among these hosts, if there is one. Raises `QuorumLost`."""
        await self.views(hosts)
        if self._leaderless:
            await self.manager()

    async def _find_speaker(self) -> str:
        """Finds a manager that answers; those without a leader may be electing one, those that answered may return."""
        if self._absence is not None and waiting.get_time() < self._absent_until:
            raise type(self._absence)(str(self._absence))
        told, began = dict[str, str](), waiting.get_time()

        async def attempt(_waiter: waiting.Waiter) -> str | None:
            found = await self._ask_all(told)
            return found or (None if self._leaderless or self._may_return(told, began) else "")

        found = ""
        with contextlib.suppress(waiting.DeadlineReached):
            found = await waiting.wait_for("a leader", attempt, seconds=_ELECTION_SECONDS)
        if found:
            return found
        self.silent = [host for host, what in told.items() if what != planner.LocalState.INACTIVE.value]
        self._absence = _quorum_lost(told, self._leaderless) if self._leaderless else _no_manager(told, self._troubles)
        self._absent_until = waiting.get_time() + _ABSENCE_SECONDS
        raise self._absence

    def _may_return(self, told: Mapping[str, str], began: float) -> bool:
        """Tells whether the managers are only away: a host that has left the swarm answers, and says so."""
        away = all(what == _SILENT for what in told.values())
        return self._met and away and waiting.get_time() - began < _RETURN_SECONDS

    async def _ask_all(self, told: dict[str, str]) -> str:
        questions = [asyncio.ensure_future(self._ask(host)) for host in self.known_managers]
        try:
            # The first that answers is taken: a host that is gone costs the whole timeout of a connection.
            for answer in asyncio.as_completed(questions):
                host, view = await answer
                # Managers alone know the id of their cluster.
                if view is not None and view.state is planner.LocalState.ACTIVE and view.cluster_id:
                    return host
                told[host] = view.state.value if view else _SILENT
            return ""
        finally:
            for question in questions:
                question.cancel()
            await asyncio.gather(*questions, return_exceptions=True)

    async def _ask(self, host: str) -> tuple[str, planner.HostView | None]:
        try:
            return host, await self.view(host)
        except EngineError as error:
            # Other managers may be well.
            self._note_trouble(host, f"the engine of '{host}' answers: {error}")
            return host, None

    async def exists(self) -> bool:
        """Tells whether a manager answers. Raises `QuorumLost`: a swarm without a leader is there all the same."""
        try:
            await self.manager()
        except (NoManager, HostUnreachable):
            return False
        return True

    async def returns(self, progress: Callable[[str], None]) -> bool:
        """Waits, once in a run, for a manager that is silent; those that say that they are in no swarm do not return.

        Raises `QuorumLost` when one answers that has no leader.
        """
        if self._silent_until is None:
            self._silent_until = waiting.get_time() + _RETURN_SECONDS
        left = self._silent_until - waiting.get_time()
        if not self.silent or left <= 0:
            return False
        progress(f"waiting for {', '.join(self.silent)} to answer")

        async def attempt(_waiter: waiting.Waiter) -> bool | None:
            self.expect_manager()
            return True if await self.exists() else None if self.silent else False

        with contextlib.suppress(waiting.DeadlineReached):
            return await waiting.wait_for("a manager that answers", attempt, seconds=left)
        return False

    async def members(self) -> list[planner.Member]:
        """Lists the nodes."""
        return [_read_member(node) for node in await self.request("GET", "/nodes")]

    async def cluster_id(self) -> str:
        """Gives the swarm's id."""
        return str((await self.request("GET", "/swarm"))["ID"])

    async def change(
        self,
        path: str,
        alter: Callable[[dict[str, Any]], None],
        *,
        query: Mapping[str, str] | None = None,
        registry_auth: Mapping[str, str] | None = None,
    ) -> None:
        """Reads an object with a version, alters its spec and writes it back; another writer's turn is waited out.

        `alter` may be called several times, each time with the spec as it is then.
        """

        async def attempt(waiter: waiting.Waiter) -> bool | None:
            found = await self.request("GET", path)
            alter(found["Spec"])
            asked = {"version": str(found["Version"]["Index"]), **(query or {})}
            try:
                await self.request(
                    "POST", f"{path}/update", query=asked, body=found["Spec"], registry_auth=registry_auth
                )
            except EngineError as error:
                if _CONFLICT not in str(error):
                    raise
                waiter.seen = str(error)
                return None
            return True

        await waiting.wait_for(f"a turn to change {path}", attempt, seconds=_ELECTION_SECONDS)


class ClusterSource:
    """Gives the cluster of the provider's configuration, which comes after the types are made."""

    def __init__(self) -> None:
        self._cluster: Cluster | None = None
        self._planned: set[str] = set()

    def plan(self, reference: str) -> None:
        """Notes in a preview that an object (`net:x`, `config:x`, `secret:x`) will be there."""
        self._planned.add(reference)

    def is_planned(self, reference: str) -> bool:
        """Tells whether this preview makes an object."""
        return reference in self._planned

    def set(self, cluster: Cluster) -> None:
        """Puts the configured cluster in place."""
        self._cluster = cluster

    def find(self) -> Cluster | None:
        """Gives the cluster; None in a preview that does not know how to reach it yet."""
        return self._cluster

    async def look(self, ask: Callable[[Cluster], Awaitable[_T]]) -> _T | None:
        """Asks in a preview; None where the cluster is not known, not there, or does not answer in good time."""
        if self._cluster is None:
            return None
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                return await ask(self._cluster)
        except (NoManager, QuorumLost, HostUnreachable, waiting.DeadlineReached, TimeoutError):
            return None

    def get(self) -> Cluster:
        """Gives the cluster. Raises a `ResourceError` when the provider instance has no configuration."""
        if self._cluster is None:
            raise kit.ResourceError(
                "The swarm provider has no connection facts: give the resource a provider of type swarm.Provider "
                "(opts=ResourceOptions(provider=cluster.provider))."
            )
        return self._cluster


def _no_manager(told: Mapping[str, str], troubles: Mapping[str, str]) -> NoManager:
    seen = ", ".join(f"{host}: {what}" for host, what in told.items())
    causes = dict.fromkeys(troubles[host] for host, what in told.items() if what == _SILENT)
    return NoManager(f"No manager of the swarm answers ({seen}){': ' if causes else ''}{'; '.join(causes)}.")


def _quorum_lost(told: Mapping[str, str], leaderless: Mapping[str, str]) -> QuorumLost:
    seen = ", ".join(f"{host}: {'no leader' if host in leaderless else what}" for host, what in sorted(told.items()))
    survivor = min(leaderless)
    command = recovery.make_command(leaderless[survivor])
    return QuorumLost(
        f"The swarm has lost its quorum ({seen}): tasks go on running, and nothing can be changed. Bring another "
        f"manager back; when they are gone for ever, run '{command}' on {survivor}, "
        "then refresh and up, as docs/troubleshooting.md says."
    )


def _passes(error: EngineError) -> bool:
    return error.status not in _FINAL and any(text in str(error) for text in _PASSING)


def _read_member(node: Mapping[str, Any]) -> planner.Member:
    spec, manager, status = node["Spec"], node.get("ManagerStatus") or {}, node.get("Status") or {}
    return planner.Member(
        node_id=node["ID"],
        hostname=host_names.read_hostname(node),
        role=planner.Role(spec["Role"]),
        ready=status.get("State") == "ready",
        availability=spec["Availability"],
        labels=spec.get("Labels") or {},
        reachable=manager.get("Reachability") == "reachable",
        leader=bool(manager.get("Leader")),
        address=status.get("Addr", ""),
        manager_address=manager.get("Addr", ""),
    )


async def passes_or_raises(action: Awaitable[Any], *statuses: int) -> bool:
    """Awaits a request; False when the engine answered one of `statuses` (such as 404: gone already)."""
    try:
        await action
    except EngineError as error:
        if error.status not in statuses:
            raise
        return False
    return True
