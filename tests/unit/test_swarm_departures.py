"""Workers that leave in parallel operations of one run, on machines in memory: how many at the same time."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import pytest

from providers import kit
from providers.swarm import departures, planner, plugin
from providers.swarm.cluster import Cluster, ClusterSource
from providers.swarm.nodes import SwarmNode
from tests.doubles import virtual_time, world

_OLD = [f"worker-{index}" for index in range(4)]
_NEW = [f"new-{index}" for index in range(4)]
_SPEC = {
    "TaskTemplate": {"ContainerSpec": {"Image": "web@sha256:1"}, "Placement": {"Constraints": ["node.role==worker"]}},
    "Mode": {"Replicated": {"Replicas": 4}},
}


class _Run:
    """Removals of one run: who began to leave and who was done, in order, and what came of each."""

    def __init__(self, here: world.World, made: dict[str, world.Made]) -> None:
        self.here, self.made = here, made
        self.moments: list[tuple[str, str]] = []
        self.outcomes: list[object] = []

    def remove(self, hosts: Sequence[str], most: int) -> "_Run":
        """Removes the hosts in operations that the engine starts at once."""
        return self._run(self._remove, hosts, most)

    def drain(self, hosts: Sequence[str], most: int) -> "_Run":
        """Drains the hosts in operations that the engine starts at once."""
        return self._run(self._drain, hosts, most)

    def _run(self, act: Callable[[SwarmNode, str], Awaitable[None]], hosts: Sequence[str], most: int) -> "_Run":
        async def main() -> None:
            source = ClusterSource()
            source.set(Cluster(self.here.machines, self.here.managers, most))
            node = SwarmNode(source)
            self.outcomes = await asyncio.gather(*(act(node, host) for host in hosts), return_exceptions=True)

        virtual_time.run(main())
        return self

    async def _remove(self, node: SwarmNode, host: str) -> None:
        made = self.made[host]
        await node.delete(self._make_context(host), made.id, made.state)
        self.moments.append((host, "done"))

    async def _drain(self, node: SwarmNode, host: str) -> None:
        made = self.made[host]
        await node.update(self._make_context(host), made.id, made.state, {**made.inputs, "availability": "drain"})
        self.moments.append((host, "done"))

    def _make_context(self, host: str) -> kit.Context:
        return kit.Context("it", "urn:it", 0, self._note(host), self.here.warned.append, self.here.left.append)

    def _note(self, host: str) -> Callable[[str], None]:
        def progress(message: str) -> None:
            if message == "stop traffic":
                self.moments.append((host, "begins"))

        return progress

    @property
    def most_at_once(self) -> int:
        """How many were leaving at the same time."""
        # One that a killed run took as far as leaving is done without having begun here.
        began = {host for host, what in self.moments if what == "begins"}
        steps = [1 if what == "begins" else -1 for host, what in self.moments if host in began]
        return max(sum(steps[: index + 1]) for index in range(len(steps)))


def _replaced() -> _Run:
    """Four old workers and the four new ones that are to take over from them."""
    here = world.World("manager-0", *_OLD, *_NEW)
    made = here.join_all()
    here.create("Service", {"name": "web", "spec": _SPEC})
    return _Run(here, made)


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_as_many_workers_leave_at_once_as_the_bound_says(most: int) -> None:
    run = _replaced().remove(_OLD, most)

    assert run.outcomes == [None] * 4
    assert run.most_at_once == most
    assert run.here.names("worker") == _NEW


def test_with_a_bound_of_one_each_is_done_before_the_next_begins() -> None:
    run = _replaced().remove(_OLD, 1)

    assert run.moments == [(host, what) for host in _OLD for what in ("begins", "done")]


def test_no_more_leave_at_once_than_stay() -> None:
    run = _replaced().remove([*_OLD, *_NEW[:2]], 8)

    assert run.outcomes == [None] * 6
    assert run.most_at_once == 4
    assert run.here.names("worker") == _NEW[2:]


def test_every_worker_leaves_when_none_is_wanted_the_last_one_alone() -> None:
    here = world.World("manager-0", "worker-0", "worker-1")

    run = _Run(here, here.join_all()).remove(["worker-0", "worker-1"], 4)

    assert run.outcomes == [None, None]
    assert run.most_at_once == 1


async def _fail(host: str, _command: str, *, seconds: float = 60) -> str:
    raise kit.ResourceError(f"A command on host '{host}' failed: no space left within {seconds:g} s")


def test_after_one_that_failed_to_leave_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    run = _replaced()
    monkeypatch.setattr(run.here.machines, "run", _fail)

    run.remove(_OLD, 1)

    assert [str(outcome) for outcome in run.outcomes] == [
        "A command on host 'worker-0' failed: no space left within 60 s",
        *(
            f"Node '{host}' stays for now: it waited for its turn behind 'worker-0', which failed to leave; "
            "mend that one, then run again."
            for host in _OLD[1:]
        ),
    ]
    assert run.here.names("worker") == [*_NEW, *_OLD]


@pytest.mark.parametrize("at", range(1, 8))
def test_what_a_killed_run_began_is_finished_first(at: int) -> None:
    run = _replaced()
    run.here.machines.interrupt_at = len(run.here.machines.changes) + at
    with contextlib.suppress(asyncio.CancelledError):
        run.here.delete(run.made["worker-3"])
    run.here.machines.interrupt_at = None

    run.remove(_OLD, 1)

    assert run.outcomes == [None] * 4
    assert run.most_at_once == 1
    assert run.here.names("worker") == _NEW


@pytest.mark.parametrize(("facts", "most"), [({}, 4), ({"maxUnavailable": 2}, 2), ({"maxUnavailable": 1.0}, 1)])
def test_the_bound_comes_from_the_providers_configuration(facts: dict[str, float], most: int) -> None:
    source = ClusterSource()
    needed = {"user": "u", "operatorPrivateKey": "key", "caPublicKey": "ca", "managers": ["manager-0"]}

    plugin.Connections(source).configure({**needed, **facts})

    assert source.get().max_unavailable == most


def test_who_waits_goes_on_when_one_before_it_gives_up_waiting() -> None:
    here = world.World("manager-0", "worker-0", "worker-1", "worker-2")
    made = here.join_all()
    # An earlier run paused it, so it counts as leaving while it waits.
    here.swarm.nodes[made["worker-1"].id]["Spec"]["Availability"] = "pause"
    turns, began = departures.Departures(), list[str]()

    async def main() -> None:
        cluster = Cluster(here.machines, here.managers, 1)
        plain, asked = cluster.members, 0

        async def members() -> list[planner.Member]:
            nonlocal asked
            asked += 1
            await asyncio.sleep(1)
            if asked == 2:
                raise kit.ResourceError("no manager")
            return await plain()

        cluster.members = members  # type: ignore[method-assign]

        async def leave(host: str) -> None:
            async with turns.turn(cluster, host, made[host].id, here.told.append):
                began.append(host)

        await asyncio.gather(leave("worker-0"), leave("worker-1"), return_exceptions=True)

    virtual_time.run(main())

    assert began == ["worker-0"]


def test_who_waits_looks_again_though_nobody_tells_it_anything() -> None:
    here = world.World("manager-0", "worker-0", "worker-1", "worker-2", "worker-3")
    made = here.join_all()
    turns = departures.Departures()

    async def main() -> float:
        cluster = Cluster(here.machines, here.managers, 4)
        loop = asyncio.get_running_loop()
        # Two are to leave and two stay, of which one is not ready at first: nobody takes over from the second.
        here.machines.kill("worker-2")
        here.swarm.nodes[made["worker-2"].id]["Status"]["State"] = "down"
        loop.call_later(60, setattr, here.machines.all["worker-2"], "up", True)
        async with turns.turn(cluster, "worker-1", made["worker-1"].id, here.told.append):
            began = loop.time()
            async with turns.turn(cluster, "worker-0", made["worker-0"].id, here.told.append):
                return loop.time() - began

    assert 60 <= virtual_time.run(main()) < 80


def test_workers_that_are_to_be_drained_take_turns() -> None:
    run = _replaced()

    run.drain(_OLD, 2)

    assert run.outcomes == [None] * 4
    assert run.most_at_once == 2
    assert run.here.names("worker") == _NEW


@pytest.mark.parametrize(("role", "wanted"), [("manager", "worker"), ("worker", "manager")])
def test_a_node_whose_role_changes_takes_the_managers_turn(role: str, wanted: str) -> None:
    node = SwarmNode(ClusterSource())

    assert node._turn_to_change(kit.Context("", "", 0, print, print, print), "n", {"role": role}, {"role": wanted}) is (
        node._managers
    )
