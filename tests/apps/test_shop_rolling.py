"""The shop in real containers: tasks are replaced under load, and not one request is lost."""

from collections.abc import Iterator

import pytest

from tests import load, waiting
from tests.apps import shop_rig

pytestmark = pytest.mark.skipif(
    not shop_rig.docker_answers(), reason="needs a Docker engine that has debian:bookworm-slim"
)
# By so many requests each client has met what the change left behind.
_AFTERWARDS = 500


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop_rig.Rig]:
    with shop_rig.make_rig(tmp_path_factory.mktemp("shop")) as made:
        for service in ("store", "api", "web"):
            made.start(service, f"{service}-0")
        yield made


@pytest.fixture(scope="module")
def edge(rig: shop_rig.Rig) -> int:
    return _start_edge(rig, "edge-0")


def _start_edge(rig: shop_rig.Rig, node: str) -> int:
    port = rig.start_edge(node)
    waiting.wait_for(lambda: _answers(port), shop_rig.READY_SECONDS, "both tiers behind the edge")
    return port


def _answers(port: int) -> bool:
    return [load.get_json(port, path)[0] for path in ("/where", "/api/where")] == [200, 200]


@pytest.mark.parametrize("service", ["web", "api"])
def test_the_only_task_is_replaced(rig: shop_rig.Rig, edge: int, service: str) -> None:
    with load.Load(edge) as running:
        rig.start(service, f"{service}-1")
        status = rig.stop(service, f"{rig.name}-{service}-0")
        running.wait_for_more(_AFTERWARDS)

    assert running.tally.failures == []
    assert f"{service}-1" in running.tally.nodes
    assert status == 0


def test_the_store_is_replaced_and_remembers(rig: shop_rig.Rig, edge: int) -> None:
    with load.Load(edge) as running:
        status = rig.stop("store", f"{rig.name}-store-0")
        rig.start("store", "store-1")
        running.wait_for_more(_AFTERWARDS)
    _, seen = load.get_json(edge, "/api/shop/loadtester")

    assert running.tally.failures == []
    assert (status, seen["store"]) == (0, {"tier": "store", "node": "store-1", "digest": "sha256:store-1"})
    assert next(product["quantity"] for product in seen["products"] if product["sku"] == "honey") == 3


def test_a_killed_task_costs_no_request(rig: shop_rig.Rig, edge: int) -> None:
    victim = rig.start("web", "web-victim")
    with load.Load(edge) as running:
        waiting.wait_for(lambda: "web-victim" in running.tally.nodes, shop_rig.READY_SECONDS, "an answer of the victim")
        shop_rig.docker("kill", victim)
        running.wait_for_more(_AFTERWARDS)

    assert running.tally.failures == []


def test_a_stopping_edge_says_so_before_it_closes(rig: shop_rig.Rig) -> None:
    leaving = _start_edge(rig, "edge-1")
    container = f"{rig.name}-edge-1"

    shop_rig.docker("kill", "--signal", "USR1", container)
    waiting.wait_for(lambda: load.get_status(leaving, "/-/ready") == (503, True), shop_rig.READY_SECONDS, "a no")
    still_served = load.get_status(leaving, "/where")
    status = int(shop_rig.docker("wait", container))

    # The second value: the edge asks its clients to connect anew.
    assert (still_served, status) == ((200, True), 0)
