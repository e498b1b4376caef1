"""What stands on the swarm already: a stack of `docker stack deploy`, and external objects that services name."""

import base64
from typing import Any

import pytest

from providers import kit
from providers.kit import UNKNOWN
from providers.swarm import adoption
from tests.doubles import world

_LABELS = {"com.docker.stack.namespace": "shop"}


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _content(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"name": "shop_motd", "data": _encode(text), "labels": _LABELS, **more}


def _network(**options: Any) -> dict[str, Any]:
    return {"name": "shop_back", "spec": {"Driver": "overlay", "Labels": _LABELS, **options}}


def _spec(image: str = "web:1", **container: Any) -> dict[str, Any]:
    return {
        "Labels": _LABELS,
        "TaskTemplate": {"ContainerSpec": {"Image": image, "Env": ["A=1", "B=2"], **container}},
        "Mode": {"Replicated": {"Replicas": 2}},
    }


def _shop() -> world.World:
    here = world.World("manager-0", "worker-0")
    here.join_all()
    return here


def _store(here: world.World, kind: str, object_id: str, name: str, **spec: Any) -> None:
    """Puts an object there as `docker stack deploy` does: under its plain name."""
    stored = {"ID": object_id, "Version": {"Index": 1}, "Spec": {"Name": name, "Labels": _LABELS, **spec}}
    here.swarm.objects.stored[kind][object_id] = stored


def _store_secret(here: world.World, content: bytes) -> None:
    _store(here, "secrets", "secret-plain", "shop_motd")
    here.swarm.objects.contents["secret-plain"] = content


def _use(here: world.World, **references: Any) -> world.Made:
    return here.create("Service", {"name": "shop_web", "spec": _spec(**references)})


def _secrets(object_id: str) -> list[dict[str, Any]]:
    return [{"File": {"Name": "motd"}, "SecretID": object_id, "SecretName": object_id}]


def _task_ids(here: world.World) -> list[str]:
    return sorted(task["ID"] for task in here.swarm.objects.tasks.values() if task["Status"]["State"] == "running")


def _stored(here: world.World, kind: str) -> list[str]:
    return sorted(here.swarm.objects.stored[kind])


class TestConfigs:
    def test_one_of_the_plain_name_and_the_same_content_is_adopted(self) -> None:
        here = _shop()
        _store(here, "configs", "config-plain", "shop_motd", Data=_encode("hello"))

        made = here.create("Config", _content())

        assert made.state["configId"] == "config-plain"
        assert made.state["objectName"] == "shop_motd"

    def test_a_preview_knows_what_is_adopted(self) -> None:
        here = _shop()
        _store(here, "configs", "config-plain", "shop_motd", Data=_encode("hello"))

        assert here.foresee("Config", _content()) == {"configId": "config-plain", "objectName": "shop_motd"}

    @pytest.mark.parametrize("other", [{"data": _encode("new")}, {"templating": {"Name": "golang"}}])
    def test_one_of_other_content_goes_when_nothing_uses_it(self, other: dict[str, Any]) -> None:
        here = _shop()
        _store(here, "configs", "config-plain", "shop_motd", Data=_encode("hello"))

        made = here.create("Config", _content() | other)

        assert made.state["objectName"].startswith("shop_motd-")
        assert _stored(here, "configs") == [made.id]

    def test_one_of_another_stack_is_left_alone(self) -> None:
        here = _shop()
        _store(here, "configs", "theirs", "shop_motd", Data=_encode("hello"), Labels={"a": "b"})

        made = here.create("Config", _content())

        assert _stored(here, "configs") == sorted([made.id, "theirs"])


class TestSecrets:
    def test_one_whose_file_on_a_host_has_the_content_is_adopted(self) -> None:
        here = _shop()
        _store_secret(here, b"hello")
        _use(here, Secrets=_secrets("secret-plain"))

        assert here.create("Secret", _content()).id == "secret-plain"

    def test_one_with_other_content_is_not(self) -> None:
        here = _shop()
        _store_secret(here, b"other")
        _use(here, Secrets=_secrets("secret-plain"))

        assert here.create("Secret", _content()).state["objectName"].startswith("shop_motd-")

    def test_one_that_no_task_holds_is_not(self) -> None:
        here = _shop()
        _store_secret(here, b"hello")

        assert here.create("Secret", _content()).state["objectName"].startswith("shop_motd-")

    def test_one_whose_host_does_not_answer_is_not(self) -> None:
        here = _shop()
        _store_secret(here, b"hello")
        _use(here, Secrets=_secrets("secret-plain"))
        here.machines.kill("worker-0")
        for task in here.swarm.objects.tasks.values():
            task["NodeID"] = here.machines.all["worker-0"].node_id

        assert here.create("Secret", _content()).state["objectName"].startswith("shop_motd-")

    def test_a_templated_one_tells_nothing(self) -> None:
        here = _shop()
        _store(here, "secrets", "secret-plain", "shop_motd", Templating={"Name": "golang"})
        here.swarm.objects.contents["secret-plain"] = b"hello"
        _use(here, Secrets=_secrets("secret-plain"))

        made = here.create("Secret", _content(templating={"Name": "golang"}))

        assert made.id != "secret-plain"

    def test_one_of_a_driver_is_adopted_by_its_driver(self) -> None:
        here = _shop()
        _store(here, "secrets", "secret-plain", "shop_motd", Driver={"Name": "vault"})

        made = here.create("Secret", {"name": "shop_motd", "labels": _LABELS, "driver": {"Name": "vault"}})

        assert made.id == "secret-plain"


class TestNetworks:
    def test_one_with_the_same_options_is_adopted(self) -> None:
        here = _shop()
        first = here.create("Network", _network(Options={"encrypted": ""}))

        assert here.create("Network", _network(Options={"encrypted": ""})).id == first.id
        assert here.foresee("Network", _network(Options={"encrypted": ""})) == {
            "networkId": first.id,
            "objectName": "shop_back",
        }

    @pytest.mark.parametrize(
        "other", [{"Options": {"encrypted": ""}}, {"Attachable": True}, {"Labels": {**_LABELS, "a": ""}}]
    )
    def test_other_options_make_another_one_beside_it(self, other: dict[str, Any]) -> None:
        here = _shop()
        first = here.create("Network", _network())
        _use_network(here, first.id)

        second = here.create("Network", _network(**other))

        assert second.state["objectName"].startswith("shop_back-")
        assert _stored(here, "networks") == sorted([first.id, second.id])

    def test_services_move_in_place_and_then_the_old_one_goes(self) -> None:
        here = _shop()
        first = here.create("Network", _network())
        service = _use_network(here, first.id)

        moved = here.run_all(
            [
                ("Network", lambda type_: type_.create(here.context(), _network(Attachable=True))),
                ("Service", lambda type_: _move(here, type_, service)),
            ]
        )

        assert _stored(here, "networks") == [moved[0].id]
        assert _stored(here, "services") == [service.id]

    def test_the_plain_name_is_taken_again_when_it_is_free(self) -> None:
        here = _shop()
        first = here.create("Network", _network())
        here.create("Network", _network(Attachable=True))
        here.delete(first)

        assert here.create("Network", _network(Internal=True)).state["objectName"] == "shop_back"

    def test_refresh_knows_the_name_with_a_hash(self) -> None:
        here = _shop()
        _use_network(here, here.create("Network", _network()).id)
        made = here.create("Network", _network(Attachable=True))

        assert here.read(made) == made

    @pytest.mark.parametrize("operation", ["create", "foresee"])
    def test_a_subnet_that_is_taken_is_refused(self, operation: str) -> None:
        here = _shop()
        ipam = {"IPAM": {"Config": [{"Subnet": "10.7.0.0/24"}]}}
        here.create("Network", _network(**ipam))

        with pytest.raises(kit.ResourceError) as caught:
            getattr(here, operation)("Network", _network(Attachable=True, **ipam))

        assert str(caught.value) == (
            "Network 'shop_back' wants the subnet 10.7.0.0/24, which network 'shop_back' has; the new one is made "
            "before the old one goes, so choose another subnet."
        )


def _use_network(here: world.World, network_id: str) -> world.Made:
    spec = _spec()
    spec["TaskTemplate"]["Networks"] = [{"Target": network_id}]
    return here.create("Service", {"name": "shop_web", "spec": spec})


async def _move(here: world.World, type_: kit.ResourceType, service: world.Made) -> Any:
    """Updates a service to the newest network."""
    inputs = {**service.inputs, "spec": {**service.inputs["spec"]}}
    newest = list(here.swarm.objects.stored["networks"])[-1]
    inputs["spec"]["TaskTemplate"] = {**inputs["spec"]["TaskTemplate"], "Networks": [{"Target": newest}]}
    return await type_.update(here.context(), service.id, service.state, inputs)


@pytest.mark.parametrize(
    ("kind", "inputs", "other"),
    [
        ("Config", _content(), _content("new")),
        ("Secret", _content(), _content("new")),
        ("Network", _network(), _network(Attachable=True)),
    ],
)
def test_what_is_wanted_again_is_not_deleted(kind: str, inputs: dict[str, Any], other: dict[str, Any]) -> None:
    here = _shop()
    made = here.create(kind, inputs)

    async def give_up_and_want_again(type_: kit.ResourceType) -> None:
        changes = type_.diff(made.state, type_.check(other, {}).inputs)
        assert any(change.replace for change in changes.values())
        await type_.create(here.context(), made.inputs)
        await type_.delete(here.context(), made.id, made.state)

    here.run(kind, give_up_and_want_again)

    assert _stored(here, f"{kind.lower()}s") == [made.id]


@pytest.mark.parametrize(("kind", "inputs"), [("Config", _content()), ("Network", _network())])
def test_what_stays_is_not_deleted_by_an_older_run(kind: str, inputs: dict[str, Any]) -> None:
    here = _shop()
    made = here.create(kind, inputs)

    async def keep_and_delete(type_: kit.ResourceType) -> None:
        assert type_.diff(made.state, made.inputs) == {}
        await type_.delete(here.context(), made.id, made.state)

    here.run(kind, keep_and_delete)

    assert _stored(here, f"{kind.lower()}s") == [made.id]


class TestServices:
    def test_one_that_says_the_same_in_another_order_keeps_its_tasks(self) -> None:
        here = _shop()
        here.create("Service", {"name": "shop_web", "spec": _spec(Hosts=["1 a", "2 b"])})
        before = _task_ids(here)

        here.create("Service", {"name": "shop_web", "spec": _spec(Hosts=["2 b", "1 a"], Env=["B=2", "A=1"])})

        assert _task_ids(here) == before

    def test_a_digest_that_stack_deploy_added_stays(self) -> None:
        here = _shop()
        here.create("Service", {"name": "shop_web", "spec": _spec("web:1@sha256:aa")})
        before = _task_ids(here)

        made = here.create("Service", {"name": "shop_web", "spec": _spec("web:1")})

        assert _task_ids(here) == before
        assert here.read(made) == made

    def test_a_preview_tells_that_nothing_changes(self) -> None:
        here = _shop()
        made = here.create("Service", {"name": "shop_web", "spec": _spec()})

        assert here.foresee("Service", {"name": "shop_web", "spec": _spec()}) == {"serviceId": made.id}
        assert here.left == ["Service 'shop_web' is there already and is taken over as it is; no task starts anew."]

    def test_a_preview_tells_what_changes(self) -> None:
        here = _shop()
        here.create("Service", {"name": "shop_web", "spec": _spec()})

        here.foresee("Service", {"name": "shop_web", "spec": _spec(Env=["B=3", "C=1"], Hosts=["1 a"])})

        assert here.warned == [
            "Service 'shop_web' is there already and is taken over; its tasks start anew. What changes:\n"
            "  TaskTemplate.ContainerSpec.Env[A]: 'A=1' -> (absent)\n"
            "  TaskTemplate.ContainerSpec.Env[B]: 'B=2' -> 'B=3'\n"
            "  TaskTemplate.ContainerSpec.Env[C]: (absent) -> 'C=1'\n"
            "  TaskTemplate.ContainerSpec.Hosts[1 a]: (absent) -> '1 a'"
        ]

    def test_a_preview_refuses_a_service_of_somebody_else(self) -> None:
        here = _shop()
        here.create("Service", {"name": "shop_web", "spec": {**_spec(), "Labels": {}}})

        with pytest.raises(kit.ResourceError, match="exists already and was made by hand"):
            here.foresee("Service", {"name": "shop_web", "spec": _spec()})

    @pytest.mark.parametrize("kill", [[], ["manager-0", "worker-0"]])
    def test_a_preview_needs_no_cluster(self, kill: list[str]) -> None:
        here = _shop()
        for host in kill:
            here.machines.kill(host)

        assert here.foresee("Service", {"name": "shop_web", "spec": _spec()}) == {"serviceId": UNKNOWN}


def test_what_may_be_a_secret_is_not_shown() -> None:
    changes = adoption.list_changes(_spec(Env=["DB_PASSWORD=a"]), _spec(Env=["DB_PASSWORD=b"]))

    assert changes == ["TaskTemplate.ContainerSpec.Env[DB_PASSWORD]: (hidden) -> (hidden)"]


def test_a_scale_by_hand_to_nothing_is_drift() -> None:
    live = {**_spec(), "Mode": {"Replicated": {"Replicas": 0}}}

    changes = adoption.list_changes({**_spec(), "Mode": {"Replicated": {}}}, live)

    assert changes == ["Mode.Replicated.Replicas: 0 -> (absent)"]


class TestJobs:
    def _job(self, image: str = "job:1", **more: Any) -> dict[str, Any]:
        return {**_spec(image), "Mode": {"ReplicatedJob": {"TotalCompletions": 1}}, **more}

    def test_a_job_does_not_run_again_for_an_account_alone(self) -> None:
        here = _shop()
        made = here.create("Service", {"name": "shop_job", "spec": self._job()})

        here.update(made, registryAuth={"username": "u", "password": "2", "serveraddress": "r"})

        assert len(here.swarm.objects.tasks) == 1

    def test_a_job_runs_again_for_another_spec(self) -> None:
        here = _shop()
        made = here.create("Service", {"name": "shop_job", "spec": self._job()})

        here.update(made, spec=self._job("job:2"))

        assert len(here.swarm.objects.tasks) == 2

    def test_a_failed_job_runs_again(self) -> None:
        here = _shop()
        here.swarm.objects.logs["broken:1"] = b"migrating\nno such table\n"
        spec = self._job("broken:1")
        spec["TaskTemplate"]["RestartPolicy"] = {"Condition": "none"}
        with pytest.raises(kit.InitializationFailed) as caught:
            here.create("Service", {"name": "shop_job", "spec": spec})
        made = world.Made("Service", caught.value.resource_id, {"name": "shop_job", "spec": spec})

        with pytest.raises(kit.InitializationFailed):
            here.update(made)

        assert len(here.swarm.objects.tasks) == 2

    def test_the_end_of_its_log_is_told(self) -> None:
        here = _shop()
        here.swarm.objects.logs["broken:1"] = b"migrating\nno such table\n"
        spec = self._job("broken:1")
        spec["TaskTemplate"]["RestartPolicy"] = {"Condition": "none"}

        with pytest.raises(kit.InitializationFailed) as caught:
            here.create("Service", {"name": "shop_job", "spec": spec})

        assert str(caught.value) == (
            "Service 'shop_job' failed: 0 of 1 tasks of the job are complete; its tasks say: "
            "task: non-zero exit (1).\nIts log ends with:\n  migrating\n  no such table"
        )
