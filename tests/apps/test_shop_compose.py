"""Rules that hold between the settings of the shop's compose file and what is in its images."""

import os
import re
from typing import Any

import pytest
import yaml

from apps.shop.api.shop_api import __main__ as api_main
from apps.shop.api.shop_api import resp
from tests.apps import shop_rig

SERVICES: dict[str, Any] = yaml.safe_load((shop_rig.SHOP / "compose.yaml").read_text())["services"]
EDGE = (shop_rig.SHOP / "edge" / "haproxy.cfg").read_text()


def _seconds(text: str) -> float:
    return float(text.removesuffix("s"))


def _environment(service: str) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in SERVICES[service]["environment"])


def _edge_seconds(setting: str) -> float:
    found = re.search(rf"^ +{setting} (\d+)s$", EDGE, re.MULTILINE)
    assert found is not None, setting
    return float(found[1])


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_found_by_dns_and_tells_node_and_digest(service: str) -> None:
    assert SERVICES[service]["deploy"]["endpoint_mode"] == "dnsrr"
    assert _environment(service)["NODE"] == "{{.Node.Hostname}}"
    assert _environment(service)["IMAGE_DIGEST"] == "pinned"


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_its_own_context_and_a_health_check_that_can_run(service: str) -> None:
    folder = shop_rig.SHOP / SERVICES[service]["build"]["context"]

    assert (folder / "Dockerfile").read_text().startswith("FROM debian:bookworm-slim\n")
    assert SERVICES[service]["healthcheck"]["test"] == ["CMD", "/healthcheck"]
    assert os.access(folder / "healthcheck", os.X_OK)


def test_the_edge_waits_longer_for_the_api_than_the_api_for_its_store() -> None:
    assert _edge_seconds("timeout server") > resp.PATIENCE_SECONDS


def test_stopping_ends_before_the_engine_kills() -> None:
    api_stop = _seconds(SERVICES["api"]["stop_grace_period"])
    edge_stop = _seconds(SERVICES["edge"]["stop_grace_period"])

    assert float(_environment("api")["DRAIN_SECONDS"]) + api_main.FINISH_SECONDS < api_stop
    assert _seconds(_environment("edge")["GRACE"]) + _edge_seconds("timeout http-keep-alive") < edge_stop


@pytest.mark.parametrize("service", ["web", "api"])
def test_every_edge_notices_a_leaving_task_while_it_still_serves(service: str) -> None:
    # Two checks, one second and then half a second apart, and the longest that a check may take.
    noticed = 1.5 + _edge_seconds("timeout check")

    assert noticed < float(_environment(service)["DRAIN_SECONDS"])
