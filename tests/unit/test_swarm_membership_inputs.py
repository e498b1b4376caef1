"""What Swarm, SwarmNode and HostReady take, refuse and show in previews."""

from typing import Any

import pytest

from providers import kit
from providers.kit import UNKNOWN
from providers.swarm.cluster import ClusterSource
from tests.doubles import world


@pytest.mark.parametrize(
    ("kind", "inputs", "failure"),
    [
        ("Swarm", {"managers": []}, {"managers": "'managers' must name at least one host; got none"}),
        (
            "SwarmNode",
            {"host": "a", "role": "boss", "availability": "off", "labels": {"x": 1}},
            {
                "role": "'role' must be one of worker, manager; got 'boss'",
                "availability": "'availability' must be one of active, pause, drain; got 'off'",
                "labels.x": "a label must be a string; got 1",
            },
        ),
    ],
)
def test_bad_inputs_are_refused_in_one_sentence(kind: str, inputs: dict[str, Any], failure: dict[str, str]) -> None:
    assert world.failures(kind, inputs) == failure


def test_a_preview_with_unknown_hosts_is_no_failure() -> None:
    assert world.failures("SwarmNode", {"host": UNKNOWN, "role": UNKNOWN, "labels": {"a": UNKNOWN}}) == {}
    assert world.preview_create("SwarmNode", {"host": "a", "role": "worker"}) == {
        "nodeId": UNKNOWN,
        "address": UNKNOWN,
    }


def test_a_preview_of_unknown_managers_gives_an_unknown_address_book() -> None:
    outputs = world.make_type("Swarm").preview_update({"swarmId": "s"}, {"managers": [UNKNOWN]})

    assert outputs == {"swarmId": "s", "addressBook": UNKNOWN}


def test_only_another_host_replaces_a_node() -> None:
    state = {"host": "a", "role": "worker", "labels": {}, "availability": "active"}

    changes = world.diff("SwarmNode", state, {"host": "b", "role": "manager"})

    assert changes["host"].replace is True
    assert changes["role"].replace is False


def test_without_connection_facts_the_error_says_what_to_give() -> None:
    with pytest.raises(kit.ResourceError, match="The swarm provider has no connection facts"):
        ClusterSource().get()
