"""Collects what is known of a stack: the state through Pulumi, the hosts and the swarm over SSH, the addresses."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import tools
from providers.swarm import ssh_hosts
from providers.swarm.hosts import Hosts
from tools import (
    absence,
    asking,
    audit,
    doctor_swarm,
    facts,
    observing,
    pulumi_cli,
    reaching,
    recorded,
    restarts,
    settings_files,
)

__all__ = ["Connect", "collect_audit", "find_shut_way", "look_at_swarm", "look_closely", "restart", "run_on"]

# Gives the hosts to a coroutine function, and what that gives back; tests give hosts in memory.
Connect = Callable[[ssh_hosts.Way, Callable[[Hosts], Any]], Any]
_LOGGED_TASKS = 5


def look_at_swarm(
    pulumi: pulumi_cli.Pulumi, connect: Connect = observing.with_hosts
) -> tuple[facts.Recorded, facts.Swarm | None, str]:
    """Asks the state and the swarm: what is recorded, what a manager says, and else why none does."""
    export, outputs = pulumi.read("stack", "export"), _read_outputs(pulumi)
    says = recorded.read(export)
    if not says.nodes:
        return says, None, absence.explain(pulumi.stack, outputs, export).rstrip(".")
    try:
        way = recorded.make_way(outputs)
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
        raise tools.ToolError(absence.explain(pulumi.stack, outputs, export))
    missing, files = recorded.list_missing(export, outputs), settings_files.list_applications(pulumi.stack)
    jump = str((outputs.get("access") or {}).get("jumpAddress") or "")
    says, logins, names = recorded.read(export), recorded.list_logins(export), recorded.list_hosts(export)

    async def look(hosts: Hosts) -> facts.Facts:
        seen = await observing.look_at_hosts(hosts, names)
        swarm, trouble = await observing.look_at_swarm(hosts, seen)
        seen = await observing.report_hosts(hosts, seen, list_ports(says))
        logs = await observing.read_logs(hosts, swarm.speaker, _list_failing(swarm)) if swarm else {}
        refused = await observing.ask_logins(hosts, swarm.speaker, logins) if swarm else {}
        urls = outputs.get("ingress", {})
        answers = await asking.ask_all(urls)
        return facts.Facts(
            commands, says, seen, swarm, trouble, urls, answers, logs, refused, jump, missing, files, time.time()
        )

    found: facts.Facts = connect(recorded.make_way(outputs), look)
    return found


def run_on(pulumi: pulumi_cli.Pulumi, host: str, command: str, connect: Connect = observing.with_hosts) -> str:
    """Runs a command on a host and gives its output. Raises `ToolError` for a host that the state does not know."""
    export, outputs = pulumi.read("stack", "export", "--show-secrets"), _read_outputs(pulumi)
    known = recorded.list_hosts(export)
    if not known:
        raise tools.ToolError(absence.explain(pulumi.stack, outputs, export))
    # A host of an up that failed is one to look at: there are no outputs then.
    way = recorded.find_way(export) or recorded.make_way(outputs)
    name = recorded.require_host(host, known)
    if not command.strip():
        raise tools.ToolError("RUN must be a command, such as RUN='docker node ls'; got nothing.")

    async def run(hosts: Hosts) -> str:
        return await observing.run_on(hosts, name, command)

    return str(connect(way, run))


def collect_audit(pulumi: pulumi_cli.Pulumi, connect: Connect = observing.with_hosts) -> list[audit.Host]:
    """Collects what the rules of docker-bench-security ask of every host. Raises `ToolError` when nothing is up."""
    says, outputs = _read_members(pulumi, "audit")

    async def collect(hosts: Hosts) -> list[audit.Host]:
        return await audit.collect(hosts, list(says.nodes))

    found: list[audit.Host] = connect(recorded.make_way(outputs), collect)
    return found


def restart(
    pulumi: pulumi_cli.Pulumi, host: str, say: Callable[[str], None], connect: Connect = observing.with_hosts
) -> Sequence[str]:
    """Restarts hosts and gives their names. Raises `ToolError` when nothing is up."""
    says, outputs = _read_members(pulumi, "reboot")
    only = recorded.require_host(host, says.nodes) if host else ""

    async def run(hosts: Hosts) -> Sequence[str]:
        return await restarts.restart_hosts(hosts, says, only, say)

    names: Sequence[str] = connect(recorded.make_way(outputs), run)
    return names


def find_shut_way(pulumi: pulumi_cli.Pulumi, connect: Connect = observing.with_hosts) -> str:
    """Gives why the way in to the hosts of the state does not answer; nothing where it does, or no host is there."""
    export = pulumi.read("stack", "export", "--show-secrets")
    names = recorded.list_hosts(export)
    if not names:
        return ""
    way = recorded.find_way(export) or recorded.make_way(_read_outputs(pulumi))

    async def find(hosts: Hosts) -> str:
        return await reaching.find_trouble(hosts, way, names)

    return str(connect(way, find))


def list_ports(says: facts.Recorded) -> list[int]:
    """Lists the published TCP ports of the services in the state."""
    specs = [(spec.get("EndpointSpec") or {}).get("Ports") or [] for spec in says.services.values()]
    ports = [port for ports in specs for port in ports if port.get("Protocol", "tcp") == "tcp"]
    return sorted({int(port["PublishedPort"]) for port in ports if port.get("PublishedPort")})


def _list_failing(swarm: facts.Swarm) -> Sequence[str]:
    """Lists the failed tasks of loops; the latest may not have come to say a word, so the one before counts too."""
    loops = list(doctor_swarm.list_loops(swarm, time.time()).values())[:_LOGGED_TASKS]
    return [task["ID"] for failed in loops for task in failed[:2]]


def _read_members(pulumi: pulumi_cli.Pulumi, target: str) -> tuple[facts.Recorded, dict[str, Any]]:
    """Reads the nodes and the outputs. Raises `ToolError`, which names the command, where there are no nodes."""
    export, outputs = pulumi.read("stack", "export"), _read_outputs(pulumi)
    says = recorded.read(export)
    if not says.nodes or not outputs:
        raise tools.ToolError(absence.explain_no_swarm(pulumi.stack, outputs, export, target))
    return says, outputs


def _read_outputs(pulumi: pulumi_cli.Pulumi) -> dict[str, Any]:
    # The operator's key is among them; it stays in this process.
    return pulumi.read("stack", "output", "--json", "--show-secrets") or {}
