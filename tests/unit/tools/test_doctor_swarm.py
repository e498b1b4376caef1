"""What `make doctor` finds in what the managers say: each check on facts with one thing wrong."""

import datetime
from typing import Any

import pytest

from tests.unit.tools import observed
from tools import doctor_hosts, doctor_swarm, facts
from tools.findings import Finding

RENEW = "make refresh && make up"


def _only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding


def _with_swarm(**changes: Any) -> facts.Facts:
    return observed.make_facts(swarm=observed.make_swarm(**changes))


def test_a_lost_quorum_is_mended_on_a_manager_that_lives() -> None:
    nodes = {f"manager-{index}": {"role": "manager"} for index in range(3)}
    hosts = [observed.make_host("manager-0"), *(facts.Host(f"manager-{index}", trouble="Gone.") for index in (1, 2))]
    seen = observed.make_facts(recorded=facts.Recorded(nodes), hosts=hosts, swarm=None, trouble="no leader")

    finding = _only(doctor_swarm.check_quorum(seen))

    assert finding == Finding(
        "The swarm has lost its quorum.",
        "1 manager of 3 can be reached (no leader). Without a majority nothing can be changed; tasks go on running. "
        "Bring manager-1 or manager-2 back; when they are gone for ever, let manager-0 go on alone, then refresh "
        "and up.",
        "make on HOST=manager-0 RUN='docker swarm init --force-new-cluster --advertise-addr 10.0.0.1 > /dev/null'",
    )
    assert doctor_hosts.check_reach(seen) == []


def test_managers_that_cannot_be_reached_are_no_lost_quorum() -> None:
    hosts = [facts.Host("manager-0", trouble="Gone."), observed.make_host("worker-0")]
    seen = observed.make_facts(hosts=hosts, swarm=None, trouble="Gone")

    finding = _only(doctor_swarm.check_quorum(seen))

    assert (finding.what, finding.command) == ("No manager answers: Gone.", "make refresh")


def test_nobody_reached_is_told_once_and_not_as_silent_managers() -> None:
    seen = observed.make_facts(hosts=[facts.Host("manager-0", trouble="Gone.")], swarm=None, trouble="Gone")

    assert doctor_swarm.check_quorum(seen) == []


def test_nodes_that_the_state_has_lost_are_taken_over_by_an_up() -> None:
    finding = _only(doctor_swarm.check_state(observed.make_facts(missing=["manager-0", "worker-0"])))

    assert finding == Finding(
        "The state does not know manager-0, worker-0, which the outputs name.",
        "A refresh that does not see a node takes it from the state. An up takes over what lives, and makes the rest.",
        "make up",
    )


def test_an_engine_that_looks_for_the_others_is_given_time() -> None:
    hosts = [observed.make_host("manager-0", info={}, trouble="Slow.")]
    seen = observed.make_facts(hosts=hosts, swarm=None, trouble="Slow")

    finding = _only(doctor_swarm.check_quorum(seen))

    assert (finding.what, finding.command) == ("No manager answers: Slow.", "make doctor")


def test_an_unreachable_manager_is_told_with_the_quorum_that_is_left() -> None:
    managers = [observed.make_node(f"manager-{index}", "manager") for index in range(3)]
    managers[2]["ManagerStatus"]["Reachability"] = "unreachable"

    finding = _only(doctor_swarm.check_managers(_with_swarm(nodes=managers)))

    assert finding == Finding(
        "Manager manager-2 is not reached by the other managers.",
        "Quorum: 3 managers, 2 reachable, leader manager-0; 0 may be lost. A machine that is gone leaves the state by "
        "a refresh, and an up makes it anew.",
        RENEW,
    )


@pytest.mark.parametrize(
    ("host", "state", "why", "command"),
    [
        (
            observed.make_host("worker-0"),
            "down",
            "Its machine answers over SSH; its engine, or its way to the managers, does not.",
            "make on HOST=worker-0 RUN='sudo systemctl restart docker'",
        ),
        (
            observed.make_host("worker-0"),
            "unknown",
            "It has just joined, or a leader has just been elected: it has not told that one of itself yet.",
            "make doctor",
        ),
        (
            observed.make_host("worker-1"),
            "unknown",
            "It has just joined, or a leader has just been elected: it has not told that one of itself yet.",
            "make doctor",
        ),
        (
            facts.Host("worker-0", trouble="Gone."),
            "down",
            "Its machine is not reached. Gone.",
            RENEW,
        ),
        (
            observed.make_host("worker-1"),
            "down",
            "The state does not know it: it is what a machine that is gone left behind.",
            "make on HOST=manager-0 RUN='docker node rm --force id-worker-0'",
        ),
    ],
)
def test_a_node_that_is_down(host: facts.Host, state: str, why: str, command: str) -> None:
    nodes = [observed.make_node("manager-0", "manager"), observed.make_node("worker-0", state=state)]
    seen = observed.make_facts(swarm=observed.make_swarm(nodes=nodes), hosts=[host])

    finding = _only(doctor_swarm.check_nodes(seen))

    what = f"Node worker-0 is {state}: the managers do not hear from it."
    assert finding == Finding(what, why, command)


@pytest.mark.parametrize(
    ("has_status", "command"),
    [
        (True, "docker node demote id-manager-1 && docker node rm --force id-manager-1"),
        (False, "docker node rm --force id-manager-1"),
    ],
)
def test_a_dead_manager_is_demoted_only_where_the_raft_knows_it(has_status: bool, command: str) -> None:
    node = observed.make_node("manager-1", "manager", state="down")
    node["ManagerStatus"] = {"Reachability": "unknown"} if has_status else None

    finding = _only(doctor_swarm.check_nodes(_with_swarm(nodes=[node])))

    assert finding.command == f"make on HOST=manager-0 RUN='{command}'"


def test_drift_is_put_back_by_refresh_and_up() -> None:
    seen = _with_swarm(services=[observed.make_service(observed.make_spec(replicas=3))])

    finding = _only(doctor_swarm.check_drift(seen))

    assert finding == Finding(
        "Drift of service shop_web spec.Mode.Replicated.Replicas: the state says 1, found 3.",
        "Someone changed it by hand, or an up was cut off. A refresh shows it, and an up puts it back.",
        RENEW,
    )


def test_what_the_state_does_not_know_is_taken_out() -> None:
    services = [observed.make_service(observed.make_spec(), name) for name in ("shop_web", "extra")]
    nodes = [observed.make_node("manager-0", "manager"), observed.make_node("worker-0"), observed.make_node("extra-0")]

    found = doctor_swarm.check_drift(_with_swarm(services=services, nodes=nodes))

    assert [(one.what, one.command) for one in found] == [
        (
            "The state does not know node extra-0.",
            "make on HOST=manager-0 RUN='docker node update --availability drain extra-0'",
        ),
        ("The state does not know service extra.", "make on HOST=manager-0 RUN='docker service rm extra'"),
    ]


def test_a_leave_that_was_cut_off_left_a_constraint() -> None:
    spec = observed.make_spec(Constraints=["node.id!=id-worker-0"])
    seen = _with_swarm(services=[observed.make_service(spec)])

    finding = _only(doctor_swarm.check_leftovers(seen))

    assert finding == Finding(
        "Service shop_web is kept off worker-0.",
        "A node's leave was cut off after its tasks were moved, and the constraint that moved them is there.",
        r"make on HOST=manager-0 RUN='docker service update -d --constraint-rm '\''node.id!=id-worker-0'\'' shop_web'",
    )
    assert doctor_swarm.check_drift(seen) == []


def test_a_node_that_is_leaving_is_kept_off_rightly() -> None:
    spec = observed.make_spec(Constraints=["node.id!=id-worker-0"])
    nodes = [observed.make_node("manager-0", "manager"), observed.make_node("worker-0", Availability="pause")]
    seen = _with_swarm(services=[observed.make_service(spec)], nodes=nodes)

    assert doctor_swarm.check_leftovers(seen) == []


def test_a_failed_update_is_told_in_the_swarms_words() -> None:
    update = {"State": "rollback_completed", "Message": "rollback completed."}
    seen = _with_swarm(services=[observed.make_service(observed.make_spec(), UpdateStatus=update)])

    finding = _only(doctor_swarm.check_updates(seen))

    assert finding == Finding(
        "The update of service shop_web is rollback_completed.",
        "The swarm says: rollback completed. Mend image or file.",
        "make up",
    )


def _failures(count: int, error: str = "task: non-zero exit (3)") -> list[dict[str, Any]]:
    return [
        observed.make_task(
            "failed", number, Status={"State": "failed", "Timestamp": f"2025-11-24T15:0{number}:00Z", "Err": error}
        )
        for number in range(count)
    ]


def test_a_restart_loop_is_told_with_the_last_lines() -> None:
    seen = observed.make_facts(
        swarm=observed.make_swarm(tasks=_failures(3)), logs={"task-2": [], "task-1": ["no database"]}
    )

    finding = _only(doctor_swarm.check_loops(seen))

    assert finding == Finding(
        "Task shop_web.1 starts again and again: 3 failures are on record.",
        "The last one ended with: task: non-zero exit (3). Mend image, file or what it needs.",
        "make up",
        ("no database",),
    )


@pytest.mark.parametrize(
    ("error", "explained"),
    [
        ("task: non-zero exit (137)", "It was killed: its memory limit may be too low, or its health check failed."),
        ("task: non-zero exit (137): dockerexec: unhealthy container", "It was killed"),
        ("unhealthy container", "Its health check failed."),
    ],
)
def test_an_exit_is_explained(error: str, explained: str) -> None:
    finding = _only(doctor_swarm.check_loops(_with_swarm(tasks=_failures(3, error))))

    assert explained in finding.why


def test_a_global_service_loops_on_a_node() -> None:
    tasks = [{**task, "Slot": None} for task in _failures(3)]

    finding = _only(doctor_swarm.check_loops(_with_swarm(tasks=tasks)))

    assert finding.what.startswith("Task shop_web on worker-0 starts again")


def _run_since(seconds: float, **rest: Any) -> dict[str, Any]:
    started = datetime.datetime.fromtimestamp(observed.NOW - seconds, datetime.UTC).isoformat()
    return observed.make_task(Status={"State": "running", "Timestamp": started}, **rest)


@pytest.mark.parametrize(
    ("tasks", "loops"),
    [
        pytest.param(_failures(2), False, id="two failures"),
        pytest.param([*_failures(3), _run_since(60)], True, id="runs for a moment"),
        pytest.param([*_failures(3), _run_since(600)], False, id="runs for a while"),
        pytest.param([*_failures(3), _run_since(60, Spec={"new": 1})], False, id="runs another spec"),
        pytest.param([{**task, "ServiceID": "gone"} for task in _failures(3)], False, id="of a service that is gone"),
    ],
)
def test_what_is_a_loop(tasks: list[dict[str, Any]], loops: bool) -> None:
    assert bool(doctor_swarm.check_loops(_with_swarm(tasks=tasks))) is loops


def test_a_pending_task_is_told_with_the_reason_of_every_node() -> None:
    spec = {
        "ContainerSpec": {"Image": observed.IMAGE},
        "Resources": {"Reservations": {"NanoCPUs": 64_000_000_000}},
        "Placement": {"Constraints": ["node.role != manager"]},
    }
    told = "no suitable node (insufficient resources on 3 nodes)"
    task = observed.make_task("pending", NodeID="", Spec=spec, Status={"State": "pending", "Err": told})
    nodes = [
        observed.make_node("manager-0", "manager"),
        observed.make_node("worker-0"),
        observed.make_node("worker-1", Availability="drain"),
    ]

    finding = _only(doctor_swarm.check_pending(_with_swarm(tasks=[task], nodes=nodes)))

    assert finding == Finding(
        "1 task of service shop_web waits for a node.",
        f"The scheduler says: {told}. manager-0: role is 'manager'; worker-0: has 2 processors, 64 reserved; "
        "worker-1: is ready and drain. Change what it asks for, or add nodes.",
        "make up",
    )


def test_a_pending_task_that_would_fit_lacks_room() -> None:
    status = {"State": "pending", "Err": "no suitable node (host-mode port already in use on 1 node)"}
    seen = _with_swarm(tasks=[observed.make_task("pending", Status=status)], nodes=[observed.make_node("worker-0")])

    assert "worker-0: has no room beside what runs there." in _only(doctor_swarm.check_pending(seen)).why


FILES = {"shop": "apps/shop/compose.yaml"}


def test_the_file_of_a_service_that_starts_again_and_again_is_named() -> None:
    tasks = [observed.make_task("failed", number) for number in range(1, 5)]
    seen = observed.make_facts(swarm=observed.make_swarm(tasks=tasks), files=FILES)

    finding = _only(doctor_swarm.check_loops(seen))

    assert "Mend image, file (services.web in apps/shop/compose.yaml) or what it needs." in finding.why
    assert finding.command == "${EDITOR:-vi} apps/shop/compose.yaml && make up"


def test_the_file_of_a_failed_update_is_named() -> None:
    service = observed.make_service(observed.make_spec(), UpdateStatus={"State": "paused", "Message": "no."})
    seen = observed.make_facts(swarm=observed.make_swarm(services=[service]), files=FILES)

    finding = _only(doctor_swarm.check_updates(seen))

    assert finding.why == "The swarm says: no. Mend image or file (services.web in apps/shop/compose.yaml)."
    assert finding.command == "${EDITOR:-vi} apps/shop/compose.yaml && make up"
