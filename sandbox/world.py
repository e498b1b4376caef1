"""The seam between the types and the machine: bodies in Docker, or none at all.

Types ask for networks, machines and registries; `reconcile` brings rules, translation and load balancers in line with
the store. `DockerWorld` (sandbox/docker_world.py) does it; `NoWorld` serves previews of sizes no laptop could boot.
"""

from typing import Any, Protocol

from sandbox.store import Record

Plain = dict[str, Any]


class World(Protocol):
    """What has a body."""

    async def create_subnet(self, record: Record, prefix: str) -> None:
        """Makes the network of a subnet, unless it is there."""

    async def create_machine(self, record: Record, inputs: Plain, interface: Record) -> None:
        """Makes and starts a machine in place of what a broken one left."""

    async def create_registry(self, record: Record) -> None:
        """Makes and starts a registry with an account of its own."""

    async def exists(self, record: Record) -> bool:
        """Tells whether a resource's body is there and alive."""

    async def remove(self, record: Record) -> None:
        """Removes a resource's body."""

    def password_of(self, record: Record) -> str:
        """Gives the password of a registry's account."""

    async def reconcile(self) -> None:
        """Brings what spans resources in line with the store."""


class NoWorld:
    """A world without bodies (SANDBOX_RECORD_ONLY=1): everything exists once it is recorded."""

    async def create_subnet(self, record: Record, prefix: str) -> None:
        """Makes nothing."""

    async def create_machine(self, record: Record, inputs: Plain, interface: Record) -> None:
        """Makes nothing."""

    async def create_registry(self, record: Record) -> None:
        """Makes nothing."""

    async def exists(self, record: Record) -> bool:
        """Believes the record."""
        return True

    async def remove(self, record: Record) -> None:
        """Removes nothing."""

    def password_of(self, record: Record) -> str:
        """Gives a password that opens nothing."""
        return "record-only"

    async def reconcile(self) -> None:
        """Changes nothing."""
