"""What a single task and a single node tell: made from the wanted template, alive, placed where it may run."""

from typing import Any

import pytest

from providers.swarm import judgement, placement


def _task(state: str = "running", error: str = "", node_id: str = "n1") -> dict[str, Any]:
    return {"NodeID": node_id, "Status": {"State": state, "Err": error}}


def _node(**spec: Any) -> dict[str, Any]:
    return {
        "ID": "n1",
        "Status": {"State": "ready"},
        "Spec": {"Availability": "active", "Role": "worker", **spec},
        "Description": {
            "Hostname": "host-n1",
            "Platform": {"OS": "linux", "Architecture": "x86_64"},
            "Engine": {"Labels": {"gpu": "yes"}},
        },
    }


@pytest.mark.parametrize(
    ("wanted", "has", "same"),
    [
        ({"ForceUpdate": 0}, {}, True),
        ({"ForceUpdate": 1}, {}, False),
        ({"Placement": {"Constraints": ["a==b"]}}, {}, True),
        ({"Runtime": "container"}, {}, True),
        ({"Resources": {"Limits": {}, "Reservations": None}}, {}, True),
        ({"Resources": {"Limits": {"Pids": 1}}}, {"Resources": {"Limits": {"Pids": 2}}}, False),
        ({"ContainerSpec": {"Env": ["A=1"]}}, {"ContainerSpec": {"Env": ["A=2"]}}, False),
        ({"ContainerSpec": {"Args": ["", "x"]}}, {"ContainerSpec": {"Args": ["x"]}}, False),
        ({"ContainerSpec": {"Mounts": []}}, {"ContainerSpec": {}}, True),
        ({}, {"Networks": [{"Target": "n"}]}, False),
    ],
)
def test_a_task_runs_the_wanted_spec_or_not(wanted: dict[str, Any], has: dict[str, Any], same: bool) -> None:
    service = {"Spec": {"TaskTemplate": wanted}}

    assert judgement.runs_wanted(service, {"Spec": has}) is same


@pytest.mark.parametrize(
    ("task", "found"),
    [
        (_task("pending", error="no suitable node (1 node not available)"), True),
        (_task("pending"), False),
        (_task("running", error="no suitable node"), False),
    ],
)
def test_a_task_without_a_node_is_found(task: dict[str, Any], found: bool) -> None:
    assert judgement.finds_no_node([_task(), task]) is found


@pytest.mark.parametrize("state", ["complete", "shutdown", "failed", "rejected", "remove", "orphaned"])
def test_tasks_that_ended_are_not_alive(state: str) -> None:
    assert judgement.list_alive([_task(state)], [_node()]) == []


def test_a_task_that_waits_for_a_node_is_alive() -> None:
    waiting = _task("pending", node_id="")

    assert judgement.list_alive([waiting], []) == [waiting]


@pytest.mark.parametrize(
    ("constraint", "satisfied"),
    [
        ("node.id==n1", True),
        ("node.id!=n1", False),
        ("node.id!=n2", True),
        ("node.role == worker", True),
        ("node.role==manager", False),
        ("node.hostname==HOST-N1", True),
        ("node.platform.os==linux", True),
        ("node.platform.arch==aarch64", False),
        ("node.platform.arch==x86_64", True),
        ("node.labels.disk==ssd", True),
        ("node.labels.zone!=1", True),
        ("engine.labels.gpu==yes", True),
        ("engine.labels.cpu==yes", False),
        ("node.unheard==x", False),
        ("what is this", True),
    ],
)
def test_a_placement_constraint_is_evaluated(constraint: str, satisfied: bool) -> None:
    assert placement.satisfies(_node(Labels={"disk": "ssd"}), constraint) is satisfied


def test_a_node_that_told_nothing_of_itself_satisfies_nothing() -> None:
    node = {"ID": "n", "Spec": {"Role": "worker"}, "Description": None}

    assert placement.satisfies(node, "node.hostname==x") is False
    assert placement.satisfies(node, "engine.labels.a==x") is False
    assert placement.satisfies(node, "node.labels.a==x") is False
