"""Network, Config and Secret on a swarm in memory."""

import base64
from typing import Any

import pytest

from providers import kit
from providers.kit import UNKNOWN
from tests.doubles import world

_LABELS = {"com.docker.stack.namespace": "shop"}
_NETWORK: dict[str, Any] = {
    "name": "shop_back",
    "spec": {
        "Driver": "overlay",
        "Attachable": True,
        "Labels": _LABELS,
        "Options": {"encrypted": ""},
        "IPAM": {"Config": [{"Subnet": "10.7.0.0/24"}]},
        "CheckDuplicate": True,
    },
}


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _content(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"name": "shop_motd", "data": _encode(text), "labels": _LABELS, **more}


def _manager() -> world.World:
    here = world.World("manager-0")
    here.join_all()
    return here


@pytest.mark.parametrize(("kind", "inputs"), [("Network", _NETWORK), ("Config", _content()), ("Secret", _content())])
class TestEveryObject:
    def test_a_second_create_adopts(self, kind: str, inputs: dict[str, Any]) -> None:
        here = _manager()

        assert here.create(kind, inputs).id == here.create(kind, inputs).id

    def test_refresh_shows_no_drift_where_there_is_none(self, kind: str, inputs: dict[str, Any]) -> None:
        here = _manager()
        made = here.create(kind, inputs)

        assert here.read(made) == made

    def test_refresh_sees_that_it_was_deleted(self, kind: str, inputs: dict[str, Any]) -> None:
        here = _manager()
        made = here.create(kind, inputs)
        here.swarm.objects.stored[f"{kind.lower()}s"].clear()

        assert here.read(made) is None

    def test_it_is_deleted_once_and_twice(self, kind: str, inputs: dict[str, Any]) -> None:
        here = _manager()
        made = here.create(kind, inputs)

        here.delete(made)
        here.delete(made)

        assert here.swarm.objects.stored[f"{kind.lower()}s"] == {}

    def test_it_goes_with_its_swarm(self, kind: str, inputs: dict[str, Any]) -> None:
        here = _manager()
        made = here.create(kind, inputs)
        here.machines.kill("manager-0")

        here.delete(made)

        assert here.read(made) is None

    def test_one_of_another_stack_is_refused(self, kind: str, inputs: dict[str, Any]) -> None:
        here = _manager()
        here.create(kind, inputs)
        other = {"com.docker.stack.namespace": "blog"}
        mine = {**inputs, "spec": {"Labels": other}} if kind == "Network" else {**inputs, "labels": other}

        with pytest.raises(kit.ResourceError, match=f"{kind} 'shop_.*' exists already and belongs to stack 'shop'"):
            here.create(kind, mine)


@pytest.mark.parametrize("kind", ["Config", "Secret"])
class TestContent:
    def test_other_content_has_another_name(self, kind: str) -> None:
        one, other = world.preview_create(kind, _content("a")), world.preview_create(kind, _content("b"))

        assert one["objectName"].startswith("shop_motd-")
        assert len(one["objectName"]) == len("shop_motd-") + 10
        assert one["objectName"] != other["objectName"]

    def test_the_name_of_a_preview_is_the_name_that_comes(self, kind: str) -> None:
        made = _manager().create(kind, _content())

        assert made.state["objectName"] == world.preview_create(kind, _content())["objectName"]

    def test_content_that_is_not_known_has_no_name_yet(self, kind: str) -> None:
        assert world.preview_create(kind, _content() | {"data": UNKNOWN})["objectName"] is UNKNOWN

    def test_content_replaces_and_labels_do_not(self, kind: str) -> None:
        made = _manager().create(kind, _content())

        changes = world.diff(kind, made.state, _content("b", labels={}))

        assert changes["data"].replace is True
        assert changes['labels["com.docker.stack.namespace"]'].replace is False

    def test_labels_change_in_place(self, kind: str) -> None:
        here = _manager()
        made = here.create(kind, _content())

        after = here.update(made, labels={**_LABELS, "a": "b"})

        assert after.id == made.id
        assert after.state["objectName"] == made.state["objectName"]
        assert here.swarm.objects.stored[f"{kind.lower()}s"][made.id]["Spec"]["Labels"]["a"] == "b"

    def test_an_adopted_one_gets_the_wanted_labels(self, kind: str) -> None:
        here = _manager()
        made = here.create(kind, _content())

        here.create(kind, _content(labels={**_LABELS, "a": "b"}))

        assert here.swarm.objects.stored[f"{kind.lower()}s"][made.id]["Spec"]["Labels"]["a"] == "b"

    def test_bad_inputs_are_refused_in_one_sentence(self, kind: str) -> None:
        inputs = {"name": "n" * 54, "data": "no base64!", "labels": {"a": 1}}

        assert world.failures(kind, inputs) == {
            "name": f"'name' must have at most 53 characters; got '{'n' * 54}'",
            "data": "'data' must be base64; got something else",
            "labels.a": "a label must be a string; got 1",
        }

    def test_the_longest_name_passes(self, kind: str) -> None:
        assert world.failures(kind, {"name": "n" * 53, "data": "", "labels": UNKNOWN}) == {}


def test_templating_and_driver_reach_the_engine() -> None:
    here = _manager()

    made = here.create("Secret", {"name": "s", "driver": {"Name": "vault"}, "templating": {"Name": "golang"}})

    spec = here.swarm.objects.stored["secrets"][made.id]["Spec"]
    assert (spec["Driver"], spec["Templating"]) == ({"Name": "vault"}, {"Name": "golang"})


def test_a_network_with_another_spec_is_replaced_and_the_old_one_goes_last() -> None:
    here = _manager()
    made = here.create("Network", _NETWORK)

    changes = here.diff(made, spec={**_NETWORK["spec"], "Attachable": False})

    assert changes == {"spec.Attachable": kit.Change(kit.ChangeKind.UPDATE, replace=True)}
    assert world.make_type("Network").deletes_first(made.state, made.inputs) is False


def test_a_network_in_other_words_is_the_same() -> None:
    here = _manager()
    made = here.create("Network", _NETWORK)

    assert here.diff(made, spec={**_NETWORK["spec"], "Internal": None, "ConfigFrom": {}}) == {}


def test_a_network_in_use_says_what_to_do() -> None:
    here = _manager()
    made = here.create("Network", _NETWORK)
    spec = {"TaskTemplate": {"ContainerSpec": {"Image": "web"}, "Networks": [{"Target": made.id}]}}
    here.create("Service", {"name": "web", "spec": spec})

    with pytest.raises(kit.ResourceError) as caught:
        here.delete(made)

    assert str(caught.value).startswith("Waited 60 s for network 'shop_back' to be free")
    assert str(caught.value).endswith("Detach from it what does not belong to the stack.")


def test_a_secret_in_use_is_not_deleted() -> None:
    here = _manager()
    made = here.create("Secret", _content())
    spec = {"TaskTemplate": {"ContainerSpec": {"Image": "web", "Secrets": [{"SecretID": made.id}]}}}
    here.create("Service", {"name": "web", "spec": spec})

    with pytest.raises(kit.ResourceError, match="is in use"):
        here.delete(made)
