"""The shop in plain containers on a throwaway network: what swarm does to its tasks is done by hand.

Network aliases stand for swarm's DNS (`tasks.web` and the like). Everything carries one prefix and is removed at the
end, also when a test failed.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import yaml

from tests import waiting

SHOP = pathlib.Path(__file__).parents[2] / "apps" / "shop"
READY_SECONDS = 30.0


def docker(*arguments: str) -> str:
    """Runs a docker command and gives what it printed; a failure carries what it said."""
    environment = {**os.environ, "DOCKER_BUILDKIT": "0"}
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise AssertionError(f"docker {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def docker_answers() -> bool:
    """Tells whether there is an engine that has the base image."""
    with contextlib.suppress(AssertionError, FileNotFoundError):
        return bool(docker("images", "--quiet", "debian:bookworm-slim"))
    return False


class Rig:
    """Containers of the shop's services, with the settings of compose.yaml."""

    def __init__(self, name: str, password_file: pathlib.Path) -> None:
        self.name = name
        self._services: dict[str, Any] = yaml.safe_load((SHOP / "compose.yaml").read_text())["services"]
        self._password_file = password_file

    def build(self) -> None:
        """Builds the images."""
        for service in self._services:
            docker("build", "--quiet", "--tag", f"{self.name}/{service}", str(SHOP / service))

    def start(self, service: str, node: str, **environment: str) -> str:
        """Starts a task and waits until it is healthy, as swarm does; only then its name gets an address."""
        container = f"{self.name}-{node}"
        docker(
            *("run", "--detach", "--name", container, "--network", "none"),
            *self._options(service, {"NODE": node, "TASK": "1", "IMAGE_DIGEST": f"sha256:{node}", **environment}),
            f"{self.name}/{service}",
        )
        waiting.wait_for(lambda: self._health(container) == "healthy", READY_SECONDS, f"{container} healthy")
        self.join(service, container)
        return container

    def join(self, service: str, container: str) -> None:
        """Gives a task its address and its names."""
        docker("network", "disconnect", "none", container)
        aliases = [option for alias in (service, f"tasks.{service}") for option in ("--alias", alias)]
        docker("network", "connect", *aliases, self.name, container)

    def start_edge(self, node: str, **environment: str) -> int:
        """Starts an edge and gives the port of this machine that leads to it."""
        container = f"{self.name}-{node}"
        docker(
            *("run", "--detach", "--name", container, "--network", self.name, "--publish", "127.0.0.1::8080"),
            *self._options("edge", {"NODE": node, "IMAGE_DIGEST": f"sha256:{node}", "GRACE": "2s", **environment}),
            f"{self.name}/edge",
        )
        waiting.wait_for(lambda: self._health(container) == "healthy", READY_SECONDS, f"{container} healthy")
        return int(docker("port", container, "8080/tcp").rpartition(":")[2])

    def stop(self, service: str, container: str) -> int:
        """Stops a task as swarm does, within its grace period, and gives its exit status."""
        grace = self._services[service]["stop_grace_period"].removesuffix("s")
        docker("stop", "--time", grace, container)
        return int(docker("inspect", "--format", "{{.State.ExitCode}}", container))

    def _options(self, service: str, environment: dict[str, str]) -> Iterator[str]:
        spec = self._services[service]
        limits = spec["deploy"]["resources"]["limits"]
        yield from ("--cap-drop", "ALL", "--read-only", "--memory", limits["memory"], "--cpus", limits["cpus"])
        yield from ("--health-cmd", spec["healthcheck"]["test"][1], "--health-interval", "1s")
        if service == "web":
            yield from ("--tmpfs", "/tmp:size=8m")
        if service == "store":
            yield from ("--volume", f"{self.name}:/data")
        if service in ("api", "store"):
            yield from ("--volume", f"{self._password_file}:/run/secrets/store_password:ro")
        if service == "api":
            yield from ("--volume", f"{SHOP / 'catalog.json'}:/etc/shop/catalog.json:ro")
        for name, value in environment.items():
            yield from ("--env", f"{name}={value}")

    @staticmethod
    def _health(container: str) -> str:
        state = json.loads(docker("inspect", "--format", "{{json .State}}", container))
        assert state["Running"], f"{container} ended: {docker('logs', container)}"
        return str(state["Health"]["Status"])


@contextlib.contextmanager
def make_rig(folder: pathlib.Path) -> Iterator[Rig]:
    """Gives a rig with its images and its network, and removes all of it."""
    password_file = folder / "store_password"
    password_file.write_text("a-password-of-this-run\n")
    password_file.chmod(0o444)
    rig = Rig(f"shopdev-{uuid.uuid4().hex[:8]}", password_file)
    try:
        rig.build()
        docker("network", "create", rig.name)
        yield rig
    finally:
        _remove(rig.name)


def _remove(name: str) -> None:
    containers = docker("ps", "--all", "--quiet", "--filter", f"name=^{name}-").split()
    if containers:
        docker("rm", "--force", "--volumes", *containers)
    for kind in ("network", "volume"):
        if docker(kind, "ls", "--quiet", "--filter", f"name=^{name}$"):
            docker(kind, "rm", name)
    images = docker("images", "--format", "{{.Repository}}", "--filter", f"reference={name}/*").split()
    if images:
        docker("rmi", "--force", *images)
