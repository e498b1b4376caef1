"""Hosts are restarted one at a time, drained, on machines in memory; an interrupted run goes on."""

import asyncio
import dataclasses
from typing import Any

import pytest

import tools
from providers import kit
from providers.swarm.hosts import HostUnreachable
from tests.doubles import memory_swarm, virtual_time, world
from tools import facts, restarts

_SPEC = {"TaskTemplate": {"ContainerSpec": {"Image": "web@sha256:1"}}, "Mode": {"Replicated": {"Replicas": 3}}}
_GLOBAL = {"TaskTemplate": {"ContainerSpec": {"Image": "edge@sha256:1"}}, "Mode": {"Global": {}}}
_BOOT_SECONDS = 30


@dataclasses.dataclass
class _Disk:
    """What of a host lasts longer than its boot, and what ends with it."""

    boot: int = 1
    mark: str = ""
    wants_restart: bool = False


class _Machines(memory_swarm.Machines):
    """Machines that restart."""

    disks: dict[str, _Disk]

    async def run(self, host: str, command: str, *, seconds: float = 60) -> str:
        machine, disk = self._reach(host), self.disks[host]
        if "systemctl reboot" in command:
            with self.changed(f"restart {host}"):
                disk.boot, disk.wants_restart, machine.leaving_since = disk.boot + 1, False, None
                machine.booted_at = asyncio.get_running_loop().time() + _BOOT_SECONDS
            raise HostUnreachable("gone")
        if "tee" in command:
            disk.mark = f"boot-{disk.boot}"
            return ""
        if "unlink" in command:
            disk.mark = ""
            return ""
        if "reboot-required" in command:
            return f"boot-{disk.boot}\n{'yes' if disk.wants_restart else 'no'}\n{disk.mark}"
        return f"boot-{disk.boot}\n" if "boot_id" in command else await super().run(host, command, seconds=seconds)


def _make_machines(*names: str) -> _Machines:
    here = world.World(*names)
    here.join_all()
    here.create("Service", {"name": "shop_web", "spec": _SPEC})
    here.create("Service", {"name": "shop_edge", "spec": _GLOBAL})
    made = _Machines()
    vars(made).update({**vars(here.machines), "disks": {name: _Disk() for name in names}})
    for swarm in made.swarms:
        swarm.machines = made
    made.changes.clear()
    return made


@pytest.fixture
def machines() -> _Machines:
    """Gives a swarm of three managers and two workers."""
    return _make_machines("manager-0", "manager-1", "manager-2", "worker-0", "worker-1")


def _restart(machines: _Machines, only: str = "", told: list[str] | None = None) -> Any:
    nodes = {name: {"host": name, "role": name.partition("-")[0], "drainSeconds": 10} for name in machines.disks}
    say = (told if told is not None else list[str]()).append
    return virtual_time.run(restarts.restart_hosts(machines, facts.Recorded(nodes), only, say))


def _want(machines: _Machines, *names: str) -> None:
    for name in names:
        machines.disks[name].wants_restart = True


def _list_unwell(machines: _Machines) -> list[str]:
    swarm = machines.swarm
    found = [
        node["Description"]["Hostname"] for node in swarm.nodes.values() if node["Spec"]["Availability"] != "active"
    ]
    found += [name for name, one in machines.all.items() if one.leaving_since is not None]
    return found + [name for name, disk in machines.disks.items() if disk.mark]


def test_no_host_is_restarted_that_does_not_ask_for_it(machines: _Machines) -> None:
    assert _restart(machines) == []
    assert machines.changes == []


def test_workers_come_first_and_the_leader_last(machines: _Machines) -> None:
    _want(machines, *machines.disks)

    names = _restart(machines)

    assert names == ["worker-0", "worker-1", "manager-1", "manager-2", "manager-0"]
    assert [disk.boot for disk in machines.disks.values()] == [2] * 5
    assert _list_unwell(machines) == []


def test_the_named_host_is_restarted_without_asking_for_it(machines: _Machines) -> None:
    assert _restart(machines, "worker-1") == ["worker-1"]


def test_an_unknown_host_is_refused_with_the_known_ones(machines: _Machines) -> None:
    with pytest.raises(tools.ToolError) as caught:
        _restart(machines, "worker-9")

    assert str(caught.value) == (
        "HOST must be one of manager-0, manager-1, manager-2, worker-0, worker-1; got 'worker-9'."
    )


def test_a_host_is_empty_before_it_restarts(machines: _Machines) -> None:
    told: list[str] = []

    _restart(machines, "worker-0", told)

    steps = [line.partition("worker-0: ")[2].partition(" node-")[0] for line in told]
    assert steps == [
        "await others",
        "stop traffic",
        "set availability pause",
        "evacuate",
        "moving shop_web",
        "evacuate global services",
        "shop_edge leaves",
        "set availability drain",
        "await drained",
        "restart",
        "answers",
        "await member",
        "resume traffic",
        "set availability active",
        "release services",
        "await serving",
        "serves again",
    ]


def test_no_manager_is_restarted_while_another_is_missing(machines: _Machines) -> None:
    _want(machines, "manager-1")
    machines.swarm.nodes[machines.all["manager-2"].node_id]["silence"] = 0
    machines.kill("manager-2")

    with pytest.raises(kit.ResourceError):
        _restart(machines)

    assert [change for change in machines.changes if change.startswith("restart")] == []


def test_the_only_manager_is_restarted_after_a_word_about_it() -> None:
    machines = _make_machines("manager-0", "worker-0")
    told: list[str] = []

    _restart(machines, "manager-0", told)

    assert "is the only manager: services go on" in told[0]
    assert _list_unwell(machines) == []


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("change", range(1, 11))
def test_an_interrupted_run_goes_on(machines: _Machines, change: int, before: bool) -> None:
    _want(machines, "worker-0")
    machines.interrupt_at, machines.interrupt_before = change, before
    with pytest.raises(asyncio.CancelledError):
        _restart(machines)

    machines.interrupt_at = None
    _restart(machines)

    assert machines.disks["worker-0"].boot == 2
    assert _list_unwell(machines) == []
