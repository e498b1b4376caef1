"""What hardens a host: its files, each rule with its number in the CIS Docker Benchmark 1.6 where it has one.

docs/hardening.md has the table of rules; `make audit` asks a running stack about them. What is left out:

- live-restore (2.15) stays off: the engine refuses it in a swarm.
- userns-remap (2.9): services with volumes of the host and `--network host` break, so it is no default.
- audit rules cannot be switched immutable (`-e 2`): Docker's paths appear after the audit daemon has started.
"""

import importlib.resources
import json
from collections.abc import Sequence

_DAEMON = {
    # 2.2: containers on the default bridge do not reach each other; networks of one's own are not concerned.
    "icc": False,
    # 2.3
    "log-level": "info",
    # 2.8, 5.19
    "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 16_384, "Hard": 16_384}},
    # 2.13: `docker service logs` reads these, and they are rotated. Sending them elsewhere is the application's choice.
    "log-driver": "json-file",
    "log-opts": {"max-size": "10m", "max-file": "5"},
    # 2.14, 5.26
    "no-new-privileges": True,
    # 2.15: the engine refuses it in a swarm.
    "live-restore": False,
    # 2.16
    "userland-proxy": False,
}
_SCRIPT = "/usr/local/lib/azure-swarm/harden.sh"
# What loads the engine's AppArmor profile (5.2), the audit daemon, and a clock that follows Azure's.
HOST_PACKAGES = ("apparmor", "auditd", "chrony")
JUMP_PACKAGES = ("chrony",)


def make_command(packages: Sequence[str]) -> list[str]:
    """Gives the command that installs packages and puts the files into effect, once Docker is there."""
    return [_SCRIPT, *packages]


def make_host_files() -> dict[str, str]:
    """Gives the text of the files of a container host by path."""
    return {
        **_make_common_files("sshd-host.conf"),
        "/etc/docker/daemon.json": json.dumps(_DAEMON, indent=2) + "\n",
        "/etc/audit/rules.d/50-azure-swarm.rules": _read("audit.rules"),
    }


def make_jump_files() -> dict[str, str]:
    """Gives the text of the files of a jump host by path."""
    return _make_common_files("sshd-jump.conf")


def _make_common_files(forwarding: str) -> dict[str, str]:
    return {
        "/etc/ssh/sshd_config.d/50-azure-swarm.conf": _read("sshd.conf") + _read(forwarding),
        "/etc/sysctl.d/60-azure-swarm.conf": _read("sysctl-network.conf"),
        # Not in sysctl.d: a container must not set them, since its kernel is its machine's.
        "/usr/local/lib/azure-swarm/sysctl-kernel.conf": _read("sysctl-kernel.conf"),
        "/etc/systemd/journald.conf.d/50-azure-swarm.conf": _read("journald.conf"),
        _SCRIPT: _read("harden.sh"),
    }


def _read(name: str) -> str:
    return importlib.resources.files("cloud_init").joinpath("files", "hardening", name).read_text(encoding="utf-8")
