"""The tables that `make up` and `make status` end with."""

import json

from tests.unit.tools import observed
from tools import facts, status

OUTPUTS = {
    "nodes": [
        {"name": "worker-0-aa", "role": "worker", "privateIp": "10.80.1.6", "zone": "2"},
        {"name": "manager-0-bb", "role": "manager", "privateIp": "10.80.1.5", "zone": None},
    ],
    "stacks": {"shop": {"web": "127.64.0.1/shop-web@sha256:0123456789abcdef0123", "api": "api:1"}},
    "ingress": {"shop_edge:80": "http://127.64.0.2/"},
    "registry": "127.64.0.1",
    "ssh": "ssh azureuser@manager-0-bb",
}
NODES = [
    {"name": "manager-0", "role": "manager", "privateIp": "10.80.1.5", "zone": "1"},
    {"name": "worker-0", "role": "worker", "privateIp": "10.80.1.6", "zone": ""},
]
GOOD = facts.Answer("200 in 3 ms", True)
BAD = facts.Answer("no answer: timed out", False)


def test_the_table_shows_nodes_services_and_addresses() -> None:
    now = status.make_status("dev", OUTPUTS)

    table = status.make_table(now, {"shop_edge:80": GOOD}, facts.Recorded(), None, "")

    assert table == (
        "NODE          ROLE     ADDRESS    ZONE\n"
        "manager-0-bb  manager  10.80.1.5  -\n"
        "worker-0-aa   worker   10.80.1.6  2\n"
        "\n"
        "SERVICE   IMAGE                DIGEST\n"
        "shop_api  api:1                -\n"
        "shop_web  127.64.0.1/shop-web  sha256:0123456789ab\n"
        "\n"
        "PORT          URL                 ANSWER\n"
        "shop_edge:80  http://127.64.0.2/  200 in 3 ms"
    )


def test_the_json_says_the_same_in_full() -> None:
    now = status.make_status("dev", OUTPUTS)

    read = json.loads(status.make_json(now, {"shop_edge:80": BAD}, facts.Recorded(), None, "gone"))

    assert read["services"]["shop_web"] == "127.64.0.1/shop-web@sha256:0123456789abcdef0123"
    assert read["urls"] == [
        {"name": "shop_edge:80", "url": "http://127.64.0.2/", "answer": "no answer: timed out", "succeeded": False}
    ]
    assert (read["swarm"], read["trouble"]) == (None, "gone")


def test_a_stack_without_applications_shows_its_nodes() -> None:
    now = status.make_status("dev", {"nodes": OUTPUTS["nodes"]})

    assert status.make_table(now, {}, facts.Recorded(), None, "").count("\n\n") == 0


def _tell(swarm: facts.Swarm) -> str:
    now = status.make_status("dev", {**OUTPUTS, "nodes": NODES})
    return status.make_table(now, {"shop_edge:80": GOOD}, observed.make_facts().recorded, swarm, "")


def test_a_manager_tells_nodes_services_tasks_quorum_and_drift() -> None:
    assert _tell(observed.make_swarm()) == (
        "NODE       ROLE     AVAILABILITY  STATE  MANAGER  ENGINE    ADDRESS   ZONE\n"
        "manager-0  manager  active        ready  leader   20.10.24  10.0.0.1  1\n"
        "worker-0   worker   active        ready  -        20.10.24  10.0.0.1  -\n"
        "\n"
        "SERVICE   MODE        RUNNING  IMAGE              DIGEST               UPDATE\n"
        "shop_web  replicated  1/1      registry/shop/web  sha256:0123456789ab  -\n"
        "\n"
        "TASK        NODE      STATE    DIGEST               ERROR\n"
        "shop_web.1  worker-0  running  sha256:0123456789ab  -\n"
        "\n"
        "QUORUM  1 manager, 1 reachable, leader manager-0; 0 may be lost\n"
        "\n"
        "DRIFT   none\n"
        "\n"
        "PORT          URL                 ANSWER\n"
        "shop_edge:80  http://127.64.0.2/  200 in 3 ms"
    )


def test_a_node_that_should_be_there_is_shown_as_missing_and_as_drift() -> None:
    table = _tell(observed.make_swarm(nodes=[observed.make_node("manager-0", "manager")]))

    assert "worker-0   worker   -             missing  -        -         10.80.1.6  -" in table
    assert "DRIFT   node worker-0: the state says worker, found nothing" in table


def test_a_task_without_a_node_is_shown_with_its_error() -> None:
    error = "no suitable node (scheduling constraints not satisfied on 4 nodes) and so on"
    task = observed.make_task("pending", NodeID="", Slot=None, Status={"State": "pending", "Err": error})
    service = observed.make_service(observed.make_spec(), UpdateStatus={"State": "updating"})

    table = _tell(observed.make_swarm(tasks=[task, observed.make_task("failed")], services=[service]))

    assert f"shop_web  -     pending  sha256:0123456789ab  {error[:60]}..." in table
    assert "sha256:0123456789ab  updating" in table
    assert "failed" not in table


def test_a_swarm_that_does_not_answer_is_told_above_what_the_state_says() -> None:
    now = status.make_status("dev", OUTPUTS)

    table = status.make_table(now, {"shop_edge:80": BAD}, facts.Recorded(), None, "manager-0-bb: no leader")

    assert table.startswith(
        "No manager answers, so this is what the state says. manager-0-bb: no leader.\n\nNODE          ROLE"
    )
    assert "no answer: timed out" in table


def test_the_json_of_a_swarm_has_the_rows_the_quorum_and_the_drift() -> None:
    now = status.make_status("dev", {**OUTPUTS, "nodes": NODES})
    swarm = observed.make_swarm(services=[observed.make_service(observed.make_spec(replicas=2))])

    text = status.make_json(now, {"shop_edge:80": GOOD}, observed.make_facts().recorded, swarm, "")

    told = json.loads(text)["swarm"]
    assert told["nodes"][1]["node"] == "worker-0"
    assert told["tasks"][0]["digest"] == "sha256:0123456789abcdef"
    assert told["quorum"] == {"managers": 1, "reachable": 1, "leader": "manager-0", "spare": 0}
    assert told["drift"] == [{"what": "service shop_web spec.Mode.Replicated.Replicas", "recorded": "1", "found": "2"}]
