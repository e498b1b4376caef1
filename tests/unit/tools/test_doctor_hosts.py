"""What `make doctor` finds on hosts and at addresses: each check on facts with one thing wrong."""

from typing import Any

import pytest

from tests.unit.tools import observed
from tools import doctor_hosts, facts
from tools.findings import Finding

RENEW = "make refresh && make up"
DAY = 86_400.0


def _only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding


def _report(**changes: Any) -> list[facts.Host]:
    return [
        observed.make_host("manager-0", report=facts.Report(**changes)),
        observed.make_host("worker-0"),
        observed.make_host("worker-1"),
    ]


def test_a_host_that_is_silent_is_made_anew() -> None:
    hosts = [observed.make_host("manager-0"), facts.Host("worker-0", trouble="No answer.")]

    finding = _only(doctor_hosts.check_reach(observed.make_facts(hosts=hosts)))

    assert finding == Finding(
        "Host worker-0 cannot be looked at.",
        "No answer. A machine that is gone leaves the state by a refresh, and an up makes it anew.",
        RENEW,
    )


def test_an_engine_that_is_silent_is_started_again() -> None:
    hosts = [observed.make_host("manager-0"), observed.make_host("worker-0", trouble="No engine.")]

    finding = _only(doctor_hosts.check_reach(observed.make_facts(hosts=hosts)))

    assert finding == Finding(
        "The engine of host worker-0 does not answer.",
        "No engine.",
        "make on HOST=worker-0 RUN='sudo systemctl restart docker'",
    )


def test_all_hosts_silent_have_one_cause() -> None:
    hosts = [facts.Host(name, trouble="Jump host is gone.") for name in ("manager-0", "worker-0")]

    finding = _only(doctor_hosts.check_reach(observed.make_facts(hosts=hosts, jump="20.1.2.3")))

    assert finding == Finding(
        "No host can be reached.",
        "The first says: Jump host is gone. Rather than all of them, the way in is shut: this machine's address is not "
        "in operatorNetworks, a VPN is down, or the jump host is. The swarm may be well, and what runs goes on.",
        "ssh-keyscan -T 5 20.1.2.3",
    )


def test_one_host_that_is_silent_may_have_its_way_in_shut() -> None:
    hosts = [facts.Host("box", trouble="No answer.")]

    finding = _only(doctor_hosts.check_reach(observed.make_facts(hosts=hosts)))

    assert (finding.what, finding.command) == ("No host can be reached.", "make status")


def test_a_port_is_served_by_the_hosts_to_which_connections_go() -> None:
    hosts = [
        observed.make_host("manager-0"),
        observed.make_host("worker-0", report=facts.Report(ports={"80": "closed"})),
    ]

    finding = _only(doctor_hosts.check_ports(observed.make_facts(hosts=hosts)))

    expected = Finding("Nobody serves port 80.", "The hosts' readiness answers: worker-0: closed.", "make status")
    assert finding == expected


def test_managers_take_connections_where_there_are_no_workers() -> None:
    seen = observed.make_facts(hosts=[observed.make_host("manager-0", report=facts.Report(ports={"80": "leaving"}))])

    assert _only(doctor_hosts.check_ports(seen)).why == "The hosts' readiness answers: manager-0: leaving."


def test_an_address_that_does_not_answer_is_told() -> None:
    seen = observed.make_facts(answers={"shop_web:80": facts.Answer("503 Service Unavailable", False)})

    finding = _only(doctor_hosts.check_answers(seen))

    assert finding.what == "http://a/ (shop_web:80) does not answer: 503 Service Unavailable."


@pytest.mark.parametrize(("seconds", "found"), [(0, False), (600, False), (1200, True)])
def test_a_leave_that_takes_too_long_was_cut_off(seconds: float, found: bool) -> None:
    since = observed.NOW - seconds if seconds else 0
    findings = doctor_hosts.check_leaving(observed.make_facts(hosts=_report(leaving_since=since)))

    expected = Finding(
        "Host manager-0 has turned new connections away for 20 minutes.",
        "Its leave was cut off, and the file that says so is still there.",
        "make on HOST=manager-0 RUN='sudo rm /run/azure-swarm/leaving'",
    )
    assert findings == ([expected] if found else [])


def test_a_host_that_is_to_be_drained_may_turn_connections_away() -> None:
    recorded = facts.Recorded(nodes={"manager-0": {"role": "manager", "availability": "drain"}})
    hosts = _report(leaving_since=observed.NOW - 1200)

    assert doctor_hosts.check_leaving(observed.make_facts(hosts=hosts, recorded=recorded)) == []


@pytest.mark.parametrize(
    ("kind", "days", "what", "command"),
    [
        ("swarm node", 3, "ends in 3.0 days", "make on HOST=manager-0 RUN='sudo systemctl restart docker'"),
        ("swarm node", -2, "ended 2.0 days ago", "make on HOST=manager-0 RUN='sudo systemctl restart docker'"),
        ("swarm root", 30, "ends in 30.0 days", "make on HOST=manager-0 RUN='docker swarm ca --rotate'"),
        ("SSH host", 10, "ends in 10.0 days", "make up"),
    ],
)
def test_a_certificate_near_its_end_is_told(kind: str, days: int, what: str, command: str) -> None:
    hosts = _report(ends={kind: observed.NOW + days * DAY})

    finding = _only(doctor_hosts.check_certificates(observed.make_facts(hosts=hosts)))

    assert finding.what == f"The {kind} certificate of host manager-0 {what}."
    assert finding.command == command


@pytest.mark.parametrize(("kind", "days"), [("swarm node", 40), ("swarm root", 400), ("SSH host", 100)])
def test_a_certificate_with_time_left_is_well(kind: str, days: int) -> None:
    hosts = _report(ends={kind: observed.NOW + days * DAY})

    assert doctor_hosts.check_certificates(observed.make_facts(hosts=hosts)) == []


@pytest.mark.parametrize(
    ("ahead", "uncertain", "word"), [(5.0, 0.1, "ahead of"), (-5.0, 0.1, "behind"), (5.0, 4.0, ""), (1.0, 0.0, "")]
)
def test_a_clock_apart_is_told_unless_the_way_explains_it(ahead: float, uncertain: float, word: str) -> None:
    findings = doctor_hosts.check_clocks(observed.make_facts(hosts=_report(ahead=ahead, uncertain=uncertain)))

    expected = [f"The clock of host manager-0 is 5.0 s {word} the others."] if word else []
    assert [finding.what for finding in findings] == expected


@pytest.mark.parametrize(("used", "what"), [(0.5, []), (0.93, ["The disk at / of host manager-0 is 93% full."])])
def test_a_disk_that_is_nearly_full_is_told(used: float, what: list[str]) -> None:
    findings = doctor_hosts.check_disks(observed.make_facts(hosts=_report(disks={"/": used})))

    assert [finding.what for finding in findings] == what


def test_a_refused_login_is_told_with_what_the_registry_said() -> None:
    finding = _only(doctor_hosts.check_logins(observed.make_facts(refused_logins={"registry": "unauthorized"})))

    assert finding == Finding(
        "Registry registry refuses the login that services carry.",
        "It says: unauthorized. What runs goes on; a node that has no copy of an image yet cannot pull it.",
        RENEW,
    )


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("wanted", "An upgrade, mostly of the kernel, takes effect then."),
        ("cut off", "A 'make reboot' was cut off after it had emptied the host; the same command goes on."),
    ],
)
def test_a_restart_that_waits_is_told(state: str, why: str) -> None:
    finding = _only(doctor_hosts.check_restarts(observed.make_facts(hosts=_report(restart=state))))

    assert finding == Finding(f"The restart of host manager-0 is {state}.", why, "make reboot")
