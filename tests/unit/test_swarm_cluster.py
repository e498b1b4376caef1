"""How the provider finds a manager that speaks for the swarm."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

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
