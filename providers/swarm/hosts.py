"""The two small protocols behind which the hosts stand: an engine that answers, and the hosts by name.

`providers/swarm/ssh_hosts.py` implements them for real; tests use machines in memory
(`tests/doubles/memory_swarm.py`).

kit.ResourceError
├── EngineError      the engine answered with an error status
└── HostUnreachable  there was no way to the host, or no engine behind it
"""

from collections.abc import Mapping
from typing import Any, Protocol

from providers import kit


class EngineError(kit.ResourceError):
    """The engine refused a request; `status` is the HTTP status and the text the engine's own message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class HostUnreachable(kit.ResourceError):
    """A host could not be reached; the text names the host and the cause."""


class Engine(Protocol):
    """One Docker engine, spoken to in the Engine API (https://docs.docker.com/engine/api/v1.41/)."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        registry_auth: Mapping[str, str] | None = None,
    ) -> Any:
        """Sends a request and gives the decoded JSON, or None where there is no body.

        `path` is without version and query (`/services/create`); `registry_auth` becomes X-Registry-Auth.
        Raises `EngineError` on a status of 400 or more and `HostUnreachable` when the connection fails.
        """

    async def fetch(self, path: str, *, query: Mapping[str, str] | None = None) -> bytes:
        """Gets an answer that is no JSON, such as a log. Raises as `request` does."""


class Hosts(Protocol):
    """The hosts of a cluster by name, each reached over one connection that all resources of a run share."""

    async def engine(self, host: str) -> Engine:
        """Gives the engine of a host. Raises `HostUnreachable`."""

    async def run(self, host: str, command: str, *, seconds: float = 60) -> str:
        """Runs a shell command as the operator's user and gives its output.

        Raises `kit.ResourceError` with the command's own error text on a non-zero exit, `HostUnreachable` when the
        connection fails or `seconds` pass.
        """

    async def disconnect(self, host: str) -> None:
        """Drops the connection: the next use logs in anew, with the groups that the user has got meanwhile."""
