"""An environment of one host without a swarm, on the real engine: containers over SSH through the jump host."""

import contextlib
import pathlib
import shutil
import urllib.request
from collections.abc import Iterator

import pytest

from tests import waiting
from tests.e2e import environment
from tests.e2e.environment import Environment

_FILE = """
services:
  web:
    build: {context: web}
    ports: ["80:8080"]
    environment: {DRAIN_SECONDS: "0"}
    volumes: [{type: tmpfs, target: /tmp, tmpfs: {size: 8388608}}]
    healthcheck: {test: [CMD, /healthcheck], interval: 1s, timeout: 5s, retries: 30}
    depends_on: {migrate: {condition: service_completed_successfully}}
    secrets: [password]
    stop_grace_period: 3s
  migrate:
    build: {context: web}
    entrypoint: [sh, -c, "exit 0"]
secrets: {password: {file: ./password.example}}
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """One host, and an application that builds the shop's web server."""
    folder = pathlib.Path(tmp_path_factory.mktemp("box"))
    addresses = {"addressSpace": "10.132.0.0/16", "hostSubnet": "10.132.1.0/24"}
    settings = {**addresses, "composeTarget": "host", "workers": 0}
    with environment.create(folder, f"azsw-box-{folder.name[-1]}", settings) as made:
        application = made.folder / "apps/box"
        shutil.copytree(made.folder / "apps/shop/web", application / "web")
        (application / "compose.yaml").write_text(_FILE)
        (application / "password.example").write_text("example")
        made.pulumi("config", "set", "--path", "applications[0]", "box=apps/box/compose.yaml")
        yield made


def _list_containers(box: Environment) -> list[str]:
    return sorted(_on_host(box, "ps", "--all", "--format", "{{.Names}}").split())


def _on_host(box: Environment, *arguments: str) -> str:
    return environment.docker("exec", box.find("manager-0"), "docker", *arguments)


def test_an_application_runs_on_one_host(box: Environment) -> None:
    told = box.make("up")
    answer = urllib.request.urlopen(f"http://{box.address}/", timeout=10).status
    password = _on_host(box, "exec", "box_web.1", "cat", "/run/secrets/password")
    swarm = _on_host(box, "info", "--format", "{{.Swarm.LocalNodeState}}").strip()
    status, doctor = box.make("status"), box.make("doctor")
    on = box.make("on", f"HOST={box.outputs['nodes'][0]['name']}", "RUN=hostname")
    box.up("--expect-no-changes")

    assert f"http://{box.address}" in told
    assert answer == 200
    assert len(password) == 32
    assert swarm == "inactive"
    assert "No manager answers" not in status
    assert "box_web" in status
    assert "Nothing is wrong" in doctor
    assert on.strip() == box.outputs["nodes"][0]["name"]
    assert _list_containers(box) == ["box_migrate.1", "box_web.1"]


def test_another_host_gets_everything_anew(box: Environment) -> None:
    old = box.find("manager-0")
    box.configure(managerSize="Standard_D2as_v5")

    box.up()

    assert box.find("manager-0") != old
    assert _list_containers(box) == ["box_migrate.1", "box_web.1"]
    answer = waiting.wait_for(lambda: _ask(box), 30, "the load balancer has found the new host")
    assert answer == 200


def _ask(box: Environment) -> int:
    with contextlib.suppress(OSError):
        return int(urllib.request.urlopen(f"http://{box.address}/", timeout=10).status)
    return 0


def test_what_one_host_cannot_do_is_refused_in_words(box: Environment) -> None:
    box.edit("apps/box/compose.yaml", lambda text: f"{text}configs: {{given: {{external: true}}}}\n")
    box.edit("apps/box/compose.yaml", lambda text: text.replace("    secrets:", "    configs: [given]\n    secrets:"))

    told = box.pulumi("preview", check=False)

    assert "ComposeHost 'box': one host cannot run it: services.web.configs names the external config 'given'" in told
    assert "Traceback" not in told
