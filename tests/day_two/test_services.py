"""Services change under load."""

import collections
import re

import pytest

from tests.day_two import watching
from tests.day_two.scenarios import Scenarios
from tests.e2e import environment, mishaps

COMPOSE = "apps/shop/compose.yaml"
WITH_NOTE = "    volumes: [*scratch]\n    secrets: [web_note]\n"


class Absences(watching.Watcher):
    """Asks all the time which nodes run no task of a global service, and remembers how many at most did at once."""

    pause = 0.3

    def __init__(self, env: environment.Environment, service: str) -> None:
        super().__init__()
        self.most = 0
        self.by_node: collections.Counter[str] = collections.Counter()
        self._env, self._service = env, service
        self._nodes = {node["Hostname"] for node in env.swarm("node", "ls")}

    def look(self) -> None:
        tasks = self._env.swarm("service", "ps", self._service, "--filter", "desired-state=running")
        absent = self._nodes - {task["Node"] for task in tasks if task["CurrentState"].startswith("Running")}
        self.by_node.update(absent)
        self.most = max(self.most, len(absent))


def test_a_new_image_rolls_out_start_first(scenarios: Scenarios) -> None:
    scenarios.settle()
    scenarios.env.edit("apps/shop/web/site/index.html", lambda text: text + "\n<!-- another version -->\n")

    scenarios.lossless("new image digest, start-first", scenarios.env.up)


def test_a_configuration_file_changes(scenarios: Scenarios) -> None:
    scenarios.settle()
    scenarios.env.edit("apps/shop/catalog.json", lambda text: text.replace("{", "{ ", 1))

    scenarios.lossless("configuration file of a service changes", scenarios.env.up)


def test_a_secret_rotates(scenarios: Scenarios) -> None:
    scenarios.settle()
    env = scenarios.env
    secret = "secrets:\n  web_note:\n    file: web_note.txt\n"
    (env.folder / "apps/shop/web_note.txt").write_text("one")
    env.edit(COMPOSE, lambda text: text.replace("secrets:\n  store_password:", f"{secret}  store_password:", 1))
    env.edit(COMPOSE, lambda text: text.replace("    volumes: [*scratch]\n", WITH_NOTE, 1))
    env.up()
    (env.folder / "apps/shop/web_note.txt").write_text("two")

    scenarios.lossless("secret of a service changes", env.up)

    assert _read_notes(env) == {"two"}
    names = [one["Name"] for one in env.swarm("secret", "ls") if one["Name"].startswith("shop_web_note")]
    assert len(names) == 1


def _read_notes(env: environment.Environment) -> set[str]:
    """Reads the secret in every task of the web service."""
    notes = set()
    for task in env.tasks("shop_web"):
        find = f"docker ps --quiet --filter name=shop_web.{task['Name'].rpartition('.')[2]}."
        read = f"docker exec $({find}) cat /run/secrets/web_note"
        notes.add(environment.docker("exec", f"{env.prefix}-{task['Node']}", "sh", "-c", read))
    return notes


def test_a_service_gains_limits_ulimits_and_a_network(scenarios: Scenarios) -> None:
    scenarios.settle()
    scenarios.env.edit(
        COMPOSE,
        lambda text: (
            text.replace(
                "    stop_grace_period: 30s\n    deploy:\n      replicas: 2\n",
                "    stop_grace_period: 30s\n    ulimits: {nofile: 4096}\n    deploy:\n      replicas: 2\n",
                1,
            )
            .replace(
                'limits: {cpus: "0.25", memory: 32M, pids: 64}', 'limits: {cpus: "0.25", memory: 48M, pids: 64}', 1
            )
            .replace(
                "    networks: [inside]\n    volumes: [*scratch]\n",
                "    networks: [inside, side]\n    volumes: [*scratch]\n",
                1,
            )
            .replace("networks:\n  inside:\n", "networks:\n  side:\n    driver: overlay\n  inside:\n", 1)
        ),
    )

    scenarios.lossless("a service gains a network, limits and ulimits", scenarios.env.up)


def test_placement_constraints_change(scenarios: Scenarios) -> None:
    scenarios.settle()
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
    scenarios.settle()
    scenarios.env.edit("apps/shop/edge/haproxy.cfg", lambda text: text + "\n# another version\n")

    with Absences(scenarios.env, "shop_edge") as absences:
        scenarios.lossless(
            "the edge proxy itself gets a new image (global, stop-first), one node at a time", scenarios.env.up
        )

    assert absences.most == 1
    assert len(absences.by_node) == 3


@pytest.mark.parametrize(
    ("name", "file", "damage"),
    [
        ("bad image: crash loop", "apps/shop/api/Dockerfile", 'ENTRYPOINT ["/bin/false"]\n'),
        ("bad image: never healthy", "apps/shop/api/healthcheck", "\nexit 1\n"),
    ],
)
def test_a_bad_image_fails_the_up_and_nobody_notices(scenarios: Scenarios, name: str, file: str, damage: str) -> None:
    scenarios.settle()
    good = (scenarios.env.folder / file).read_text()
    scenarios.env.edit(file, lambda text: text + damage)

    with scenarios.under_load(name) as tally:
        said = scenarios.env.up(check=False)
        (scenarios.env.folder / file).write_text(good)
        scenarios.env.up()

    assert tally.failures == []
    assert "Service 'shop_api' failed: the update is rollback_" in said
    assert "its tasks say: task: non-zero exit" in said


def test_a_digest_that_is_not_there_fails_the_up_and_nobody_notices(scenarios: Scenarios) -> None:
    scenarios.settle()

    with scenarios.under_load("bad image: no such digest") as tally:
        with mishaps.missing_digest(scenarios.env) as image:
            said = scenarios.env.up(check=False)
        scenarios.env.up()

    assert tally.failures == []
    assert "Service 'shop_api' failed: the update is rollback_" in said
    assert f"No such image: {image}" in said
    assert "could not pull it: manifest for" in said
