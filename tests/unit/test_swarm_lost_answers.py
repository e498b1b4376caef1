"""A request that creates is carried out, its answer is lost, and asked again it finds its own object in the way."""

import base64
from typing import Any

import pytest

from providers.swarm import objects
from providers.swarm.cluster import Cluster
from providers.swarm.hosts import EngineError
from tests.doubles import virtual_time, world

_LABELS = {"com.docker.stack.namespace": "shop"}
_CONTENT = {"name": "shop_motd", "data": base64.b64encode(b"hello").decode(), "labels": _LABELS}
_NETWORK: dict[str, Any] = {"name": "shop_back", "spec": {"Driver": "overlay", "Labels": _LABELS}}
_SERVICE: dict[str, Any] = {
    "name": "shop_web",
    "spec": {"Labels": _LABELS, "TaskTemplate": {"ContainerSpec": {"Image": "web@sha256:1"}}},
}


def _lose(path: str) -> world.World:
    here = world.World("manager-0", "worker-0")
    here.join_all()
    here.machines.lost_answers = [path]
    return here


@pytest.mark.parametrize(
    ("kind", "path", "inputs"),
    [
        ("Network", "networks", _NETWORK),
        ("Config", "configs", _CONTENT),
        ("Secret", "secrets", _CONTENT),
        ("Service", "services", _SERVICE),
    ],
)
def test_what_was_made_is_taken_and_made_once(kind: str, path: str, inputs: dict[str, Any]) -> None:
    here = _lose(f"/{path}/create")

    made = here.create(kind, inputs)

    assert list(here.swarm.objects.stored[path]) == [made.id]
    assert here.read(made) == made
    assert here.machines.changes.count(f"POST /{path}/create") == 2


def test_a_service_that_was_made_is_not_written_again() -> None:
    here = _lose("/services/create")

    made = here.create("Service", {**_SERVICE, "spec": {**_SERVICE["spec"], "Mode": {"ReplicatedJob": {}}}})

    assert f"POST /services/{made.id}/update" not in here.machines.changes


def test_a_network_of_a_taken_name_is_found_under_the_other_one() -> None:
    here = _lose("/networks/create")
    here.machines.lost_answers = []
    plain = here.create("Network", _NETWORK)
    here.machines.lost_answers = ["/networks/create"]

    made = here.create("Network", {**_NETWORK, "spec": {**_NETWORK["spec"], "Attachable": True}})

    assert made.id != plain.id
    assert made.state["objectName"].startswith("shop_back-")


@pytest.mark.parametrize("status", [403, 409])
def test_a_name_that_somebody_else_has_is_told_in_the_engines_words(status: int) -> None:
    async def find() -> None:
        return None

    class Taken(Cluster):
        async def request(self, method: str, path: str, **rest: Any) -> Any:
            raise EngineError(status, "name conflicts with an existing object")

    async def main() -> Any:
        return await objects.create_or_find(Taken(world.World("manager-0").machines, []), "/configs", {}, find)

    with pytest.raises(EngineError, match="name conflicts with an existing object"):
        virtual_time.run(main())
