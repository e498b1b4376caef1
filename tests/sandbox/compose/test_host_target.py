"""A compose file on one host without a swarm, by Pulumi itself and its docker provider on a real engine."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.compose import pulumi_project, real_engine

_IMAGE = real_engine.find_image()
pytestmark = pytest.mark.skipif(
    _IMAGE is None or pulumi_project.PULUMI is None,
    reason="needs an engine, the image of the sandbox's nodes and pulumi",
)

_FILE = """
services:
  web:
    image: box:1
    command: [sh, -c, "sleep 1000"]
    environment: {A: "1", B: "2"}
    configs: [{source: motd, target: /etc/motd}]
    secrets: [password]
    networks: {back: {aliases: [site]}, default: {}}
    volumes: ["data:/data", "/srv", {type: tmpfs, target: /tmp, tmpfs: {size: 8388608}}]
    healthcheck: {test: "true", interval: 1s, timeout: 90s, retries: 2}
    stop_grace_period: 1s
    ulimits: {nofile: {soft: 100, hard: 200}}
    extra_hosts: ["db:10.0.0.9"]
    cap_add: [NET_ADMIN]
    labels: {a: b}
    logging: {driver: json-file, options: {max-size: 1m}}
    depends_on: {migrate: {condition: service_completed_successfully}}
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 50M}}}
  migrate:
    image: box:1
    command: [sh, -c, "echo creating tables; exit STATUS"]
networks: {back: {internal: true}}
volumes: {data: {}}
configs: {motd: {file: ./motd}}
secrets: {password: {file: ./password}}
"""


class Project(pulumi_project.Project):
    """The project and its engine."""

    def __init__(self, engine: real_engine.RealEngine, folder: pathlib.Path) -> None:
        self.engine = engine
        super().__init__(folder, "host_program.py", {"DOCKER_HOST": engine.address})
        for name in ("motd", "password"):
            self.write(name, f"{name} 1\n")
        self.write("compose.yaml", _FILE.replace("STATUS", "0"))

    def containers(self) -> dict[str, Any]:
        """Inspects the containers by name."""
        names = self.engine.docker("ps", "--all", "--format", "{{.Names}}").split()
        mine = [name for name in names if name.startswith("shop_")]
        return {one["Name"].strip("/"): one for one in json.loads(self.engine.docker("inspect", *mine))} if mine else {}


@pytest.fixture(scope="module")
def engine() -> Iterator[real_engine.RealEngine]:
    with real_engine.RealEngine(str(_IMAGE)) as started:
        started.activate()
        yield started


@pytest.fixture
def project(engine: real_engine.RealEngine, tmp_path: pathlib.Path) -> Iterator[Project]:
    made = Project(engine, tmp_path)
    yield made
    made.run("destroy", "--yes", "--skip-preview")


def test_it_runs_stays_and_changes_only_where_the_file_does(project: Project) -> None:
    project.up()
    first = project.containers()
    project.up("--expect-no-changes", "--refresh")
    project.write("motd", "motd 2\n")
    project.up()
    second = project.containers()
    destroyed = project.run("destroy", "--yes", "--skip-preview")

    assert sorted(first) == ["shop_migrate.1", "shop_web.1", "shop_web.2"]
    assert first["shop_web.1"]["State"]["Health"]["Status"] == "healthy"
    assert first["shop_migrate.1"]["State"]["ExitCode"] == 0
    assert first["shop_migrate.1"]["State"]["FinishedAt"] < first["shop_web.1"]["State"]["StartedAt"]
    assert first["shop_web.1"]["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert first["shop_migrate.1"]["Id"] == second["shop_migrate.1"]["Id"]
    assert first["shop_web.1"]["Id"] != second["shop_web.1"]["Id"]
    assert destroyed.returncode == 0
    assert project.containers() == {}
    assert "shop_data" in project.engine.docker("volume", "ls", "--quiet").split()


def test_a_container_holds_its_files_and_hears_of_the_others(project: Project) -> None:
    project.up()

    told = project.engine.docker("exec", "shop_web.1", "cat", "/etc/motd", "/run/secrets/password")

    assert told == "motd 1\npassword 1\n"
    assert "site" in project.containers()["shop_web.2"]["NetworkSettings"]["Networks"]["shop_back"]["Aliases"]


def test_one_that_fails_to_end_well_keeps_the_others_from_starting(project: Project) -> None:
    project.write("compose.yaml", _FILE.replace("STATUS", "3"))

    done = project.run("up", "--yes", "--skip-preview")

    assert done.returncode != 0
    told = " ".join((done.stdout + done.stderr).split())
    assert (
        "Container 'shop_migrate.1' was to run to its end and ended with status 3. Its log ends with: creating tables"
    ) in told
    assert sorted(project.containers()) == ["shop_migrate.1"]
