"""Services change under load."""

import re

import pytest

from tests.day_two.conftest import Scenarios

COMPOSE = "apps/shop/compose.yaml"


def test_a_new_image_rolls_out_start_first(scenarios: Scenarios) -> None:
    scenarios.env.edit("apps/shop/web/site/index.html", lambda text: text + "\n<!-- another version -->\n")

    scenarios.lossless("new image digest, start-first", scenarios.env.up)


def test_a_configuration_file_changes(scenarios: Scenarios) -> None:
    scenarios.env.edit("apps/shop/catalog.json", lambda text: text.replace("{", "{ ", 1))

    scenarios.lossless("configuration file of a service changes", scenarios.env.up)


def test_a_service_gains_limits_ulimits_and_a_network(scenarios: Scenarios) -> None:
    scenarios.env.edit(
        COMPOSE,
        lambda text: (
            text.replace(
                "    volumes: [*scratch]\n    healthcheck",
                "    ulimits: {nofile: 4096}\n    volumes: [*scratch]\n    healthcheck",
                1,
            )
            .replace(
                'limits: {cpus: "0.25", memory: 32M, pids: 64}', 'limits: {cpus: "0.25", memory: 48M, pids: 64}', 1
            )
            .replace("    networks: [inside]\n    ulimits", "    networks: [inside, side]\n    ulimits", 1)
            .replace("networks:\n  inside:\n", "networks:\n  side:\n    driver: overlay\n  inside:\n", 1)
        ),
    )

    scenarios.lossless("a service gains a network, limits and ulimits", scenarios.env.up)


def test_placement_constraints_change(scenarios: Scenarios) -> None:
    scenarios.env.edit(
        COMPOSE,
        lambda text: re.sub(
            r"(replicas: 2\n      endpoint_mode: dnsrr\n)",
            r"\1      placement: {constraints: [node.role == worker]}\n",
            text,
            count=1,
        ),
    )

    scenarios.lossless("a service's placement constraints change", scenarios.env.up)


def test_the_edge_itself_gets_a_new_image(scenarios: Scenarios) -> None:
    scenarios.env.edit("apps/shop/edge/haproxy.cfg", lambda text: text + "\n# another version\n")

    scenarios.lossless("the edge proxy itself gets a new image (global, stop-first)", scenarios.env.up)


@pytest.mark.parametrize(
    ("name", "file", "damage"),
    [
        ("bad image: crash loop", "apps/shop/api/Dockerfile", 'ENTRYPOINT ["/bin/false"]\n'),
        ("bad image: never healthy", "apps/shop/api/healthcheck", "\nexit 1\n"),
    ],
)
def test_a_bad_image_fails_the_up_and_nobody_notices(scenarios: Scenarios, name: str, file: str, damage: str) -> None:
    good = (scenarios.env.folder / file).read_text()
    scenarios.env.edit(file, lambda text: text + damage)

    with scenarios.under_load(name) as tally:
        said = scenarios.env.up(check=False)
        (scenarios.env.folder / file).write_text(good)
        scenarios.env.up()

    assert tally.failures == []
    assert "error: Service 'shop_api' failed" in said
