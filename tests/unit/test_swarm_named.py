"""References by name: what a service names and does not own."""

from typing import Any

import pytest

from providers import kit
from providers.swarm import logs, named
from tests.doubles import world

_LABELS = {"com.docker.stack.namespace": "shop"}
_EXTERNAL = {
    "Configs": [{"File": {"Name": "c"}, "ConfigID": "config:c", "ConfigName": "c"}],
    "Secrets": [{"File": {"Name": "s"}, "SecretID": "secret:s", "SecretName": "s"}],
    "Privileges": {"CredentialSpec": {"Config": "config:c"}},
}


def _inputs() -> dict[str, Any]:
    container = {"Image": "web:1", "Labels": {"Target": "net:n"}, **_EXTERNAL}
    spec = {"Labels": _LABELS, "TaskTemplate": {"ContainerSpec": container, "Networks": [{"Target": "net:n"}]}}
    return {"name": "shop_web", "spec": spec}


def _manager(*, with_objects: bool) -> world.World:
    here = world.World("manager-0")
    here.join_all()
    if with_objects:
        for kind, name in (("configs", "c"), ("configs", "cc"), ("secrets", "s")):
            stored = {"ID": f"id-{name}", "Version": {"Index": 1}, "Spec": {"Name": name}}
            here.swarm.objects.stored[kind][f"id-{name}"] = stored
        here.swarm.objects.stored["networks"]["id-n"] = {"Id": "id-n", "Name": "n", "Scope": "swarm"}
    return here


def test_the_engine_gets_ids() -> None:
    here = _manager(with_objects=True)

    made = here.create("Service", _inputs())

    template = here.swarm.objects.stored["services"][made.id]["Spec"]["TaskTemplate"]
    assert template["Networks"] == [{"Target": "id-n"}]
    assert template["ContainerSpec"]["Configs"][0]["ConfigID"] == "id-c"
    assert template["ContainerSpec"]["Secrets"][0]["SecretID"] == "id-s"
    assert template["ContainerSpec"]["Privileges"] == {"CredentialSpec": {"Config": "id-c"}}
    assert template["ContainerSpec"]["Labels"] == {"Target": "net:n"}


def test_the_state_has_names_and_a_refresh_leaves_them() -> None:
    here = _manager(with_objects=True)
    made = here.create("Service", _inputs())

    assert here.read(made) == made
    assert here.diff(made) == {}


def test_a_refresh_sees_that_another_one_has_the_name() -> None:
    here = _manager(with_objects=True)
    made = here.create("Service", _inputs())
    here.swarm.objects.stored["secrets"]["new"] = here.swarm.objects.stored["secrets"].pop("id-s") | {"ID": "new"}

    found = here.read(made)

    assert found is not None
    assert list(world.diff("Service", found.state, made.inputs)) == [
        "spec.TaskTemplate.ContainerSpec.Secrets[0].SecretID"
    ]


@pytest.mark.parametrize("operation", ["create", "foresee"])
def test_what_is_not_there_is_refused(operation: str) -> None:
    here = _manager(with_objects=False)

    with pytest.raises(kit.ResourceError) as caught:
        getattr(here, operation)("Service", _inputs())

    assert str(caught.value) == (
        "Service 'shop_web' needs config 'c' and network 'n' and secret 's', which the swarm does not have; "
        "create it before."
    )


def test_a_preview_of_a_change_refuses_it_too() -> None:
    here = _manager(with_objects=True)
    made = here.create("Service", _inputs())
    here.swarm.objects.stored["configs"].pop("id-c")

    with pytest.raises(kit.ResourceError, match=r"needs config 'c', which the swarm does not have"):
        here.run("Service", lambda type_: type_.foresee_update(here.context(), made.state, made.inputs))


def test_what_this_preview_makes_is_as_good_as_there() -> None:
    here = _manager(with_objects=False)
    empty = {"data": "YQ==", "labels": {}, "name": ""}

    here.run_all(
        [
            ("Config", lambda type_: type_.foresee_create(here.context(), {**empty, "name": "c"})),
            ("Secret", lambda type_: type_.foresee_create(here.context(), {**empty, "name": "s"})),
            ("Network", lambda type_: type_.foresee_create(here.context(), {"name": "n", "spec": {}})),
            ("Service", lambda type_: type_.foresee_create(here.context(), _inputs())),
        ]
    )


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (None, []),
        ({"TaskTemplate": kit.UNKNOWN}, []),
        ({"TaskTemplate": {"Networks": kit.UNKNOWN, "ContainerSpec": {"Configs": [kit.UNKNOWN]}}}, []),
        ({"TaskTemplate": {"Networks": [{"Target": kit.UNKNOWN}, {"Target": "abc"}, {}]}}, []),
        (
            {"TaskTemplate": {"Networks": [{"Target": "net:b"}, {"Target": "net:a"}, {"Target": "net:a"}]}},
            ["net:a", "net:b"],
        ),
    ],
)
def test_references_are_listed(spec: Any, found: list[str]) -> None:
    assert named.list_references(spec) == found


@pytest.mark.parametrize(
    ("stream", "text"),
    [
        (b"", b""),
        (b"\2\0\0\0\0\0\0\3ab\n\1\0\0\0\0\0\0\2c\n", b"ab\nc\n"),
        (b"\1\0\0\0\0\0\0\7cut off", b"cut off"),
        (b"a terminal's log\n", b"a terminal's log\n"),
    ],
)
def test_a_log_is_taken_out_of_its_frames(stream: bytes, text: bytes) -> None:
    assert logs.read_frames(stream) == text
