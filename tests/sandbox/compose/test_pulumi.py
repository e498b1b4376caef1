"""A stack of `docker stack deploy` under Pulumi itself: adopted, edited, rotated, moved and removed, over SSH."""

import os
import pathlib
import subprocess
from collections.abc import Iterator

import pytest

from tests import waiting
from tests.sandbox.compose import pulumi_project, real_engine, swarm_project

_IMAGE = real_engine.find_image()
pytestmark = pytest.mark.skipif(
    _IMAGE is None or pulumi_project.PULUMI is None,
    reason="needs an engine, the image of the sandbox's nodes and pulumi",
)

_FILE = """
version: "3.8"
services:
  web:
    image: box:1
    environment: {ZONE: b, ACCENT: a}
    configs: [motd]
    secrets: [password]
    networks: [back]
    stop_grace_period: 1s
  plain:
    image: box:1
    stop_grace_period: 1s
networks: {back: {attachable: true}}
configs: {motd: {file: ./motd}}
secrets: {password: {file: ./password}}
"""
_JOB = """
  migrate:
    image: box:1
    command: [sh, -c, "echo no such table; exit 3"]
    deploy: {mode: replicated-job, restart_policy: {condition: none}}
"""


@pytest.fixture
def engine() -> Iterator[real_engine.RealEngine]:
    with real_engine.RealEngine(str(_IMAGE)) as started:
        started.activate()
        yield started


@pytest.fixture
def project(engine: real_engine.RealEngine, tmp_path: pathlib.Path) -> pulumi_project.Project:
    made = swarm_project.create(engine, tmp_path)
    for name in ("motd", "password"):
        made.write(name, f"{name} 1\n")
    made.write("compose.yaml", _FILE)
    return made


def _deploy(engine: real_engine.RealEngine, folder: pathlib.Path) -> None:
    command = [str(real_engine.CLIENT), "stack", "deploy", "--detach=true", "--resolve-image", "never"]
    environment = {"HOME": "/home/somebody", "PATH": os.defpath, "DOCKER_HOST": engine.address}
    subprocess.run([*command, "-c", str(folder / "compose.yaml"), "shop"], env=environment, check=True)
    waiting.wait_for(lambda: len(_running(engine)) == 2, 60, "two tasks run")


def _running(engine: real_engine.RealEngine) -> dict[str, str]:
    services = {one["ID"]: one["Spec"]["Name"] for one in engine.get("/services")}
    tasks = [task for task in engine.get("/tasks") if task["Status"]["State"] == task["DesiredState"] == "running"]
    return {services[task["ServiceID"]]: task["ID"] for task in tasks if task["ServiceID"] in services}


def _names(engine: real_engine.RealEngine) -> list[str]:
    found = [one for kind in ("services", "networks", "configs", "secrets") for one in engine.get(f"/{kind}")]
    names = [str(one.get("Name") or one["Spec"]["Name"]) for one in found if one.get("Scope", "swarm") == "swarm"]
    return sorted(name for name in names if name.startswith("shop_"))


def test_a_stack_lives_on_under_pulumi(engine: real_engine.RealEngine, project: pulumi_project.Project) -> None:
    _deploy(engine, project.folder)
    deployed = _running(engine)

    told = project.preview()
    project.up()
    adopted = _running(engine)
    project.up("--expect-no-changes", "--refresh")
    project.write("password", "password 2\n")
    rotation = project.preview("--diff")
    project.up()
    rotated = _running(engine)
    project.write("compose.yaml", _FILE.replace("attachable: true", "internal: true"))
    project.up()
    moved = _running(engine)
    names = _names(engine)
    project.write("compose.yaml", _FILE.replace("\nservices:", f"\nservices:{_JOB.rstrip()}"))
    failed = project.run("up", "--yes", "--skip-preview")
    project.write("compose.yaml", "services: {plain: {image: 'box:1', stop_grace_period: 1s}}")
    project.up()

    assert "Service 'shop_web' is there already and is taken over as it is; no task starts anew." in told
    assert adopted == deployed
    assert "password 2" not in rotation
    assert "SecretName" in rotation
    assert rotated["shop_plain"] == moved["shop_plain"] == deployed["shop_plain"]
    assert len({deployed["shop_web"], rotated["shop_web"], moved["shop_web"]}) == 3
    assert [name.startswith("shop_back-") for name in names] == [True, False, False, False, False, False]
    assert failed.returncode != 0
    assert "Service 'shop_migrate' failed: 0 of 1 tasks of the job are complete" in failed.stdout + failed.stderr
    assert "no such table" in failed.stdout + failed.stderr
    assert _names(engine) == ["shop_default", "shop_plain"]
    assert _running(engine)["shop_plain"] == deployed["shop_plain"]
