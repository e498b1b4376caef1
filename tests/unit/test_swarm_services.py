"""Service on a swarm in memory."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from providers import kit
from providers.kit import UNKNOWN
from tests.doubles import world


def _spec(image: str = "web@sha256:1", replicas: int = 2, **template: Any) -> dict[str, Any]:
    return {
        "Labels": {"com.docker.stack.namespace": "shop"},
        "TaskTemplate": {"ContainerSpec": {"Image": image, "Env": ["A=1", "B=2"]}, **template},
        "Mode": {"Replicated": {"Replicas": replicas}},
    }


def _shop() -> world.World:
    here = world.World("manager-0", "worker-0", "worker-1")
    here.join_all()
    return here


def _create(here: world.World, spec: dict[str, Any], **inputs: Any) -> world.Made:
    return here.create("Service", {"name": "shop_web", "spec": spec, **inputs})


def _running(here: world.World) -> list[dict[str, Any]]:
    return [task for task in here.swarm.objects.tasks.values() if task["Status"]["State"] == "running"]


def _stored(here: world.World, made: world.Made) -> dict[str, Any]:
    return here.swarm.objects.stored["services"][made.id]


def test_a_service_is_done_when_every_task_runs() -> None:
    here = _shop()

    made = _create(here, _spec())

    assert made.state["serviceId"] == made.id
    assert len(_running(here)) == 2
    assert here.told[-1] == "2 of 2 tasks run the wanted spec, 0 another"


def test_a_second_create_adopts_the_service_of_the_stack() -> None:
    here = _shop()
    first = _create(here, _spec())

    second = _create(here, _spec(image="web@sha256:2"))

    assert second.id == first.id
    assert {task["Spec"]["ContainerSpec"]["Image"] for task in _running(here)} == {"web@sha256:2"}


@pytest.mark.parametrize(
    ("label", "whose"),
    [({"com.docker.stack.namespace": "other"}, "belongs to stack 'other'"), ({}, "was made by hand")],
)
def test_a_service_of_somebody_else_is_refused(label: dict[str, str], whose: str) -> None:
    here = _shop()
    _create(here, {**_spec(), "Labels": label})

    with pytest.raises(kit.ResourceError) as caught:
        _create(here, _spec())

    assert str(caught.value) == (f"Service 'shop_web' exists already and {whose}; remove it or choose another name.")


def test_an_update_waits_until_every_task_runs_the_new_image() -> None:
    here = _shop()
    made = _create(here, _spec())

    here.update(made, spec=_spec(image="web@sha256:2", replicas=3))

    assert [task["Spec"]["ContainerSpec"]["Image"] for task in _running(here)] == ["web@sha256:2"] * 3


def test_a_new_registry_account_restarts_no_task() -> None:
    here = _shop()
    made = _create(here, _spec(), registryAuth={"username": "u", "password": "1", "serveraddress": "r"})
    before = sorted(task["ID"] for task in _running(here))

    here.update(made, registryAuth={"username": "u", "password": "2", "serveraddress": "r"})

    assert sorted(task["ID"] for task in _running(here)) == before
    assert [auth["password"] for auth in here.swarm.objects.registry_auths if auth] == ["1", "2"]


def test_an_update_keeps_the_count_of_forced_updates() -> None:
    here = _shop()
    made = _create(here, _spec())
    _stored(here, made)["Spec"]["TaskTemplate"]["ForceUpdate"] = 3

    here.update(made, spec=_spec())

    assert _stored(here, made)["Spec"]["TaskTemplate"]["ForceUpdate"] == 3


def test_an_update_waits_out_another_writer() -> None:
    here = _shop()
    made = _create(here, _spec())
    here.swarm.objects.conflicts = 2

    here.update(made, spec=_spec(replicas=1))

    assert len(_running(here)) == 1


def test_a_service_that_fails_says_why_and_stays_known() -> None:
    here = _shop()

    with pytest.raises(kit.InitializationFailed) as caught:
        _create(here, _spec(image="broken@sha256:1"))

    assert str(caught.value) == (
        "Service 'shop_web' failed: 0 of 2 tasks run the wanted spec, 0 another; "
        "its tasks say: task: non-zero exit (1)."
    )
    assert caught.value.outputs == {"serviceId": caught.value.resource_id}


def test_a_service_that_finds_no_node_fails_after_its_deadline() -> None:
    here = _shop()

    with pytest.raises(kit.InitializationFailed) as caught:
        _create(here, _spec(Placement={"Constraints": ["node.labels.disk==ssd"]}), timeoutSeconds=20)

    assert str(caught.value).startswith(
        "Service 'shop_web' did not converge. Waited 20 s for service 'shop_web' to converge; "
        "last seen: 0 of 2 tasks run the wanted spec, 0 another; its tasks say: no suitable node"
    )


def test_a_failed_update_is_followed_by_one_that_works() -> None:
    here = _shop()
    made = _create(here, _spec())
    with pytest.raises(kit.InitializationFailed):
        here.update(made, spec=_spec(image="broken@sha256:2"))

    here.update(made, spec=_spec(image="web@sha256:3"))

    assert {task["Spec"]["ContainerSpec"]["Image"] for task in _running(here)} == {"web@sha256:3"}


def test_an_update_beside_a_dead_worker_is_done_without_it() -> None:
    here = _shop()
    made = _create(here, _spec(replicas=3))
    here.machines.kill("worker-0")

    here.update(made, spec=_spec(image="web@sha256:2", replicas=3))

    living = [task for task in _running(here) if here.swarm.machine_of(task["NodeID"])]
    assert [task["Spec"]["ContainerSpec"]["Image"] for task in living] == ["web@sha256:2"] * 3


@pytest.mark.parametrize(
    ("mode", "tasks"),
    [({"Global": {}}, 3), ({"ReplicatedJob": {"TotalCompletions": 4}}, 4), ({"GlobalJob": {}}, 3)],
)
def test_every_mode_is_waited_for(mode: dict[str, Any], tasks: int) -> None:
    here = _shop()

    _create(here, {**_spec(), "Mode": mode})

    ended = [task for task in here.swarm.objects.tasks.values() if task["Status"]["State"] in ("running", "complete")]
    assert len(ended) == tasks


def test_a_job_that_gave_up_says_why() -> None:
    here = _shop()
    spec = {**_spec(image="broken@sha256:1", RestartPolicy={"Condition": "none"}), "Mode": {"ReplicatedJob": {}}}

    with pytest.raises(kit.InitializationFailed) as caught:
        _create(here, spec)

    assert str(caught.value) == (
        "Service 'shop_web' failed: 0 of 1 tasks of the job are complete; its tasks say: task: non-zero exit (1)."
    )


def test_a_global_service_keeps_its_task_on_a_paused_node() -> None:
    here = _shop()
    made = _create(here, {**_spec(), "Mode": {"Global": {}}})
    here.join("worker-0", availability="pause")

    here.update(made, timeoutSeconds=30)

    assert len(_running(here)) == 3


def test_delete_waits_until_the_tasks_have_ended() -> None:
    here = _shop()
    made = _create(here, _spec())

    here.delete(made)
    here.delete(made)

    assert _running(here) == []


def test_delete_does_not_wait_for_tasks_of_a_dead_worker() -> None:
    here = _shop()
    made = _create(here, {**_spec(), "Mode": {"Global": {}}})
    here.machines.kill("worker-0")

    here.delete(made)

    assert [task["NodeID"] for task in _running(here)] != []


def test_refresh_shows_no_drift_where_there_is_none() -> None:
    here = _shop()
    made = _create(here, _spec())

    found = here.read(made)

    assert found == made


def test_refresh_sees_a_service_scaled_by_hand() -> None:
    here = _shop()
    made = _create(here, _spec())
    _stored(here, made)["Spec"]["Mode"]["Replicated"]["Replicas"] = 5

    found = here.read(made)

    assert found is not None
    assert world.diff("Service", found.state, made.inputs) == {
        "spec.Mode.Replicated.Replicas": kit.Change(kit.ChangeKind.UPDATE)
    }


def test_refresh_does_not_forget_that_a_service_failed() -> None:
    here = _shop()
    with pytest.raises(kit.InitializationFailed) as created:
        _create(here, _spec(image="broken@sha256:1"))
    state = {"name": "shop_web", "spec": _spec(image="broken@sha256:1"), **created.value.outputs}

    with pytest.raises(kit.InitializationFailed) as caught:
        here.read(world.Made("Service", created.value.resource_id, state))

    assert str(caught.value).startswith("Service 'shop_web' is not done: 0 of 2 tasks run the wanted spec")
    assert caught.value.inputs == {key: state[key] for key in ("name", "spec")}


def test_refresh_sees_a_service_that_finds_no_node() -> None:
    here = _shop()
    made = _create(here, _spec(Placement={"Constraints": ["node.hostname==worker-0"]}))
    here.delete(here.join("worker-0"))

    with pytest.raises(kit.InitializationFailed, match="no suitable node"):
        here.read(made)


def test_refresh_sees_a_service_that_was_removed() -> None:
    here = _shop()
    made = _create(here, _spec())
    del here.swarm.objects.stored["services"][made.id]

    assert here.read(made) is None


def test_a_service_is_gone_for_a_refresh_when_its_swarm_is() -> None:
    here = _shop()
    made = _create(here, _spec())
    for host in here.machines.all:
        here.machines.kill(host)

    assert here.read(made) is None


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("at", [1, 2])
def test_a_create_cut_off_anywhere_is_finished_by_the_next(at: int, before: bool) -> None:
    here = _shop()
    _cut_off(here, at, before, lambda: _create(here, _spec()))

    made = _create(here, _spec())

    assert list(here.swarm.objects.stored["services"]) == [made.id]
    assert len(_running(here)) == 2


def _cut_off(here: world.World, at: int, before: bool, action: Callable[[], object]) -> None:
    here.machines.interrupt_at, here.machines.interrupt_before = len(here.machines.changes) + at, before
    with contextlib.suppress(asyncio.CancelledError):
        action()
    here.machines.interrupt_at = None


def test_a_diff_names_the_path_of_one_edit() -> None:
    made = world.Made("Service", "s", {"name": "shop_web", "spec": _spec(), "timeoutSeconds": 600})
    edited = _spec()
    edited["TaskTemplate"]["ContainerSpec"]["Env"] = ["B=3", "A=1"]

    assert world.diff("Service", made.state, {"name": "shop_web", "spec": edited}) == {
        "spec.TaskTemplate.ContainerSpec.Env[0]": kit.Change(kit.ChangeKind.UPDATE)
    }


def test_another_kind_of_mode_replaces_and_deletes_first() -> None:
    here = _shop()
    made = _create(here, _spec())

    changes = here.diff(made, spec={**_spec(), "Mode": {"Global": {}}})

    assert changes["spec.Mode"].replace is True
    assert world.make_type("Service").deletes_first(made.state, made.inputs) is True
    assert world.make_type("Service").deletes_first(made.state, {**made.inputs, "name": "b"}) is False


@pytest.mark.parametrize("spec", [UNKNOWN, {**_spec(), "Mode": UNKNOWN}])
def test_a_mode_that_is_not_known_yet_replaces_nothing(spec: Any) -> None:
    state = {"name": "shop_web", "spec": _spec(), "timeoutSeconds": 600}

    changes = world.diff("Service", state, {"name": "shop_web", "spec": spec})

    assert [change.replace for change in changes.values()] == [False] * len(changes)
    assert changes != {}


def test_another_account_is_shown_as_a_change_in_place() -> None:
    state = {"name": "a", "spec": _spec(), "registryAuth": {"password": "1"}, "timeoutSeconds": 600}

    changes = world.diff("Service", state, {"name": "a", "spec": _spec(), "registryAuth": {"password": "2"}})

    assert changes == {"registryAuth.password": kit.Change(kit.ChangeKind.UPDATE)}


def test_another_name_replaces() -> None:
    state = {"name": "a", "spec": _spec(), "timeoutSeconds": 600}

    assert world.diff("Service", state, {"name": "b", "spec": _spec()})["name"].replace is True


def test_a_spec_without_tasks_or_with_a_name_is_refused() -> None:
    assert world.failures("Service", {"name": "a", "spec": {"Name": "b"}}) == {
        "spec.TaskTemplate": "'TaskTemplate' is required and is not given",
        "spec.Name": "expected the name in 'name' alone; got one in 'spec' too",
    }


@pytest.mark.parametrize("name", ["shop_my.web", "n" * 64])
def test_a_name_that_no_swarm_takes_is_refused(name: str) -> None:
    assert world.failures("Service", {"name": name, "spec": _spec()}) == {
        "name": "'name' must have at most 63 characters (letters, digits, '-' and '_', a letter or digit first and "
        f"last); got '{name}'"
    }


def test_tasks_move_before_the_node_is_drained() -> None:
    here = _shop()
    _create(here, _spec(replicas=6))
    made = here.join("worker-0")

    here.told.clear()
    here.delete(made)

    assert here.told.index("moving shop_web") < here.told.index("set availability drain")
    assert len([task for task in _running(here) if task["DesiredState"] == "running"]) == 6


def test_a_service_that_cannot_run_elsewhere_is_left_to_the_drain() -> None:
    here = _shop()
    service = _create(here, _spec(Placement={"Constraints": ["node.hostname==worker-0"]}))
    made = here.join("worker-0")

    here.delete(made)

    assert here.names("worker") == ["worker-1"]
    assert _stored(here, service)["Spec"]["TaskTemplate"]["Placement"] == {"Constraints": ["node.hostname==worker-0"]}


def test_a_service_that_cannot_run_elsewhere_is_not_stopped_before_the_drain() -> None:
    here = _shop()
    _create(here, _spec(Placement={"Constraints": ["node.hostname==worker-0"]}))
    made = here.join("worker-0")

    here.told.clear()
    here.delete(made)

    assert "moving shop_web" not in here.told
    assert "shop_web runs nowhere else and stays until the drain" in here.told
