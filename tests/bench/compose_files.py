"""Compose files beside Docker's own client: converting one, and deploying one on a real engine."""

import dataclasses
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable

from tests import waiting
from tests.bench import running
from tests.e2e import environment
from tests.sandbox.compose import pulumi_project, real_engine, swarm_project

CONVERTED, DEPLOYED = 200, 30
_STACK = "shop"
_SECONDS = 300
_NOTHING = "services: {}\n"
# As long as those of real stacks are: 30 lines and 20 keys a service.
_SERVICE = """
  service-{index}:
    image: registry.example.com/team/service-{index}:1.4.{index}
    command: ["serve", "--listen=:8080", "--log-level=info"]
    environment:
      DATABASE_URL: "postgres://db-{index}:5432/app"
      LOG_FORMAT: json
      REGION: ${{REGION:-westeurope}}
    ports:
      - "{port}:8080"
    networks: [front, back]
    volumes:
      - data-{index}:/var/lib/service
      - /etc/localtime:/etc/localtime:ro
    healthcheck:
      test: ["CMD", "wget", "-q", "-O-", "http://localhost:8080/health"]
      interval: 10s
      timeout: 3s
      retries: 3
    logging:
      driver: json-file
      options: {{max-size: 10m, max-file: "3"}}
    labels:
      tier: backend
    deploy:
      replicas: 2
      labels: {{traefik.enable: "true", traefik.port: "8080"}}
      update_config: {{parallelism: 1, order: start-first, failure_action: rollback}}
      restart_policy: {{condition: on-failure, delay: 5s, max_attempts: 3}}
      resources:
        limits: {{cpus: "0.50", memory: 256M}}
        reservations: {{memory: 64M}}
      placement:
        constraints: [node.role == worker]
"""
_SMALL_SERVICE = """
  service-{index}: {{image: "box:1", stop_grace_period: 1s}}"""


def time_converting(folder: pathlib.Path, runs: int) -> tuple[list[float], list[float]]:
    """Times `compose convert` and `docker stack config` on one file, in turn."""
    file = folder / "many.yaml"
    file.write_text(_make_large_file())
    ours = [sys.executable, "-m", "compose", "convert", str(file), "--stack", "many"]
    docker = [str(real_engine.CLIENT), "stack", "config", "--compose-file", str(file)]
    first, second = list[float](), list[float]()
    for _ in range(runs):
        first.append(running.time_command(ours, environment.CHECKOUT, os.environ))
        second.append(running.time_command(docker, folder, os.environ))
    return first, second


def _make_large_file() -> str:
    services = "".join(_SERVICE.format(index=index, port=20000 + index) for index in range(CONVERTED))
    volumes = "".join(f"  data-{index}: {{}}\n" for index in range(CONVERTED))
    return f'version: "3.8"\nservices:{services}networks: {{front: {{}}, back: {{}}}}\nvolumes:\n{volumes}'


@dataclasses.dataclass(frozen=True)
class Deploying:
    """The seconds of each run: `pulumi up` of the services, the same without a change, Docker's client."""

    ups: list[float]
    unchanged: list[float]
    deploys: list[float]


def time_deploying(folder: pathlib.Path, runs: int) -> Deploying:
    """Times bringing services up on one engine, in turn: a `pulumi up` over SSH, and `docker stack deploy`."""
    ups, unchanged, deploys = list[float](), list[float](), list[float]()
    with real_engine.RealEngine(_get_image()) as engine:
        engine.activate()
        project = swarm_project.create(engine, folder)
        project.write("compose.yaml", _NOTHING)
        # The swarm and its memberships are there in both.
        project.up()
        for _ in range(runs):
            project.write("compose.yaml", _make_small_file())
            deploys.append(_time(lambda: _deploy(engine, project.folder)))
            _clear(engine)
            ups.append(_time(project.up))
            unchanged.append(_time(project.up))
            project.write("compose.yaml", _NOTHING)
            project.up()
            _clear(engine)
    return Deploying(ups, unchanged, deploys)


def _get_image() -> str:
    image = real_engine.find_image()
    if image is None or pulumi_project.PULUMI is None:
        raise running.BenchError("The image of the sandbox's nodes and pulumi are needed; 'make setup' brings them.")
    return image


def _make_small_file() -> str:
    return 'version: "3.8"\nservices:' + "".join(_SMALL_SERVICE.format(index=index) for index in range(DEPLOYED)) + "\n"


def _deploy(engine: real_engine.RealEngine, folder: pathlib.Path) -> None:
    command = [str(real_engine.CLIENT), "stack", "deploy", "--detach=true", "--resolve-image", "never", "-c"]
    variables = {"HOME": "/home/somebody", "PATH": os.defpath, "DOCKER_HOST": engine.address}
    subprocess.run([*command, str(folder / "compose.yaml"), _STACK], env=variables, capture_output=True, check=True)
    waiting.wait_for(lambda: _count_running(engine) == DEPLOYED, _SECONDS, "every task runs")


def _count_running(engine: real_engine.RealEngine) -> int:
    return sum(task["Status"]["State"] == task["DesiredState"] == "running" for task in engine.get("/tasks"))


def _clear(engine: real_engine.RealEngine) -> None:
    engine.remove_stack(_STACK)
    waiting.wait_for(lambda: not engine.get("/tasks"), _SECONDS, "no task is left")


def _time(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    seconds = time.monotonic() - started
    running.say(f"  {seconds:.2f} s")
    return seconds
