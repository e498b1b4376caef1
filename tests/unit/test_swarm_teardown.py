"""Nodes that are deleted while no manager answers: since they left, are away for a moment, or are gone."""

import asyncio

import pytest

from providers import kit
from tests.doubles import memory_swarm, world

_DRAIN_SECONDS = 15


def _make() -> tuple[world.World, world.Made]:
    here = world.World("manager-0", "worker-0")
    here.make_swarm()
    here.join("manager-0")
    made = here.join("worker-0", drainSeconds=_DRAIN_SECONDS)
    here.machines.changes.clear()
    here.machines.times.clear()
    here.told.clear()
    return here, made


def _forget(machine: memory_swarm.Machine) -> None:
    machine.state, machine.node_id, machine.swarm = "inactive", "", None


def test_a_node_leaves_at_once_when_every_manager_has_left() -> None:
    here, made = _make()
    _forget(here.machines.all["manager-0"])

    here.delete(made)

    assert here.machines.changes == ["POST /swarm/leave"]
    assert here.machines.all["worker-0"].state == "inactive"
    assert here.warned == []


def test_a_node_leaves_in_order_when_a_manager_comes_back() -> None:
    here, made = _make()
    here.machines.all["manager-0"].booted_at = 1_000_020

    here.delete(made)

    assert made.id not in here.swarm.nodes
    assert "set availability drain" in here.told
    assert here.told[0] == "waiting for manager-0 to answer"
    assert here.warned == []


def test_a_node_whose_managers_are_gone_stops_its_traffic_before_it_leaves_by_force() -> None:
    here, made = _make()
    here.machines.kill("manager-0")

    here.delete(made)

    assert here.machines.changes == ["stop traffic", "POST /swarm/leave"]
    assert here.machines.times[0] >= 1_000_030
    assert here.machines.times[1] - here.machines.times[0] > _DRAIN_SECONDS
    assert here.machines.all["worker-0"].state == "inactive"
    assert here.warned == [
        "No manager of the swarm answers (manager-0), so node 'worker-0' leaves by force once its traffic has stopped."
    ]


def test_silent_managers_are_waited_for_once_in_a_run() -> None:
    here = world.World("manager-0", "worker-0", "worker-1")
    made = here.join_all()
    here.machines.kill("manager-0")
    here.machines.times.clear()

    here.run_all(
        [
            ("SwarmNode", lambda node: node.delete(here.context(), made["worker-0"].id, made["worker-0"].state)),
            ("SwarmNode", lambda node: node.delete(here.context(), made["worker-1"].id, made["worker-1"].state)),
        ]
    )

    assert here.machines.times[-1] < 1_000_040


def test_a_node_leaves_by_force_also_when_its_traffic_cannot_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    here, made = _make()
    here.machines.kill("manager-0")

    async def fail(host: str, _command: str, *, seconds: float = 60) -> str:
        await asyncio.sleep(0)
        raise kit.ResourceError(f"A command on host '{host}' failed within {seconds:g} s.")

    monkeypatch.setattr(here.machines, "run", fail)

    here.delete(made)

    assert here.machines.changes == ["POST /swarm/leave"]
    assert here.warned[1] == "Node 'worker-0' leaves with traffic: A command on host 'worker-0' failed within 60 s."


def test_a_node_whose_host_and_managers_are_gone_is_gone() -> None:
    here, made = _make()
    here.machines.kill("manager-0")
    here.machines.kill("worker-0")

    here.delete(made)

    assert here.machines.changes == []
    assert here.warned == ["Neither a manager nor host 'worker-0' can be reached; the node is taken as gone."]
