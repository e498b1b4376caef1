"""Lines that a provider shows in the engine's output."""

import asyncio
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

# How long the end of an operation waits for its lines: an engine that takes none must not hold it up.
_FLUSH_SECONDS = 1.0


class EngineLog:
    """Sends log lines to the engine, bound to a resource and in their order, without ever failing an operation."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stub: Any = None
        # Each line waits for the one before it.
        self._last: asyncio.Task[None] | None = None

    def connect(self, address: str) -> None:
        """Sends to another engine from now on."""
        self._address = address
        self._stub = None

    def progress(self, urn: str, message: str) -> None:
        """Shows a line beside the resource while its operation runs."""
        self._send(urn, message, engine_pb2.INFO, ephemeral=True)

    def tell(self, urn: str, message: str) -> None:
        """Leaves a line in the output."""
        self._send(urn, message, engine_pb2.INFO, ephemeral=False)

    def warn(self, urn: str, message: str) -> None:
        """Leaves a warning in the output."""
        self._send(urn, message, engine_pb2.WARNING, ephemeral=False)

    def _send(self, urn: str, message: str, severity: Any, *, ephemeral: bool) -> None:
        if not self._address:
            return
        request = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=ephemeral)
        self._last = asyncio.ensure_future(self._deliver(request, self._last))

    async def flush(self) -> None:
        """Waits, for a moment at most, until all that was said is shown; the engine may end after the operation."""
        if self._last is not None:
            await asyncio.wait([self._last], timeout=_FLUSH_SECONDS)

    async def _deliver(self, request: Any, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        if self._stub is None:
            self._stub = engine_pb2_grpc.EngineStub(grpc.aio.insecure_channel(self._address))
        try:
            await self._stub.Log(request)
        except grpc.aio.AioRpcError:
            # A lost line must not fail the operation it speaks of.
            return
