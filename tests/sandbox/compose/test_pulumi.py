"""A stack of `docker stack deploy` under Pulumi itself: adopted, edited, rotated, moved and removed, over SSH."""

import os
import pathlib
import re
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
    command: [sh, -c, "echo no such table; exit STATUS"]
    deploy: {mode: replicated-job, restart_policy: {condition: none}}
"""
_OTHER = """
version: "3.8"
services:
  web:
    image: 127.0.0.1:5000/box:1
    environment: {ZONE: c, PASSWORD: abc}
    configs: [motd]
    stop_grace_period: 1s
configs: {motd: {file: ./motd}}
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


def _deploy(engine: real_engine.RealEngine, folder: pathlib.Path, tasks: int = 2) -> None:
    command = [str(real_engine.CLIENT), "stack", "deploy", "--detach=true", "--resolve-image", "never"]
    environment = {"HOME": "/home/somebody", "PATH": os.defpath, "DOCKER_HOST": engine.address}
    subprocess.run([*command, "-c", str(folder / "compose.yaml"), "shop"], env=environment, check=True)
    waiting.wait_for(lambda: len(_running(engine)) == tasks, 60, f"{tasks} tasks run")


def _running(engine: real_engine.RealEngine) -> dict[str, str]:
    services = {one["ID"]: one["Spec"]["Name"] for one in engine.get("/services")}
    tasks = [task for task in engine.get("/tasks") if task["Status"]["State"] == task["DesiredState"] == "running"]
    return {services[task["ServiceID"]]: task["ID"] for task in tasks if task["ServiceID"] in services}


def _names(engine: real_engine.RealEngine) -> list[str]:
    found = [one for kind in ("services", "networks", "configs", "secrets") for one in engine.get(f"/{kind}")]
    names = [str(one.get("Name") or one["Spec"]["Name"]) for one in found if one.get("Scope", "swarm") == "swarm"]
    return sorted(name for name in names if name.startswith("shop_"))


def _add(job: str) -> str:
    return _FILE.replace("\nservices:", f"\nservices:{job.rstrip()}")


def _job_tasks(engine: real_engine.RealEngine) -> list[str]:
    return [task["ID"] for task in engine.get("/tasks") if task.get("JobIteration") is not None]


def test_a_stack_lives_on_under_pulumi(engine: real_engine.RealEngine, project: pulumi_project.Project) -> None:
    _deploy(engine, project.folder)
    deployed = _running(engine)

    told = project.preview()
    project.up()
    adopted = _running(engine)
    project.write("password", "password 2\n")
    rotation = project.preview("--diff")
    project.up()
    rotated = _running(engine)
    project.write("compose.yaml", _FILE.replace("ACCENT: a", "ACCENT: e"))
    project.up()
    edited = _running(engine)
    project.write("compose.yaml", _add(_JOB.replace("STATUS", "0")).replace("attachable: true", "internal: true"))
    project.up()
    moved, names, jobs = _running(engine), _names(engine), _job_tasks(engine)
    project.up("--expect-no-changes", "--refresh")
    kept = (_running(engine), _job_tasks(engine))
    project.write("compose.yaml", _add(_JOB.replace("STATUS", "3")))
    failed = project.run("up", "--yes", "--skip-preview")
    project.write("compose.yaml", "services: {plain: {image: 'box:1', stop_grace_period: 1s}}")
    project.up()

    assert "Service 'shop_web' is there already and is taken over as it is; no task starts anew." in told
    assert adopted == deployed
    assert "password 2" not in rotation
    assert "SecretName" in rotation
    plain = {tasks["shop_plain"] for tasks in (deployed, rotated, edited, moved, _running(engine))}
    assert plain == {deployed["shop_plain"]}
    assert len({tasks["shop_web"] for tasks in (deployed, rotated, edited, moved)}) == 4
    assert next(name for name in names if name.startswith("shop_back")).startswith("shop_back-")
    assert len(names) == 7
    assert len(jobs) == 1
    assert kept == (moved, jobs)
    assert failed.returncode != 0
    assert "Service 'shop_migrate' failed: 0 of 1 tasks of the job are complete" in failed.stdout + failed.stderr
    assert "no such table" in failed.stdout + failed.stderr
    assert _names(engine) == ["shop_default", "shop_plain"]


def test_a_preview_says_what_a_takeover_would_change(
    engine: real_engine.RealEngine, project: pulumi_project.Project
) -> None:
    engine.serve_registry()
    project.write(
        "compose.yaml", _OTHER.replace("box:2", "box:1").replace("external: true, name: given", "file: ./motd")
    )
    _deploy(engine, project.folder, 1)
    deployed = _running(engine)
    changed = _OTHER.replace("box:1", "box:2").replace("ZONE: c, PASSWORD: abc", "ZONE: d, PASSWORD: def")
    project.write("compose.yaml", changed.replace("file: ./motd", "external: true, name: given"))

    refused = project.run("preview", "--diff")
    engine.post("/configs/create", {"Name": "given", "Data": "eA=="})
    told = project.preview("--diff")

    assert refused.returncode != 0
    missing = "Service 'shop_web' needs config 'given', which the swarm does not have; create it before."
    assert missing in refused.stdout + refused.stderr
    assert "Service 'shop_web' is there already and is taken over; its tasks start anew. What changes:" in told
    assert "TaskTemplate.ContainerSpec.Env[ZONE]: 'ZONE=c' -> 'ZONE=d'" in told
    assert "TaskTemplate.ContainerSpec.Env[PASSWORD]: (hidden) -> (hidden)" in told
    digest = r"sha256:[0-9a-f]{64}\)"
    image = rf"127\.0\.0\.1:5000/box:1 \({digest} -> 127\.0\.0\.1:5000/box:2 \({digest}\."
    assert re.search(rf"Service 'shop_web' gets another image: {image}", told)
    assert _running(engine) == deployed
