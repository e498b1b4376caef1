"""HTTP through an SSH connection: aiohttp on channels that end at a unix socket of the host.

aiohttp has no public way to bring a transport of one's own, so this overrides the method that its `UnixConnector`
overrides too; aiohttp is pinned, and tests/provider/test_ssh_hosts.py runs it against a real sshd.
"""

from typing import Any

import aiohttp
import asyncssh

# A hundred services that wait at once share these; more would only queue in the engine.
_MOST_CHANNELS = 32


class SshConnector(aiohttp.BaseConnector):
    """Opens each HTTP connection as a channel to `path` on the host."""

    def __init__(self, connection: asyncssh.SSHClientConnection, path: str) -> None:
        super().__init__(limit=_MOST_CHANNELS)
        self._connection = connection
        self._path = path

    async def _create_connection(self, _request: Any, _traces: Any, _limits: Any) -> Any:
        protocol = self._factory()
        await self._connection.create_unix_connection(lambda: _Session(protocol), self._path)
        return protocol


class _Session(asyncssh.SSHUNIXSession[bytes]):
    """Hands what a channel tells to a protocol of asyncio; the channel itself has a transport's methods."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol

    def connection_made(self, chan: Any) -> None:
        self._protocol.connection_made(chan)

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)

    def data_received(self, data: bytes, datatype: Any) -> None:
        self._protocol.data_received(data)

    def eof_received(self) -> bool:
        self._protocol.eof_received()
        return False

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()
