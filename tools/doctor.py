"""What is wrong with a stack, why, and the command that mends it."""

import dataclasses
import json
from collections.abc import Callable, Sequence

from tools import doctor_hosts, doctor_swarm, facts
from tools.findings import Finding

__all__ = ["CHECKS", "examine", "make_json", "make_text"]

# What explains the rest comes first.
CHECKS: Sequence[Callable[[facts.Facts], list[Finding]]] = (
    doctor_swarm.check_state,
    doctor_swarm.check_quorum,
    doctor_hosts.check_reach,
    doctor_swarm.check_managers,
    doctor_swarm.check_nodes,
    doctor_hosts.check_disks,
    doctor_hosts.check_clocks,
    doctor_hosts.check_certificates,
    doctor_hosts.check_logins,
    doctor_swarm.check_pending,
    doctor_swarm.check_loops,
    doctor_swarm.check_updates,
    doctor_swarm.check_leftovers,
    doctor_hosts.check_leaving,
    doctor_hosts.check_restarts,
    doctor_hosts.check_ports,
    doctor_hosts.check_answers,
    doctor_swarm.check_drift,
)


def examine(seen: facts.Facts) -> list[Finding]:
    """Runs every check."""
    return [finding for check in CHECKS for finding in check(seen)]


def make_text(seen: facts.Facts, findings: Sequence[Finding]) -> str:
    """Makes the text that `make doctor` prints."""
    looked = f"{facts.count(len(seen.hosts), 'host')} and {facts.count(len(seen.recorded.services), 'service')}"
    if not findings:
        return f"Nothing is wrong: {len(CHECKS)} checks of {looked}."
    parts = [_describe(number, finding) for number, finding in enumerate(findings, start=1)]
    return "\n\n".join([*parts, f"{facts.count(len(findings), 'finding')} in {len(CHECKS)} checks of {looked}."])


def _describe(number: int, finding: Finding) -> str:
    lines = [f"{number}. {finding.what}", f"   {finding.why}"]
    lines += [f"   | {line}" for line in finding.lines]
    return "\n".join([*lines, f"   > {finding.command}"])


def make_json(seen: facts.Facts, findings: Sequence[Finding]) -> str:
    """Makes the JSON that `make doctor JSON=1` prints."""
    hosts = [host.name for host in seen.hosts]
    told = [dataclasses.asdict(finding) for finding in findings]
    return json.dumps({"stack": seen.commands.stack, "hosts": hosts, "findings": told}, indent=2)
