"""`make doctor` as a whole: all checks, text and JSON."""

import json
from typing import Any

import pytest

from tests.unit.tools import observed
from tools import doctor, doctor_hosts, doctor_swarm, facts
from tools.findings import Finding


def test_nothing_is_wrong() -> None:
    seen = observed.make_facts()

    assert doctor.examine(seen) == []
    assert doctor.make_text(seen, []) == "Nothing is wrong: 18 checks of 2 hosts and 1 service."


def test_every_check_of_the_modules_is_run() -> None:
    checks = [name for module in (doctor_swarm, doctor_hosts) for name in module.__all__ if name.startswith("check_")]

    assert sorted(check.__name__ for check in doctor.CHECKS) == sorted(checks)


@pytest.mark.parametrize("check", doctor.CHECKS, ids=lambda check: check.__name__)
def test_a_check_finds_nothing_where_nothing_is_known(check: Any) -> None:
    seen = facts.Facts(facts.Commands("dev", "sandbox"), facts.Recorded(), now=observed.NOW)

    assert check(seen) == []


def test_of_silent_hosts_there_is_nothing_to_find_but_their_silence() -> None:
    hosts = [facts.Host("manager-0", trouble="It is away."), facts.Host("worker-0", trouble="It is away.")]
    seen = observed.make_facts(swarm=None, trouble="manager-0: It is away", hosts=hosts)

    assert [finding.what for finding in doctor.examine(seen)] == [
        "No host can be reached.",
    ]


def test_the_text_numbers_findings_and_quotes_lines() -> None:
    text = doctor.make_text(observed.make_facts(), [Finding("It is wrong.", "Since.", "make up", ("a line",))])

    assert text == (
        "1. It is wrong.\n   Since.\n   | a line\n   > make up\n\n1 finding in 18 checks of 2 hosts and 1 service."
    )


def test_the_json_says_the_same() -> None:
    told = doctor.make_json(observed.make_facts(), [Finding("It is wrong.", "Since.", "make up")])

    assert json.loads(told) == {
        "stack": "dev",
        "hosts": ["manager-0", "worker-0"],
        "findings": [{"what": "It is wrong.", "why": "Since.", "command": "make up", "lines": []}],
    }


def test_commands_name_stack_and_cloud_where_they_are_not_the_default() -> None:
    commands = facts.Commands("prod", "azure")

    assert commands.on("manager-0", "echo $HOME") == ("make on HOST=manager-0 RUN='echo $$HOME' STACK=prod CLOUD=azure")
