"""How the provider finds a manager that speaks for the swarm."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from providers.kit import UNKNOWN
from providers.swarm import plugin, waiting
from providers.swarm.cluster import Cluster, ClusterSource, NoManager, QuorumLost
from providers.swarm.hosts import EngineError
from tests.doubles import memory_swarm, virtual_time, world

_T = TypeVar("_T")


class _CountingMachines(memory_swarm.Machines):
    """Counts how often a machine is asked for."""

    asked = 0

    async def engine(self, host: str) -> memory_swarm.Engine:
        self.asked += 1
        return await super().engine(host)


def _use(machines: memory_swarm.Machines, managers: list[str], use: Callable[[Cluster], Awaitable[_T]]) -> _T:
    async def main() -> _T:
        return await use(Cluster(machines, managers))

    return virtual_time.run(main())


def test_any_manager_that_is_known_speaks_for_the_swarm() -> None:
    here = world.World("manager-0", "manager-1")
    here.join_all()
    here.machines.boot("manager-2")

    async def use(cluster: Cluster) -> str:
        cluster.remember(["manager-1", "manager-1"])
        return await cluster.cluster_id()

    assert _use(here.machines, ["manager-2", "manager-9"], use) == here.swarm.id


def test_another_manager_takes_over_when_the_speaker_dies() -> None:
    here = world.World("manager-0", "manager-1", "manager-2")
    here.join_all()

    async def use(cluster: Cluster) -> int:
        await cluster.members()
        here.machines.kill(cluster._speaker)
        return len(await cluster.members())

    assert _use(here.machines, here.managers, use) == 3


@pytest.mark.parametrize(("seconds", "found"), [(10, True), (100, False)])
def test_a_manager_that_has_answered_may_be_away_for_a_moment(seconds: float, found: bool) -> None:
    here = world.World("manager-0")
    here.join_all()

    async def use(cluster: Cluster) -> tuple[bool, float]:
        await cluster.members()
        began = waiting.get_time()
        here.machines.all["manager-0"].booted_at = began + seconds
        return await cluster.exists(), waiting.get_time() - began

    exists, took = _use(here.machines, ["manager-0"], use)

    assert exists is found
    assert took < 40


def _lose_quorum() -> world.World:
    here = world.World("manager-0", "manager-1", "manager-2", "worker-0")
    here.join_all()
    here.machines.kill("manager-0")
    here.machines.kill("manager-1")
    return here


LOST = (
    "The swarm has lost its quorum (manager-0: cannot be reached, manager-1: cannot be reached, manager-2: no leader): "
    "tasks go on running, and nothing can be changed. Bring another manager back; when they are gone for ever, run "
    "'docker swarm init --force-new-cluster --advertise-addr 10.0.0.12 > /dev/null' on manager-2, then refresh and up, "
    "as docs/troubleshooting.md says."
)


def test_a_swarm_without_quorum_is_waited_for_and_then_refused_with_the_command_that_mends_it() -> None:
    here = _lose_quorum()

    async def use(cluster: Cluster) -> float:
        started = waiting.get_time()
        with pytest.raises(QuorumLost) as caught:
            await cluster.members()
        assert str(caught.value) == LOST
        return waiting.get_time() - started

    assert 60 <= _use(here.machines, here.managers, use) < 70


def test_a_lost_quorum_is_waited_for_once_for_many_objects() -> None:
    here = _lose_quorum()

    async def use(cluster: Cluster) -> float:
        started = waiting.get_time()
        for _ in range(5):
            with pytest.raises(QuorumLost):
                await cluster.exists()
        return waiting.get_time() - started

    assert _use(here.machines, here.managers, use) < 70


def test_an_election_is_waited_out_before_a_manager_speaks() -> None:
    here = world.World("manager-0", "manager-1", "manager-2")
    here.join_all()
    here.machines.kill("manager-0")

    assert len(_use(here.machines, here.managers, lambda cluster: cluster.members())) == 3


def test_what_is_in_a_swarm_that_lost_its_quorum_is_not_taken_as_gone() -> None:
    here = world.World("manager-0", "manager-1", "manager-2", "worker-0")
    swarm = here.make_swarm()
    nodes = [here.join(host) for host in here.machines.all]
    here.machines.kill("manager-0")
    here.machines.kill("manager-1")

    for made in (swarm, *nodes[2:]):
        with pytest.raises(QuorumLost):
            here.read(made)
    with pytest.raises(QuorumLost):
        here.delete(nodes[-1])
    assert here.machines.all["worker-0"].state == "active"


def test_no_second_swarm_is_begun_beside_one_that_lost_its_quorum() -> None:
    here = _lose_quorum()

    with pytest.raises(QuorumLost) as caught:
        here.make_swarm()

    assert str(caught.value) == LOST


def test_hosts_that_are_gone_are_asked_once_for_many_objects() -> None:
    machines = _CountingMachines()

    async def use(cluster: Cluster) -> list[bool]:
        return [await cluster.exists() for _ in range(10)]

    assert _use(machines, ["manager-0"], use) == [False] * 10
    assert machines.asked == 1


def test_a_manager_that_is_expected_is_asked_for_again() -> None:
    machines = _CountingMachines()

    async def use(cluster: Cluster) -> bool:
        before = await cluster.exists()
        cluster.expect_manager()
        return before or await cluster.exists()

    assert _use(machines, ["manager-0"], use) is False
    assert machines.asked == 2


def test_the_error_tells_what_each_manager_is() -> None:
    machines = memory_swarm.Machines("manager-0")

    with pytest.raises(NoManager) as caught:
        _use(machines, ["manager-0", "manager-1"], lambda cluster: cluster.manager())

    seen, cause = str(caught.value).removeprefix("No manager of the swarm answers (").split("): ")
    assert sorted(seen.split(", ")) == ["manager-0: inactive", "manager-1: cannot be reached"]
    assert cause == "Host 'manager-1' cannot be reached over SSH: no answer."


def test_managers_that_answer_have_no_cause() -> None:
    machines = memory_swarm.Machines("manager-0")

    with pytest.raises(NoManager) as caught:
        _use(machines, ["manager-0"], lambda cluster: cluster.manager())

    assert str(caught.value) == "No manager of the swarm answers (manager-0: inactive)."


def test_what_the_engine_refuses_is_not_tried_again() -> None:
    here = world.World("manager-0")
    here.join_all()

    with pytest.raises(EngineError) as caught:
        _use(here.machines, here.managers, lambda cluster: cluster.request("GET", "/nodes/none"))

    assert caught.value.status == 404


class _RefusingEngine(memory_swarm.Engine):
    """An engine whose requests to one path are refused at first."""

    refusals: list[EngineError]
    path = ""

    async def request(self, method: str, path: str, **rest: Any) -> Any:
        if path == self.path and self.refusals:
            raise self.refusals.pop()
        return await super().request(method, path, **rest)


def _refuse(here: world.World, path: str, *refusals: EngineError, only: str = "") -> list[EngineError]:
    """Lets the engines refuse a path; gives what is still to be refused."""
    left, plain = list(refusals), here.machines.engine

    async def engine(host: str) -> memory_swarm.Engine:
        made = await plain(host)
        if only not in ("", host):
            return made
        refusing = _RefusingEngine(here.machines, made._machine)
        refusing.refusals, refusing.path = left, path
        return refusing

    here.machines.engine = engine  # type: ignore[method-assign]
    return left


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, "network minecraft_default not found"),
        (409, "rpc error: code = AlreadyExists desc = name raft: stopped conflicts with an existing object"),
        (404, "service code = Unavailable not found"),
        (500, "service minecraft_web cannot be updated"),
        (500, "rpc error: code = Unknown desc = raft: raft message is too large and can't be sent"),
    ],
)
def test_a_refusal_is_told_at_once_whatever_name_is_in_it(status: int, text: str) -> None:
    here = world.World("manager-0")
    here.join_all()
    left = _refuse(here, "/networks", EngineError(status, "again"), EngineError(status, text))

    with pytest.raises(EngineError) as caught:
        _use(here.machines, here.managers, lambda cluster: cluster.request("GET", "/networks"))

    assert str(caught.value) == text
    assert len(left) == 1


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (503, "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers"),
        (503, "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state."),
        (503, "rpc error: code = Unavailable desc = transport is closing"),
        (500, "rpc error: code = DeadlineExceeded desc = context deadline exceeded"),
        (500, "rpc error: code = Canceled desc = context canceled"),
        (500, "rpc error: code = Unknown desc = raft: failed to process the request: node lost leader status"),
        (500, "rpc error: code = Unknown desc = raft: no elected cluster leader"),
        (500, "rpc error: code = Unknown desc = raft: node is not yet part of a raft cluster"),
        (500, "rpc error: code = Unknown desc = raft: stopped"),
        (400, "node n1 is a cluster manager and is a member of the raft cluster. It must be demoted to worker first"),
    ],
)
def test_what_passes_with_an_election_or_a_step_down_is_waited_out(status: int, text: str) -> None:
    here = world.World("manager-0")
    here.join_all()
    left = _refuse(here, "/networks", EngineError(status, text))

    assert _use(here.machines, here.managers, lambda cluster: cluster.request("GET", "/networks")) == []
    assert left == []


def test_a_manager_whose_engine_fails_is_passed_over() -> None:
    here = world.World("manager-0", "manager-1")
    here.join_all()
    _refuse(here, "/info", EngineError(500, "disk full"), only="manager-0")

    assert len(_use(here.machines, here.managers, lambda cluster: cluster.members())) == 2


def test_managers_of_which_none_speaks_are_told_with_each_ones_reason() -> None:
    here = world.World("manager-0", "manager-1")
    here.machines.kill("manager-1")
    _refuse(here, "/info", EngineError(500, "disk full."), only="manager-0")

    with pytest.raises(NoManager) as caught:
        _use(here.machines, here.managers, lambda cluster: cluster.manager())

    assert str(caught.value).startswith("No manager of the swarm answers (manager-")
    assert sorted(str(caught.value).partition("): ")[2].rstrip(".").split("; ")) == [
        "Host 'manager-1' cannot be reached over SSH: no answer",
        "the engine of 'manager-0' answers: disk full",
    ]


def test_who_is_asked_in_vain_is_not_asked_any_longer_once_another_has_answered() -> None:
    here = world.World("manager-0")
    here.join_all()
    left: list[str] = []
    plain = here.machines.engine

    async def engine(host: str) -> memory_swarm.Engine:
        if host == "manager-0":
            return await plain(host)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            left.append(host)
        raise AssertionError

    here.machines.engine = engine  # type: ignore[method-assign]

    async def use(cluster: Cluster) -> list[str]:
        await cluster.manager()
        return list(left)

    assert _use(here.machines, ["manager-9", "manager-0"], use) == ["manager-9"]


_FACTS = {"user": "u", "operatorPrivateKey": "k", "caPublicKey": "c", "managers": ["m-0"], "jumpHost": "1.2.3.4"}


def test_connection_facts_are_remembered() -> None:
    source = ClusterSource()

    plugin.Connections(source).configure(_FACTS)

    assert source.get().known_managers == ["m-0"]


@pytest.mark.parametrize("missing", ["user", "operatorPrivateKey", "caPublicKey", "managers"])
def test_a_provider_without_all_facts_knows_no_cluster(missing: str) -> None:
    source = ClusterSource()

    plugin.Connections(source).configure({key: value for key, value in _FACTS.items() if key != missing})

    assert source.find() is None


def test_a_provider_of_a_preview_knows_no_cluster() -> None:
    source = ClusterSource()

    plugin.Connections(source).configure({**_FACTS, "jumpHost": UNKNOWN})

    assert source.find() is None
