"""What goes wrong around an `up`, made on purpose, on machines of one sandbox alone; each is taken back at its end."""

import contextlib
from collections.abc import Iterator

from tests.e2e import environment

_COMPOSE = "apps/shop/compose.yaml"
_API_BUILD = "    image: shop/api\n    build:\n      context: api\n"
_CUT = "PREROUTING -p tcp --dport 22 -j DROP"
_PULLS = "/var/lib/docker/tmp"


@contextlib.contextmanager
def cut_network(env: environment.Environment) -> Iterator[None]:
    """Drops what comes for SSH at the jump host, in its own network namespace."""
    jump = env.find("net-jump")
    environment.docker("exec", jump, "iptables", "-w", "-t", "mangle", "-I", *_CUT.split())
    try:
        yield
    finally:
        environment.docker("exec", jump, "iptables", "-w", "-t", "mangle", "-D", *_CUT.split())


@contextlib.contextmanager
def fill_disk(env: environment.Environment, host: str) -> Iterator[None]:
    """Puts a disk of 4 KiB, which is full at once, where a host's engine writes what it pulls.

    Not the whole of its data: that is a folder of this machine's own disk, which must not fill.
    """
    container = f"{env.prefix}-{host}"
    environment.docker("exec", container, "mount", "-t", "tmpfs", "-o", "size=4k", "full", _PULLS)
    try:
        yield
    finally:
        environment.docker("exec", container, "umount", _PULLS)


def restart_sshd(env: environment.Environment) -> None:
    """Restarts the SSH server of every machine; its sessions, which would outlive it, end too."""
    for name in env.containers():
        if any(word in name for word in ("-net-jump-", "-manager-", "-worker-")):
            environment.docker("exec", name, "sh", "-c", "systemctl restart ssh; pkill -f '^sshd: azureuser'; true")


@contextlib.contextmanager
def missing_digest(env: environment.Environment) -> Iterator[str]:
    """Asks for an image of the API, in place of the one that is built, that the registry does not have."""
    image = f"{env.outputs['registry']}/shop/api@sha256:{'0' * 64}"
    env.edit(_COMPOSE, lambda text: text.replace(_API_BUILD, f"    image: {image}\n", 1))
    try:
        yield image
    finally:
        env.edit(_COMPOSE, lambda text: text.replace(f"    image: {image}\n", _API_BUILD, 1))
