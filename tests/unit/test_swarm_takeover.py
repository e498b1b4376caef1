"""When a node may stop serving: the others serve, and the load balancer has seen it."""

import datetime
from typing import Any

import pytest

from providers.swarm import takeover

NOW = datetime.datetime(2026, 11, 25, 1, 0, 30, tzinfo=datetime.UTC)
PUBLISHED = {"Ports": [{"PublishedPort": 80}]}


def make_node(name: str, availability: str = "active") -> dict[str, Any]:
    return {
        "ID": name,
        "Description": {"Hostname": name},
        "Spec": {"Role": "worker", "Availability": availability},
        "Status": {"State": "ready"},
    }


def make_service(mode: str = "Global", **spec: Any) -> dict[str, Any]:
    return {"ID": "edge", "Spec": {"Name": "shop_edge", "Mode": {mode: {}}, "TaskTemplate": {}, **spec}}


def make_task(node: str, second: int = 0, state: str = "running") -> dict[str, Any]:
    since = f"2026-11-25T01:00:{second:02d}.123456789Z"
    return {
        "ServiceID": "edge",
        "NodeID": node,
        "DesiredState": "running",
        "Status": {"State": state, "Timestamp": since},
    }


def list_missing(service: dict[str, Any], tasks: list[dict[str, Any]], *nodes: dict[str, Any]) -> list[str]:
    return takeover.list_missing([service], tasks, nodes, leaving="old", now=NOW, seen_seconds=10)


@pytest.mark.parametrize(
    ("service", "tasks", "missing"),
    [
        (make_service(), [make_task("new")], []),
        (make_service(), [], ["shop_edge on new"]),
        (make_service(), [make_task("new", state="preparing")], ["shop_edge on new"]),
        (make_service(), [make_task("old")], ["shop_edge on new"]),
        (make_service(EndpointSpec=PUBLISHED), [make_task("new", second=15)], []),
        (make_service(EndpointSpec=PUBLISHED), [make_task("new", second=25)], ["shop_edge on new"]),
        (make_service(EndpointSpec={}), [make_task("new", second=29)], []),
        (make_service("Replicated"), [], []),
    ],
)
def test_a_global_service_runs_on_the_others_first(
    service: dict[str, Any], tasks: list[dict[str, Any]], missing: list[str]
) -> None:
    assert list_missing(service, tasks, make_node("old"), make_node("new")) == missing


def test_a_node_that_takes_no_tasks_is_not_waited_for() -> None:
    assert list_missing(make_service(), [], make_node("old"), make_node("other", "drain")) == []


def test_the_last_node_waits_for_nobody() -> None:
    assert list_missing(make_service(), [], make_node("old")) == []


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [("2026-11-25T01:00:30Z", 0), ("2026-11-25T01:00:30.5Z", 500_000), ("2026-11-25T01:00:30.123456789Z", 123_456)],
)
def test_times_are_read_as_the_engine_writes_them(text: str, microsecond: int) -> None:
    assert takeover.read_time(text) == NOW.replace(microsecond=microsecond)


def test_a_node_that_has_just_joined_is_told_by_its_id() -> None:
    assert list_missing(make_service(), [], make_node("old"), {**make_node("new"), "Description": {}}) == [
        "shop_edge on new"
    ]
