"""What others have taken the place of goes when nothing uses it; where it does not go, nothing else fails for it."""

import asyncio
import base64
from typing import Any

import pytest

from providers.swarm import objects
from providers.swarm.cluster import Cluster, ClusterSource, NoManager
from providers.swarm.hosts import EngineError
from tests.doubles import virtual_time, world

_LABELS = {"com.docker.stack.namespace": "shop"}
_CONTENT = {"name": "shop_motd", "data": base64.b64encode(b"new").decode(), "labels": _LABELS}
_PLAIN = "/configs/config-plain"
_HELD = [f"/configs/held-{index}" for index in range(5)]


class _Failing(Cluster):
    """A cluster that fails some requests."""

    def __init__(self, here: world.World, failing: list[tuple[str, str]], error: Exception) -> None:
        super().__init__(here.machines, here.managers)
        self._failing, self._error = failing, error

    async def request(self, method: str, path: str, **rest: Any) -> Any:
        if (method, path) in self._failing:
            raise self._error
        return await super().request(method, path, **rest)


def _shop() -> world.World:
    here = world.World("manager-0")
    here.join_all()
    plain = {"ID": "config-plain", "Version": {"Index": 1}, "Spec": {"Name": "shop_motd", "Labels": _LABELS}}
    here.swarm.objects.stored["configs"]["config-plain"] = plain
    return here


@pytest.mark.parametrize("failing", [("DELETE", _PLAIN), ("GET", "/services")])
def test_a_create_is_done_although_what_it_replaced_stays(failing: tuple[str, str]) -> None:
    here, source = _shop(), ClusterSource()
    cluster = _Failing(here, [failing], NoManager("No manager of the swarm answers."))
    source.set(cluster)
    config = world.make_type("Config", source)

    made = virtual_time.run(config.create(here.context(), config.check(_CONTENT, {}).inputs))

    assert made.id in here.swarm.objects.stored["configs"]
    assert cluster.superseded == {_PLAIN}
    assert here.warned == [
        "Config 'config-plain', in whose place another one has come, is not removed: No manager of the swarm answers; "
        "'docker config rm config-plain' on a manager does it."
    ]


def test_several_are_removed_side_by_side() -> None:
    here = _shop()
    cluster = _Failing(here, [("DELETE", path) for path in _HELD], EngineError(400, "config is in use"))
    cluster.superseded = set(_HELD)

    async def sweep() -> float:
        began = asyncio.get_running_loop().time()
        await objects.sweep(cluster, here.warned.append)
        return asyncio.get_running_loop().time() - began

    seconds = virtual_time.run(sweep())

    assert 30 <= seconds < 60
    assert cluster.superseded == set(_HELD)
    assert here.warned == []
