"""Holds every node against docker-bench-security's rules (sections 1, 2, 3, 5 and 7): what `make audit` prints.

What fails and is meant to stands with its reason in tools/audit/accepted.yaml; anything else that fails is a finding.
"""

import asyncio
import dataclasses
import json
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from providers.swarm.hosts import Hosts, HostUnreachable
from tools import facts, remote_python, tables
from tools.audit import container_checks, engine_checks, host_checks, on_host
from tools.audit.rules import Check, Host, Verdict

__all__ = [
    "CHECKS",
    "Accepted",
    "Row",
    "collect",
    "examine",
    "list_findings",
    "list_outdated",
    "make_json",
    "make_text",
    "read_accepted",
]

CHECKS: Sequence[Check] = (*host_checks.CHECKS, *engine_checks.CHECKS, *container_checks.CHECKS)
_ACCEPTED = pathlib.Path(__file__).with_name("accepted.yaml")
_SECONDS = 120.0
_ANYWHERE = "anywhere"


@dataclasses.dataclass(frozen=True)
class Accepted:
    """Rules that are meant to fail: where (sandbox, azure or anywhere), why, and what each failing host then says."""

    rules: tuple[str, ...]
    where: str
    why: str
    says: str = ""


@dataclasses.dataclass(frozen=True)
class Row:
    """How a rule fares on all nodes: `failures` are what failing nodes say, `why` is the reason of an accepted one."""

    rule: str
    title: str
    verdict: Verdict
    failures: Mapping[str, str]
    notes: Mapping[str, str]
    why: str = ""

    @property
    def word(self) -> str:
        """Gives the word of the table."""
        return "accepted" if self.why else self.verdict.value


def read_accepted(cloud: str, file: pathlib.Path = _ACCEPTED) -> list[Accepted]:
    """Reads what is accepted in a cloud (`sandbox` or `azure`)."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    found = [Accepted(tuple(one["rules"]), one["where"], one["why"], one.get("says", "")) for one in entries]
    return [one for one in found if one.where in (cloud, _ANYWHERE)]


async def collect(hosts: Hosts, names: Iterable[str]) -> list[Host]:
    """Asks all hosts at once. Raises `HostUnreachable`: an audit that leaves hosts out says nothing."""
    return list(await asyncio.gather(*(_collect_one(hosts, name) for name in names)))


async def _collect_one(hosts: Hosts, name: str) -> Host:
    told = await hosts.run(name, remote_python.make_command(_read_script()), seconds=_SECONDS)
    try:
        return Host(name, json.loads(told))
    except ValueError as error:
        raise HostUnreachable(f"Host '{name}' gives no report but {told[:80]!r}.") from error


def _read_script() -> str:
    return pathlib.Path(on_host.__file__).read_text(encoding="utf-8")


def examine(hosts: Sequence[Host], accepted: Sequence[Accepted]) -> list[Row]:
    """Judges every rule on every host."""
    return [_examine_rule(check, hosts, accepted) for check in CHECKS]


def _examine_rule(check: Check, hosts: Sequence[Host], accepted: Sequence[Accepted]) -> Row:
    outcomes = {host.name: check.judge(host) for host in hosts}
    failures = {name: one.text for name, one in outcomes.items() if one.verdict is Verdict.FAIL}
    notes = {name: one.text for name, one in outcomes.items() if one.verdict is Verdict.INFO}
    passed = any(one.verdict is Verdict.PASS for one in outcomes.values())
    verdict = Verdict.FAIL if failures else Verdict.PASS if passed else Verdict.INFO
    return Row(check.number, check.title, verdict, failures, notes, _find_reason(check.number, failures, accepted))


def _find_reason(rule: str, failures: Mapping[str, str], accepted: Sequence[Accepted]) -> str:
    if not failures:
        return ""
    reasons = (one.why for one in accepted if rule in one.rules and all(one.says in text for text in failures.values()))
    return next(reasons, "")


def list_outdated(rows: Sequence[Row], accepted: Sequence[Accepted]) -> list[str]:
    """Lists the rules that are accepted although nothing fails."""
    failing = {row.rule for row in rows if row.failures}
    return sorted({rule for one in accepted for rule in one.rules} - failing)


def list_findings(rows: Sequence[Row]) -> list[Row]:
    """Lists the rules that fail and are not meant to."""
    return [row for row in rows if row.failures and not row.why]


def make_text(hosts: Sequence[Host], rows: Sequence[Row], outdated: Sequence[str]) -> str:
    """Makes the table, then what fails with its reason, then what need not be accepted any more."""
    table = tables.make_columns(["RULE", "RESULT", "TITLE"], [[row.rule, row.word, row.title] for row in rows])
    words = [row.word for row in rows]
    counted = ", ".join(f"{words.count(word)} {word}" for word in ("pass", "fail", "accepted", "info"))
    told = [_describe(row) for row in rows if row.failures]
    idle = [f"tools/audit/{_ACCEPTED.name} accepts what fails no more: {', '.join(outdated)}."] if outdated else []
    end = f"{facts.count(len(rows), 'rule')} on {facts.count(len(hosts), 'host')}: {counted}."
    return "\n\n".join([table, *told, *idle, end])


def _describe(row: Row) -> str:
    lines = [f"{row.rule} {row.word}: {row.title}", *(f"   {name}: {text}" for name, text in row.failures.items())]
    return "\n".join([*lines, f"   > {row.why}"] if row.why else lines)


def make_json(hosts: Sequence[Host], rows: Sequence[Row], outdated: Sequence[str]) -> str:
    """Makes the same as JSON."""
    listed: list[dict[str, Any]] = [
        {"rule": row.rule, "title": row.title, "result": row.word, "failures": row.failures, "notes": row.notes}
        | ({"why": row.why} if row.why else {})
        for row in rows
    ]
    told = {"hosts": [host.name for host in hosts], "rules": listed, "outdated": outdated}
    return json.dumps(told, indent=2)
