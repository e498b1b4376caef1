"""Looks at hosts and swarm over SSH, all hosts at once, and changes nothing. What cannot be seen is told."""

import asyncio
import contextlib
import json
import re
import shlex
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cryptography import exceptions, x509
from cryptography.hazmat.primitives import serialization

from providers import kit
from providers.swarm import ssh_hosts, waiting
from providers.swarm.hosts import EngineError, Hosts, HostUnreachable
from tools import facts, on_host, remote_python

__all__ = [
    "ask_logins",
    "find_end",
    "look_at_hosts",
    "look_at_swarm",
    "read_logs",
    "report_hosts",
    "run_on",
    "with_hosts",
]

# A manager that has just lost the others takes half a minute to say so.
_ENGINE_SECONDS = 45.0
_ELECTION_SECONDS = 8.0
_REPORT_SECONDS = 30.0
_RUN_SECONDS = 300.0
_LOG_LINES = 5
_NEVER = 2**64 - 1
_CLOCK = "date +%s.%N"
_RPC = re.compile(r"^rpc error: code = \w+ desc = ")


def with_hosts(way: ssh_hosts.Way, look: Callable[[Hosts], Any]) -> Any:
    """Runs what looks at the hosts, a coroutine function, and closes every connection."""

    async def main() -> Any:
        hosts = ssh_hosts.SshHosts(way)
        try:
            return await look(hosts)
        finally:
            await hosts.close()

    return asyncio.run(main())


async def run_on(hosts: Hosts, host: str, command: str) -> str:
    """Runs a command on a host and gives its output. Raises `ResourceError`."""
    return await hosts.run(host, command, seconds=_RUN_SECONDS)


async def look_at_hosts(hosts: Hosts, names: Iterable[str]) -> list[facts.Host]:
    """Asks every host's engine."""
    return list(await asyncio.gather(*(_look_at_host(hosts, name) for name in names)))


async def _look_at_host(hosts: Hosts, name: str) -> facts.Host:
    try:
        return facts.Host(name, await _request(hosts, name, "/info"))
    except kit.ResourceError as error:
        return facts.Host(name, trouble=str(error))


async def _request(hosts: Hosts, name: str, path: str, **query: str) -> Any:
    try:
        async with asyncio.timeout(_ENGINE_SECONDS):
            return await (await hosts.engine(name)).request("GET", path, query=query)
    except TimeoutError as error:
        raise HostUnreachable(f"The engine of host '{name}' did not answer within {_ENGINE_SECONDS:g} s.") from error


async def look_at_swarm(hosts: Hosts, seen: Sequence[facts.Host]) -> tuple[facts.Swarm | None, str]:
    """Asks the first manager that speaks for the swarm, and waits out an election; else gives what each said."""
    managers = [host.name for host in seen if host.membership.get("ControlAvailable")]
    told: dict[str, str] = {}

    async def probe(_waiter: waiting.Waiter) -> facts.Swarm | None:
        return await _find_speaker(hosts, managers, told)

    if managers:
        with contextlib.suppress(waiting.DeadlineReached):
            return await waiting.wait_for("a manager that answers", probe, seconds=_ELECTION_SECONDS), ""
    words = [
        *(f"{name}: {word}" for name, word in told.items()),
        *(host.trouble.rstrip(".") for host in seen if host.trouble),
    ]
    return None, "; ".join(words) or "no host is a manager"


async def _find_speaker(hosts: Hosts, managers: Sequence[str], told: dict[str, str]) -> facts.Swarm | None:
    for name in managers:
        try:
            return await _describe_swarm(hosts, name)
        except kit.ResourceError as error:
            told[name] = _RPC.sub("", str(error)).rstrip(".")
    return None


async def _describe_swarm(hosts: Hosts, name: str) -> facts.Swarm:
    nodes = await _request(hosts, name, "/nodes")
    services = await _request(hosts, name, "/services", status="true")
    tasks = await _request(hosts, name, "/tasks")
    return facts.Swarm(name, nodes or (), services or (), tasks or ())


async def report_hosts(hosts: Hosts, seen: Sequence[facts.Host], ports: Sequence[int]) -> list[facts.Host]:
    """Adds to every host that can be reached what it says of itself."""
    return list(await asyncio.gather(*(_report_host(hosts, host, ports) for host in seen)))


async def _report_host(hosts: Hosts, host: facts.Host, ports: Sequence[int]) -> facts.Host:
    try:
        ahead, uncertain = await _compare_clocks(hosts, host.name)
        told = await hosts.run(host.name, _make_command(ports), seconds=_REPORT_SECONDS)
        report = _read_report(json.loads(told), ahead, uncertain)
    except (kit.ResourceError, ValueError) as error:
        return facts.Host(host.name, host.info, host.trouble or f"Host '{host.name}' gives no report: {error}")
    return facts.Host(host.name, host.info, host.trouble, report)


async def _compare_clocks(hosts: Hosts, name: str) -> tuple[float, float]:
    """Gives how far a host's clock is ahead of this one, and how far from the truth that may be."""
    before = time.time()
    told = float(await hosts.run(name, _CLOCK))
    after = time.time()
    return told - (before + after) / 2, (after - before) / 2


def _make_command(ports: Sequence[int]) -> str:
    # At the host's own address: the responder connects to the one at which it is asked.
    words = f'"$3" {" ".join(map(str, ports))}'
    # A host without python3 is not a broken one: its clock and its engine are asked without it.
    asked = remote_python.make_command(_read_script(), words, otherwise=remote_python.EMPTY)
    return f"set -- $SSH_CONNECTION; {asked}"


def _read_script() -> str:
    with open(on_host.__file__, encoding="utf-8") as file:
        return file.read()


def _read_report(told: Mapping[str, Any], ahead: float, uncertain: float) -> facts.Report:
    certificates = {name: find_end(text) for name, text in told.get("certificates", {}).items()}
    return facts.Report(
        ahead,
        uncertain,
        told.get("leaving_since", 0),
        told.get("restart", ""),
        told.get("ports", {}),
        told.get("disks", {}),
        {name: end for name, end in certificates.items() if end is not None},
    )


def find_end(certificate: str) -> float | None:
    """Finds when a certificate ends, one of X.509 or of OpenSSH; None for one without an end, or none at all."""
    with contextlib.suppress(ValueError, exceptions.UnsupportedAlgorithm):
        if "BEGIN CERTIFICATE" in certificate:
            return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc.timestamp()
        signed = serialization.load_ssh_public_identity(certificate.encode())
        if isinstance(signed, serialization.SSHCertificate) and signed.valid_before != _NEVER:
            return float(signed.valid_before)
    return None


async def read_logs(hosts: Hosts, speaker: str, tasks: Iterable[str]) -> dict[str, list[str]]:
    """Reads the last lines of tasks; those of a node that is away are not waited for."""
    ids = list(tasks)
    return dict(zip(ids, await asyncio.gather(*(_read_log(hosts, speaker, one) for one in ids)), strict=True))


async def _read_log(hosts: Hosts, speaker: str, task: str) -> list[str]:
    command = f"timeout 10 docker service logs --raw --tail {_LOG_LINES} {shlex.quote(task)} 2>&1 || true"
    with contextlib.suppress(kit.ResourceError):
        return [line for line in (await hosts.run(speaker, command)).splitlines() if line.strip()][-_LOG_LINES:]
    return []


async def ask_logins(hosts: Hosts, speaker: str, logins: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tries the logins with which nodes pull, from a manager; gives what the registries that refuse say."""
    refused: dict[str, str] = {}
    for login in logins:
        try:
            await (await hosts.engine(speaker)).request("POST", "/auth", body=dict(login))
        except EngineError as error:
            refused[login.get("serveraddress", "")] = str(error).strip().rstrip(".")
        except HostUnreachable:
            continue
    return refused
