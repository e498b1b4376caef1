"""What runs against what the state says."""

from typing import Any

import pytest

from tests.unit.tools import observed
from tools import drift, facts

RECORDED = observed.make_facts().recorded


def _list_drift(**changes: Any) -> list[str]:
    return [str(one) for one in drift.list_drift(RECORDED, observed.make_swarm(**changes))]


def test_what_runs_as_it_should_does_not_drift() -> None:
    assert _list_drift() == []


@pytest.mark.parametrize(
    ("node", "told"),
    [
        (observed.make_node("worker-0", "manager"), "node worker-0 role: the state says worker, found manager"),
        (
            observed.make_node("worker-0", Availability="drain"),
            "node worker-0 availability: the state says active, found drain",
        ),
        (
            observed.make_node("worker-0", Labels={"b": "2", "a": "1"}),
            "node worker-0 labels: the state says none, found a=1, b=2",
        ),
    ],
)
def test_a_node_that_was_changed(node: dict[str, Any], told: str) -> None:
    assert _list_drift(nodes=[observed.make_node("manager-0", "manager"), node]) == [told]


def test_a_node_that_is_missing_and_one_too_many() -> None:
    nodes = [observed.make_node("manager-0", "manager"), observed.make_node("worker-9")]

    assert _list_drift(nodes=nodes) == [
        "node worker-0: the state says worker, found nothing",
        "node worker-9: the state says nothing, found worker",
    ]


def test_a_service_that_is_missing_and_one_too_many() -> None:
    services = [observed.make_service(observed.make_spec(), "extra")]

    assert _list_drift(services=services) == [
        "service shop_web: the state says a service, found nothing",
        "service extra: the state says nothing, found a service",
    ]


def test_another_digest_is_told_by_digests() -> None:
    spec = observed.make_spec()
    spec["TaskTemplate"]["ContainerSpec"] = {"Image": f"registry/shop/web@sha256:{'f' * 64}"}

    assert _list_drift(services=[observed.make_service(spec)]) == [
        "service shop_web spec.TaskTemplate.ContainerSpec.Image: "
        "the state says sha256:0123456789ab, found sha256:ffffffffffff"
    ]


def test_lists_of_words_are_shown_and_other_things_are_not() -> None:
    spec = observed.make_spec(Constraints=["node.role==worker"])
    spec["EndpointSpec"] = {"Ports": [{"PublishedPort": 80}]}

    assert _list_drift(services=[observed.make_service(spec)]) == [
        "service shop_web spec.EndpointSpec: the state says nothing, found another",
        "service shop_web spec.TaskTemplate.Placement.Constraints: the state says nothing, found node.role==worker",
    ]


def test_what_the_engine_fills_in_is_no_drift() -> None:
    spec = {**observed.make_spec(), "EndpointSpec": {"Mode": "vip"}}

    assert _list_drift(services=[observed.make_service(spec)]) == []


def test_a_swarm_without_anything_recorded_is_all_drift() -> None:
    found = drift.list_drift(facts.Recorded(), observed.make_swarm())

    assert [one.what for one in found] == ["node manager-0", "node worker-0", "service shop_web"]


@pytest.mark.parametrize(
    ("field", "item", "found"),
    [
        ("Networks", {"Target": "net:outer"}, {"Target": "4f3c"}),
        ("Configs", {"ConfigID": "config:outer", "File": {"Name": "/c"}}, {"ConfigID": "4f3c", "File": {"Name": "/c"}}),
        ("Secrets", {"SecretID": "secret:outer", "File": {"Name": "c"}}, {"SecretID": "4f3c", "File": {"Name": "c"}}),
    ],
)
def test_external_objects_stand_in_the_state_by_name(field: str, item: Any, found: Any) -> None:
    spec, live = observed.make_spec(), observed.make_spec()
    for one, value in ((spec, item), (live, found)):
        holder = one["TaskTemplate"] if field == "Networks" else one["TaskTemplate"]["ContainerSpec"]
        holder[field] = [value]
    recorded = facts.Recorded(RECORDED.nodes, {"shop_web": spec})

    assert drift.list_drift(recorded, observed.make_swarm(services=[observed.make_service(live)])) == []


def test_a_node_that_is_recorded_by_a_name_with_a_domain_is_found() -> None:
    hosts = {"manager-0.example.org": {"role": "manager"}, "worker-0.example.org": {"role": "worker"}}
    recorded = facts.Recorded(hosts, RECORDED.services)

    found = drift.list_drift(recorded, observed.make_swarm(nodes=[observed.make_node("manager-0", "worker")]))

    assert [str(one) for one in found] == [
        "node worker-0.example.org: the state says worker, found nothing",
        "node manager-0.example.org role: the state says manager, found worker",
    ]
