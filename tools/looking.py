"""Collects what is known of a stack: the state through Pulumi, the hosts and the swarm over SSH, the addresses."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import tools
from providers.swarm import ssh_hosts
from providers.swarm.hosts import Hosts
from tools import asking, audit, doctor_swarm, facts, observing, pulumi_cli, recorded, restarts

__all__ = ["Connect", "collect_audit", "look_at_swarm", "look_closely", "restart", "run_on"]

# Gives the hosts to a coroutine function, and what that gives back; tests give hosts in memory.
Connect = Callable[[ssh_hosts.Way, Callable[[Hosts], Any]], Any]
_LOGGED_TASKS = 5


def look_at_swarm(
    pulumi: pulumi_cli.Pulumi, connect: Connect = observing.with_hosts
) -> tuple[facts.Recorded, facts.Swarm | None, str]:
    """Asks the state and the swarm: what is recorded, what a manager says, and else why none does."""
    says = recorded.read(pulumi.read("stack", "export"))
    try:
        way = recorded.make_way(_read_outputs(pulumi))
    except tools.ToolError as error:
        return says, None, str(error).rstrip(".")

    async def look(hosts: Hosts) -> tuple[facts.Swarm | None, str]:
        return await observing.look_at_swarm(hosts, await observing.look_at_hosts(hosts, says.managers))

    swarm, trouble = connect(way, look)
    return says, swarm, trouble


def look_closely(
    pulumi: pulumi_cli.Pulumi, commands: facts.Commands, connect: Connect = observing.with_hosts
) -> facts.Facts:
    """Looks at everything that a check asks for. Raises `ToolError` when nothing is up."""
    outputs, export = _read_outputs(pulumi), pulumi.read("stack", "export", "--show-secrets")
    if not outputs:
        raise tools.ToolError(f"Nothing is up on stack {pulumi.stack}: '{commands.make('up')}' brings it up.")
    says, logins, names = recorded.read(export), recorded.list_logins(export), recorded.list_hosts(export)

    async def look(hosts: Hosts) -> facts.Facts:
        seen = await observing.look_at_hosts(hosts, names)
        swarm, trouble = await observing.look_at_swarm(hosts, seen)
        seen = await observing.report_hosts(hosts, seen, list_ports(says))
        logs = await observing.read_logs(hosts, swarm.speaker, _list_failing(swarm)) if swarm else {}
        refused = await observing.ask_logins(hosts, swarm.speaker, logins) if swarm else {}
        urls = outputs.get("ingress", {})
        answers = await asking.ask_all(urls)
        return facts.Facts(commands, says, seen, swarm, trouble, urls, answers, logs, refused, time.time())

    found: facts.Facts = connect(recorded.make_way(outputs), look)
    return found


def run_on(pulumi: pulumi_cli.Pulumi, host: str, command: str, connect: Connect = observing.with_hosts) -> str:
    """Runs a command on a host and gives its output. Raises `ToolError` for a host that the state does not know."""
    known = recorded.list_hosts(pulumi.read("stack", "export"))
    if host not in known:
        raise tools.ToolError(f"HOST must be one of {', '.join(known) or 'none, since nothing is up'}; got '{host}'.")
    if not command.strip():
        raise tools.ToolError("RUN must be a command, such as RUN='docker node ls'; got nothing.")

    async def run(hosts: Hosts) -> str:
        return await observing.run_on(hosts, host, command)

    return str(connect(recorded.make_way(_read_outputs(pulumi)), run))


def collect_audit(pulumi: pulumi_cli.Pulumi, connect: Connect = observing.with_hosts) -> list[audit.Host]:
    """Collects what the rules of docker-bench-security ask of every host. Raises `ToolError` when nothing is up."""
    names = list(recorded.read(pulumi.read("stack", "export")).nodes)
    if not names:
        raise tools.ToolError(f"Nothing is up on stack {pulumi.stack}: 'make up' with the same STACK brings it up.")

    async def collect(hosts: Hosts) -> list[audit.Host]:
        return await audit.collect(hosts, names)

    found: list[audit.Host] = connect(recorded.make_way(_read_outputs(pulumi)), collect)
    return found


def restart(
    pulumi: pulumi_cli.Pulumi, host: str, say: Callable[[str], None], connect: Connect = observing.with_hosts
) -> Sequence[str]:
    """Restarts hosts and gives their names. Raises `ToolError` when nothing is up."""
    says = recorded.read(pulumi.read("stack", "export"))
    if not says.nodes:
        raise tools.ToolError(f"Nothing is up on stack {pulumi.stack}: 'make up' with the same STACK brings it up.")

    async def run(hosts: Hosts) -> Sequence[str]:
        return await restarts.restart_hosts(hosts, says, host, say)

    names: Sequence[str] = connect(recorded.make_way(_read_outputs(pulumi)), run)
    return names


def list_ports(says: facts.Recorded) -> list[int]:
    """Lists the published TCP ports of the services in the state."""
    specs = [(spec.get("EndpointSpec") or {}).get("Ports") or [] for spec in says.services.values()]
    ports = [port for ports in specs for port in ports if port.get("Protocol", "tcp") == "tcp"]
    return sorted({int(port["PublishedPort"]) for port in ports if port.get("PublishedPort")})


def _list_failing(swarm: facts.Swarm) -> Sequence[str]:
    """Lists the failed tasks of loops; the latest may not have come to say a word, so the one before counts too."""
    loops = list(doctor_swarm.list_loops(swarm, time.time()).values())[:_LOGGED_TASKS]
    return [task["ID"] for failed in loops for task in failed[:2]]


def _read_outputs(pulumi: pulumi_cli.Pulumi) -> dict[str, Any]:
    # The operator's key is among them; it stays in this process.
    return pulumi.read("stack", "output", "--json", "--show-secrets") or {}
