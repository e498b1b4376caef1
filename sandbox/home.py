"""Where a sandbox lives: its folder, the prefix of its names, and the engine that runs its containers."""

import dataclasses
import hashlib
import pathlib
from collections.abc import Mapping

LABEL = "azure-swarm.sandbox"
ROLE_LABEL = "azure-swarm.sandbox.role"
RESOURCE_LABEL = "azure-swarm.sandbox.resource"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
_PREFIX_DIGITS = 6
_NAME_DIGITS = 10


@dataclasses.dataclass(frozen=True)
class Home:
    """A sandbox's place; two of them run side by side when folder and prefix differ."""

    folder: pathlib.Path
    prefix: str
    docker_socket: str
    unavailable_sizes: tuple[str, ...] = ()

    @property
    def labels(self) -> dict[str, str]:
        """The labels by which everything of this sandbox is found, and removed."""
        return {LABEL: self.prefix}

    def short_name(self, resource_id: str, digits: int = _NAME_DIGITS) -> str:
        """Derives a name from a resource id: unique in the engine, the same in every run."""
        return hashlib.sha256(f"{self.prefix}{resource_id.lower()}".encode()).hexdigest()[:digits]

    @property
    def chain(self) -> str:
        """The name of this sandbox's chain in the machine's own packet filter."""
        return f"SANDBOX-{self.short_name('edge', 8)}"

    @property
    def address_block(self) -> str:
        """Gives the first three octets of this sandbox's public addresses, in 127.64.0.0/10."""
        digest = hashlib.sha256(self.prefix.encode()).digest()
        return f"127.{64 + digest[0] % 64}.{digest[1]}"


def find_home(environment: Mapping[str, str], checkout: pathlib.Path) -> Home:
    """Reads SANDBOX_HOME, SANDBOX_PREFIX, SANDBOX_UNAVAILABLE_SIZES and DOCKER_HOST.

    The default folder is `.sandbox` in the checkout.
    """
    folder = pathlib.Path(environment.get("SANDBOX_HOME") or checkout / ".sandbox").absolute()
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:_PREFIX_DIGITS]
    prefix = environment.get("SANDBOX_PREFIX") or f"azsw-{digest}"
    socket = environment.get("DOCKER_HOST", "").removeprefix("unix://") or "/var/run/docker.sock"
    unavailable = tuple(environment.get("SANDBOX_UNAVAILABLE_SIZES", "").split())
    return Home(folder, prefix, socket, unavailable)
