"""What software a host gets, and how it stays up to date. Pure.

The engine comes from the distribution, or in a pinned version from Docker's own repository. Upgrades by themselves are
those of the distribution's security archive, without the engine (to upgrade it restarts every container of the host)
and without restarts of the machine: `make reboot` takes those one host at a time (docs/adr/0014).
"""

import dataclasses
import importlib.resources

_INSTALL_DOCKER = "/usr/local/lib/azure-swarm/install-docker.sh"
_INSTALL_PINNED = "/usr/local/lib/azure-swarm/install-pinned-docker.sh"


@dataclasses.dataclass(frozen=True)
class Software:
    """What is asked for; an empty version means the distribution's engine."""

    docker_version: str = ""
    unattended_upgrades: bool = False

    def list_packages(self) -> list[str]:
        """Lists the packages that this needs beside the engine."""
        return ["unattended-upgrades"] if self.unattended_upgrades else []

    def make_files(self) -> dict[str, str]:
        """Gives the text of files by path; the same on jump hosts, which have no engine."""
        return {"/etc/apt/apt.conf.d/52-azure-swarm": _read("upgrades.conf")} if self.unattended_upgrades else {}

    def make_engine_files(self) -> dict[str, str]:
        """Gives the text of the files that install the engine, by path."""
        pinned = {_INSTALL_PINNED: _read("install-pinned-docker.sh")} if self.docker_version else {}
        return {_INSTALL_DOCKER: _read("install-docker.sh"), **pinned}

    def list_engine_commands(self, user: str) -> list[list[str]]:
        """Lists the commands that install the engine and let the user speak to it."""
        pinned = [[_INSTALL_PINNED, self.docker_version]] if self.docker_version else []
        return [*pinned, [_INSTALL_DOCKER, user]]


PLAIN = Software()


def _read(name: str) -> str:
    return importlib.resources.files("cloud_init").joinpath("files", name).read_text(encoding="utf-8")
