"""Runs that are cut off at any change, and the next run that finishes what they began."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from tests.doubles import world

_SPEC = {
    "TaskTemplate": {
        "ContainerSpec": {"Image": "web@sha256:1"},
        "Placement": {"Constraints": ["node.role==worker"]},
    },
    "Mode": {"Replicated": {"Replicas": 2}},
}


def _three() -> world.World:
    return world.World("manager-0", "manager-1", "manager-2", "worker-0", "worker-1")


def _cut_off(here: world.World, at: int, before: bool, action: Callable[[], object]) -> None:
    """Runs an action that is interrupted at its n-th change; it may have fewer."""
    here.machines.interrupt_at, here.machines.interrupt_before = len(here.machines.changes) + at, before
    with contextlib.suppress(asyncio.CancelledError):
        action()
    here.machines.interrupt_at = None


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("host", ["worker-1", "manager-2"])
@pytest.mark.parametrize("at", range(1, 14))
def test_a_leave_cut_off_anywhere_is_finished_by_the_next(host: str, at: int, before: bool) -> None:
    here = _three()
    made = here.join_all()[host]
    here.create("Service", {"name": "web", "spec": _SPEC})
    _cut_off(here, at, before, lambda: here.delete(made))

    here.delete(made)

    assert made.id not in here.swarm.nodes
    assert here.machines.all[host].state == "inactive"
    assert "node.id!=" not in str(here.swarm.objects.stored["services"])


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("host", ["worker-2", "manager-3"])
@pytest.mark.parametrize("at", range(1, 6))
def test_a_join_cut_off_anywhere_is_finished_by_the_next(host: str, at: int, before: bool) -> None:
    here = _three()
    here.join_all()
    here.machines.boot(host)
    _cut_off(here, at, before, lambda: here.join(host, labels={"a": "b"}))

    made = here.join(host, labels={"a": "b"})

    assert host in here.names(host.split("-")[0])
    assert here.swarm.nodes[made.id]["Spec"]["Labels"] == {"a": "b"}
    assert len(here.swarm.nodes) == 6


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("at", [1, 2])
def test_a_beginning_cut_off_anywhere_makes_no_second_swarm(at: int, before: bool) -> None:
    here = world.World("manager-0")
    _cut_off(here, at, before, lambda: here.make_swarm(autolock=True))

    made = here.make_swarm(autolock=True)

    assert made.id == here.swarm.id
    assert here.swarm.spec["EncryptionConfig"]["AutoLockManagers"] is True
