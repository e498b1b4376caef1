"""The comparison of Engine API specs: what is a change, and what the engine only says in other words."""

from typing import Any

import pytest

from providers import kit
from providers.kit import UNKNOWN
from providers.swarm import specs

ADD, DELETE, UPDATE = kit.ChangeKind.ADD, kit.ChangeKind.DELETE, kit.ChangeKind.UPDATE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"Labels": {}}, {}),
        ({"Mounts": []}, {"Mounts": None}),
        ({"Env": ["A=1", "B=2"]}, {"Env": ["B=2", "A=1"]}),
        ({"Constraints": ["a==1", "b==2"]}, {"Constraints": ["b==2", "a==1"]}),
        ({"Networks": [{"Target": "a"}, {"Target": "b"}]}, {"Networks": [{"Target": "b"}, {"Target": "a"}]}),
        (
            {"Secrets": [{"File": {"Name": "a"}, "SecretID": 1}, {"File": {"Name": "b"}, "SecretID": 2}]},
            {"Secrets": [{"File": {"Name": "b"}, "SecretID": 2}, {"File": {"Name": "a"}, "SecretID": 1}]},
        ),
        (
            {"Ports": [{"TargetPort": 80, "PublishedPort": 8080}, {"TargetPort": 81}]},
            {"Ports": [{"TargetPort": 81}, {"TargetPort": 80, "PublishedPort": 8080}]},
        ),
        (
            {"Ulimits": [{"Name": "a", "Hard": 1}, {"Name": "b"}]},
            {"Ulimits": [{"Name": "b"}, {"Name": "a", "Hard": 1}]},
        ),
        ({"Mounts": [{"Target": "/a"}, {"Target": "/b"}]}, {"Mounts": [{"Target": "/b"}, {"Target": "/a"}]}),
        (
            {"Configs": [{"File": {"Name": "a"}}, {"ConfigID": 1}]},
            {"Configs": [{"ConfigID": 1}, {"File": {"Name": "a"}}]},
        ),
        ({"GenericResources": [{"a": 1}, {"b": 2}]}, {"GenericResources": [{"b": 2}, {"a": 1}]}),
        ({"CapabilityAdd": ["A", "B"]}, {"CapabilityAdd": ["B", "A"]}),
    ],
)
def test_the_same_in_other_words_is_no_change(old: Any, new: Any) -> None:
    assert specs.changed(old, new, "spec") == {}


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({"Replicas": 1}, {"Replicas": 0}, {"spec.Replicas": UPDATE}),
        ({}, {"Replicas": 0}, {"spec.Replicas": ADD}),
        ({"ReadOnly": False}, {}, {"spec.ReadOnly": DELETE}),
        ({"Labels": {"a": "1"}}, {"Labels": {}}, {"spec.Labels.a": DELETE}),
        ({}, {"Labels": {"a.b": "1"}}, {"spec.Labels": ADD}),
        ({"Labels": {"a.b": "1"}}, {"Labels": {"a.b": "2"}}, {'spec.Labels["a.b"]': UPDATE}),
        ({"Env": ["A=1", "B=2"]}, {"Env": ["B=3", "A=1"]}, {"spec.Env[0]": UPDATE}),
        ({"Env": ["A=1", "B=2"]}, {"Env": ["A=1"]}, {"spec.Env[1]": DELETE}),
        ({"Env": ["A=1"]}, {"Env": ["A=1", "B=2"]}, {"spec.Env[1]": ADD}),
        ({"Args": ["a", "b"]}, {"Args": ["b", "a"]}, {"spec.Args[0]": UPDATE, "spec.Args[1]": UPDATE}),
        ({"Env": ["A=1"]}, {"Env": [UNKNOWN]}, {"spec.Env[0]": UPDATE}),
        (
            {"Networks": [{"Target": "n1", "Aliases": ["a"]}]},
            {"Networks": [{"Target": UNKNOWN, "Aliases": ["a"]}]},
            {"spec.Networks[0].Target": UPDATE},
        ),
        (
            {"Ports": [{"TargetPort": 80, "PublishedPort": 80, "PublishMode": "host"}]},
            {"Ports": [{"TargetPort": 80, "PublishedPort": 80, "PublishMode": "ingress"}]},
            {"spec.Ports[0].PublishMode": UPDATE},
        ),
        ({"Env": []}, {"Env": ["A=1"]}, {"spec.Env[0]": ADD}),
        ({"Networks": [{"Target": "a"}]}, {"Networks": [{"Target": "b"}]}, {"spec.Networks[0]": UPDATE}),
        (None, {"a": 1}, {"spec": ADD}),
    ],
)
def test_a_change_is_named_by_its_path(old: Any, new: Any, changes: dict[str, kit.ChangeKind]) -> None:
    found = specs.changed(old, new, "spec")

    assert {path: change.kind for path, change in found.items()} == changes
    assert [change.replace for change in found.values()] == [False] * len(changes)


@pytest.mark.parametrize(
    ("wanted", "live"),
    [
        ({"Image": "a"}, {"Image": "a", "Isolation": "default", "StopGracePeriod": 10_000_000_000, "Init": False}),
        ({}, {"EndpointSpec": {"Mode": "vip"}}),
        ({}, {"RestartPolicy": {"Condition": "any", "Delay": 5_000_000_000, "MaxAttempts": 0}}),
        ({}, {"UpdateConfig": {"Parallelism": 1, "FailureAction": "pause", "Monitor": 5_000_000_000}}),
        ({}, {"RollbackConfig": {"Order": "stop-first", "MaxFailureRatio": 0}}),
        ({"Mode": {"Replicated": {}}}, {"Mode": {"Replicated": {"Replicas": 1}}}),
        ({"Mode": {"ReplicatedJob": {}}}, {"Mode": {"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 1}}}),
        ({}, {"Runtime": "container", "ForceUpdate": 4, "Placement": {"Platforms": [{"OS": "linux"}]}}),
        ({"Placement": {}}, {"Placement": {"Platforms": [{"OS": "linux"}]}}),
        (
            {"Ports": [{"TargetPort": 80}]},
            {"Ports": [{"TargetPort": 80, "Protocol": "tcp", "PublishMode": "ingress"}]},
        ),
        ({"Env": ["B=2", "A=1"]}, {"Env": ["A=1", "B=2"]}),
        ({"Mounts": [{"Target": "/a", "ReadOnly": False}]}, {"Mounts": [{"Target": "/a"}]}),
        ({"Labels": {}}, {"Labels": None}),
        ({"Labels": {}}, {}),
        ({"Args": ["a", {"b": 1}]}, {"Args": ["a", {"b": 1, "c": None}]}),
        ({"Privileges": None}, {"Privileges": {"CredentialSpec": None}}),
    ],
)
def test_what_the_engine_fills_in_is_no_drift(wanted: Any, live: Any) -> None:
    assert specs.changed(specs.observe(wanted, live), wanted, "spec") == {}


@pytest.mark.parametrize(
    ("wanted", "live", "seen"),
    [
        ({"Replicas": 3}, {"Replicas": 0}, {"Replicas": 0}),
        (
            {"Mode": {"Replicated": {}}},
            {"Mode": {"Replicated": {"Replicas": 2}}},
            {"Mode": {"Replicated": {"Replicas": 2}}},
        ),
        ({"Env": ["A=1"]}, {"Env": ["A=2", "B=1"]}, {"Env": ["A=2", "B=1"]}),
        ({"Env": ["A=1", "B=2"]}, {"Env": ["B=2"]}, {"Env": ["B=2"]}),
        ({"Env": ["A=1"]}, {}, {}),
        ({"ForceUpdate": 1}, {"ForceUpdate": 2}, {"ForceUpdate": 1}),
        ({"Args": ["a"]}, {"Args": ["a", "b"]}, {"Args": ["a", "b"]}),
        ({"Order": "start-first"}, {"Order": "stop-first"}, {"Order": "stop-first"}),
        ({}, {"Order": "start-first"}, {"Order": "start-first"}),
        ({"Labels": {"a": "1"}}, {"Labels": {"a": "1", "b": "2"}}, {"Labels": {"a": "1", "b": "2"}}),
        ({"Limit": {"a": 1}}, {"Limit": 5}, {"Limit": 5}),
        (None, {"Image": "a", "Labels": {}}, {"Image": "a"}),
        ({"TTY": True}, {}, {}),
        ({"Replicated": {}}, {"Replicated": {"Replicas": 0}}, {"Replicated": {"Replicas": 0}}),
        ({"Image": "a:1"}, {"Image": "a:1@sha256:b"}, {"Image": "a:1"}),
        ({"Image": "a:1"}, {"Image": "a:12@sha256:b"}, {"Image": "a:12@sha256:b"}),
        ({"Image": "a:1@sha256:a"}, {"Image": "a:1@sha256:b"}, {"Image": "a:1@sha256:b"}),
        ({"TTY": True}, {"TTY": False}, {"TTY": False}),
    ],
)
def test_drift_is_seen_as_it_is(wanted: Any, live: Any, seen: Any) -> None:
    assert specs.observe(wanted, live) == seen
