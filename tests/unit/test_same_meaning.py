"""`compose diff` and the provider's diff read specs alike: what means the same to the engine is no change to either.

Neither may import the other, so each has its table of lists without an order and of the engine's defaults.
"""

from typing import Any

import pytest

import compose
from compose import comparing
from providers.swarm import specs

_SECOND = 1_000_000_000
_CONTAINER = ("TaskTemplate", "ContainerSpec")
_LISTS: dict[str, tuple[tuple[str, ...], list[Any]]] = {
    "Env": (_CONTAINER, ["A=1", "B=2"]),
    "Mounts": (_CONTAINER, [{"Target": "/a"}, {"Target": "/b"}]),
    "Configs": (_CONTAINER, [{"File": {"Name": "/a"}}, {"File": {"Name": "/b"}}]),
    "Secrets": (_CONTAINER, [{"File": {"Name": "a"}}, {"File": {"Name": "b"}}]),
    "Ulimits": (_CONTAINER, [{"Name": "nofile", "Soft": 1}, {"Name": "nproc", "Soft": 1}]),
    "CapabilityAdd": (_CONTAINER, ["CAP_A", "CAP_B"]),
    "CapabilityDrop": (_CONTAINER, ["CAP_A", "CAP_B"]),
    "Hosts": (_CONTAINER, ["10.0.0.1 a", "10.0.0.2 b"]),
    "Networks": (("TaskTemplate",), [{"Target": "net:a"}, {"Target": "net:b"}]),
    "Constraints": (("TaskTemplate", "Placement"), ["node.role==worker", "node.labels.a==b"]),
    "GenericResources": (
        ("TaskTemplate", "Resources", "Reservations"),
        [{"DiscreteResourceSpec": {"Kind": "a"}}, {"DiscreteResourceSpec": {"Kind": "b"}}],
    ),
    "Aliases": (("TaskTemplate", "LogDriver", "Options"), ["a", "b"]),
    "Ports": (("EndpointSpec",), [{"TargetPort": 80, "PublishedPort": 80}, {"TargetPort": 81, "PublishedPort": 81}]),
}
# Without `Delay`, of which the engine writes no 0 here.
_ROLLING: dict[str, Any] = {
    "Parallelism": 1,
    "FailureAction": "pause",
    "Monitor": 5 * _SECOND,
    "MaxFailureRatio": 0,
    "Order": "stop-first",
}
_DEFAULTS: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (("UpdateConfig",), _ROLLING),
    (("RollbackConfig",), _ROLLING),
    (("TaskTemplate", "RestartPolicy"), {"Condition": "any", "Delay": 5 * _SECOND, "MaxAttempts": 0, "Window": 0}),
    (("Mode", "Replicated"), {"Replicas": 1}),
    (("EndpointSpec",), {"Mode": "vip"}),
    (_CONTAINER, {"StopGracePeriod": 10 * _SECOND}),
]
_PORT = {"TargetPort": 80, "PublishedPort": 80}


def _make_spec(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"Labels": {}, "Mode": {"Replicated": {}}, "TaskTemplate": {"ContainerSpec": {}}}
    place = spec
    for key in path:
        place = place.setdefault(key, {})
    place.update(value)
    return spec


def _list_changes(wanted: dict[str, Any], live: dict[str, Any]) -> list[bool]:
    """Tells of either diff whether it sees a change."""
    old, new = (compose.Converted({"web": spec}, {}, {}, {}, {}, {}, {}, [], []) for spec in (live, wanted))
    return [bool(comparing.compare(old, new)), bool(specs.find_drift(wanted, live, ""))]


@pytest.mark.parametrize("key", sorted(_LISTS))
def test_another_order_is_no_change_to_either(key: str) -> None:
    path, items = _LISTS[key]

    changes = _list_changes(_make_spec(path, {key: items}), _make_spec(path, {key: items[::-1]}))

    assert changes == [False, False]


@pytest.mark.parametrize("key", sorted(_LISTS))
def test_another_item_is_a_change_to_both(key: str) -> None:
    path, items = _LISTS[key]

    changes = _list_changes(_make_spec(path, {key: items}), _make_spec(path, {key: items[:1]}))

    assert changes == [True, True]


def test_every_list_without_an_order_has_its_case() -> None:
    assert sorted(_LISTS) == sorted(specs.KEYED)


@pytest.mark.parametrize(("path", "defaults"), _DEFAULTS, ids=lambda value: ".".join(value))
def test_what_the_engine_fills_in_is_no_change_to_either(path: tuple[str, ...], defaults: dict[str, Any]) -> None:
    assert _list_changes(_make_spec(path, {}), _make_spec(path, defaults)) == [False, False]


def test_what_the_engine_fills_into_a_port_is_no_change_to_either() -> None:
    filled = {**_PORT, "Protocol": "tcp", "PublishMode": "ingress"}

    changes = _list_changes(
        _make_spec(("EndpointSpec",), {"Ports": [_PORT]}), _make_spec(("EndpointSpec",), {"Ports": [filled]})
    )

    assert changes == [False, False]
