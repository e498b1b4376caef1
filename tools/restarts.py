"""Restarts hosts one at a time, drained: what `make reboot` does.

A host says that it wants a restart with /var/run/reboot-required, which upgrades write. Before a host is emptied a mark
is left on its disk; it goes when the host serves again. So an interrupted run goes on: a host with a mark from before
its restart is restarted, one with a mark from after it is brought back.
"""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tools
from providers import kit
from providers.swarm import membership, planner, restarting, waiting
from providers.swarm.cluster import Cluster
from providers.swarm.hosts import Hosts, HostUnreachable
from tools import facts, on_host

__all__ = ["State", "restart_hosts"]

_MARK = on_host.RESTARTING
# The kernel's boot and the start of its first process: a container that restarts has a new one of the latter alone.
_BOOT = "$(cat /proc/sys/kernel/random/boot_id)/$(cut -d' ' -f22 /proc/1/stat)"
_LOOK = f'echo "{_BOOT}"; test -e {on_host.WANTS_RESTART} && echo yes || echo no; cat {_MARK} 2>/dev/null || true'
_WRITE_MARK = f'sudo mkdir -p {_MARK.rpartition("/")[0]} && echo "{_BOOT}" | sudo tee {_MARK} >/dev/null'
_REMOVE_MARK = f"sudo unlink {_MARK}"
_RESTART = "sudo systemctl reboot"
_BOOT_SECONDS = 600.0
_STEP_SECONDS = 180.0
_LOGIN_SECONDS = 15.0


@dataclasses.dataclass(frozen=True)
class State:
    """How a host stands: its present boot, whether it wants a restart, and the boot in which a run emptied it."""

    boot: str
    wants_restart: bool
    marked_boot: str

    @property
    def came_back(self) -> bool:
        """Tells whether an earlier run restarted it and did not bring it back."""
        return bool(self.marked_boot) and self.marked_boot != self.boot


async def restart_hosts(hosts: Hosts, recorded: facts.Recorded, only: str, say: Callable[[str], None]) -> Sequence[str]:
    """Restarts the host `only`, or all that want it, one after another; gives their names in that order.

    Raises `ResourceError`, and nothing was touched, when a host cannot be asked or a manager is missing.
    """
    run = _Run(hosts, recorded, say)
    if only and only not in recorded.nodes:
        raise tools.ToolError(f"HOST must be one of {', '.join(sorted(recorded.nodes))}; got '{only}'.")
    states = {name: await run.look(name) for name in ([only] if only else recorded.nodes)}
    wanted = [only] if only else [name for name, one in states.items() if one.wants_restart or one.marked_boot]
    members = await run.cluster.members()
    ordered = restarting.order(wanted, planner.Seen("", members, None))
    for name in ordered:
        await run.restart(name, states[name])
    return ordered


class _Run:
    """One run of the command."""

    def __init__(self, hosts: Hosts, recorded: facts.Recorded, say: Callable[[str], None]) -> None:
        self.cluster = Cluster(hosts, recorded.managers)
        self._hosts = hosts
        self._nodes = recorded.nodes
        self._began = time.monotonic()
        self._say = say

    def _tell(self, host: str, text: str) -> None:
        self._say(f"{time.monotonic() - self._began:6.1f} s  {host}: {text}")

    async def look(self, host: str) -> State:
        """Asks a host how it stands; one that an interrupted run restarted may be on its way."""
        text = await self._await_answer(host, _LOOK, f"host '{host}' to answer", _STEP_SECONDS)
        boot, wants, *mark = text.splitlines()
        return State(boot, wants == "yes", mark[0] if mark else "")

    async def _await_answer(self, host: str, command: str, what: str, seconds: float, unlike: str = "") -> str:
        """Waits until a host answers a command, and with something else than `unlike`."""

        async def probe(waiter: waiting.Waiter) -> str | None:
            try:
                text = (await self._hosts.run(host, command, seconds=_LOGIN_SECONDS)).strip()
            except HostUnreachable as error:
                await self._hosts.disconnect(host)
                waiter.seen = str(error).rstrip(".")
                return None
            waiter.seen = "not restarted yet"
            return None if text == unlike else text

        return await waiting.wait_for(what, probe, seconds=seconds)

    async def restart(self, host: str, state: State) -> None:
        """Empties a host, restarts it and brings it back, from wherever an earlier run left off."""
        member = self._make_member(host, self._nodes[host])
        if state.came_back:
            self._tell(host, "was restarted by an earlier run, and is brought back")
        else:
            await self._empty(host, member)
            await self._reboot(host, state.boot)
        await self._await_active(host)
        await member.perform(restarting.plan_return(self._want(host), await member.observe()))
        await self._hosts.run(host, f"test ! -e {_MARK} || {_REMOVE_MARK}")
        self._tell(host, "serves again")

    async def _empty(self, host: str, member: membership.Membership) -> None:
        actions = restarting.plan_restart(host, await member.observe())
        if self._nodes[host].get("role") == "manager" and len(self.cluster.wanted_managers) == 1:
            self._tell(host, "is the only manager: services go on, and nothing can be changed until it is back")
        await self._hosts.run(host, _WRITE_MARK)
        await member.perform(actions)

    async def _reboot(self, host: str, boot: str) -> None:
        self._tell(host, "restart")
        with contextlib.suppress(HostUnreachable):
            await self._hosts.run(host, _RESTART, seconds=_LOGIN_SECONDS)
        await self._hosts.disconnect(host)
        what = f"host '{host}' to come back from its restart"
        await self._await_answer(host, f'echo "{_BOOT}"', what, _BOOT_SECONDS, unlike=boot)
        self._tell(host, "answers")

    async def _await_active(self, host: str) -> None:
        """Waits until its own engine is in the swarm again: one on its way must not be taken for a stranger."""

        async def probe(waiter: waiting.Waiter) -> bool | None:
            view = await self.cluster.view(host)
            waiter.seen = "no engine" if view is None else view.state.value
            if view is not None and view.state is planner.LocalState.LOCKED:
                raise kit.ResourceError(f"Host '{host}' is locked; 'docker swarm unlock' on it, then run this again.")
            return True if view is not None and view.state is planner.LocalState.ACTIVE else None

        await waiting.wait_for(f"the engine of host '{host}' to be back in the swarm", probe, seconds=_STEP_SECONDS)

    def _make_member(self, host: str, node: Mapping[str, Any]) -> membership.Membership:
        return membership.Membership(
            self.cluster,
            self._want(host),
            seconds=float(node.get("timeoutSeconds", _STEP_SECONDS)),
            drain_seconds=float(node.get("drainSeconds", 0)),
            progress=lambda text: self._tell(host, text),
        )

    def _want(self, host: str) -> planner.WantedNode:
        node = self._nodes[host]
        role, availability = planner.Role(node.get("role", "worker")), str(node.get("availability", "active"))
        return planner.WantedNode(host, role, availability, node.get("labels", {}))
