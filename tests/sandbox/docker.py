"""Docker's engine on this machine, by its command line: what the tests look at, and break."""

import json
import os
import pathlib
import subprocess
from typing import Any


def run(
    *arguments: str, data: str | None = None, config: pathlib.Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs docker and gives what came of it; `config` is the folder of its accounts."""
    environment = {**os.environ, "DOCKER_CONFIG": str(config)} if config is not None else None
    return subprocess.run(
        ["docker", *arguments], input=data, capture_output=True, text=True, check=False, env=environment
    )


def ask(*arguments: str, data: str | None = None, config: pathlib.Path | None = None) -> str:
    """Runs docker, which must succeed, and gives what it printed."""
    done = run(*arguments, data=data, config=config)
    assert done.returncode == 0, f"docker {arguments[0]} {arguments[-1]}: {done.stderr}"
    return done.stdout.strip()


def list_labelled(label: str) -> list[str]:
    """Lists containers, networks and volumes with a label."""
    wanted = ("--filter", f"label={label}")
    lists = (("ps", "-a", "--format", "{{.Names}}"), ("network", "ls", "-q"), ("volume", "ls", "-q"))
    return [line for listing in lists for line in ask(*listing, *wanted).splitlines()]


def inspect(*names: str) -> list[dict[str, Any]]:
    """Gives all that the engine tells of containers."""
    found: list[dict[str, Any]] = json.loads(ask("inspect", *names))
    return found


def filter_of_this_machine(image: str) -> str:
    """Lists the translations of this machine's packet filter, from where a user of Docker may."""
    return ask("run", "--rm", "--network", "host", "--cap-add", "NET_ADMIN", image, "iptables-save", "-t", "nat")
