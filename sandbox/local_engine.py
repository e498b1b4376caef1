"""The engine of this machine: the few requests of Docker's API that the sandbox needs.

kit.ResourceError
└── LocalEngineError   the engine refused, or does not answer
"""

import io
import json
import tarfile
import urllib.parse
from collections.abc import Mapping
from typing import Any

import aiohttp

from providers import kit

_GONE = 404
_BAD = 400
_SECONDS = 120.0


class LocalEngineError(kit.ResourceError):
    """The engine refused a request (`status`), or does not answer (status 0)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class LocalEngine:
    """Docker's engine on this machine, over its socket."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._client: kit.HttpClient | None = None

    async def request(self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None) -> Any:
        """Sends a request and gives the decoded JSON, or None where there is none. Raises `LocalEngineError`."""
        content = await self._send(method, path, query=query, body=body)
        return json.loads(content) if content.strip() else None

    async def find(self, path: str) -> Any:
        """Reads an object; None when there is none."""
        try:
            return await self.request("GET", path)
        except LocalEngineError as error:
            if error.status != _GONE:
                raise
            return None

    async def remove(self, path: str, query: Mapping[str, str] | None = None) -> None:
        """Removes an object; one that is gone already is no error."""
        try:
            await self.request("DELETE", path, query=query)
        except LocalEngineError as error:
            if error.status != _GONE:
                raise

    async def put_files(self, container: str, files: Mapping[str, tuple[bytes, int]]) -> None:
        """Writes files into a container, also before it starts: path -> (content, mode)."""
        content = _pack(files)
        await self._send("PUT", f"/containers/{container}/archive", query={"path": "/"}, content=content)

    async def execute(self, container: str, script: str) -> None:
        """Runs a shell script in a running container. Raises `LocalEngineError` with its output when it fails."""
        body = {"Cmd": ["sh", "-euc", script], "AttachStdout": True, "AttachStderr": True, "Tty": True, "User": "root"}
        made = await self.request("POST", f"/containers/{container}/exec", body=body)
        path = f"/exec/{made['Id']}"
        told = await self._send("POST", f"{path}/start", body={"Detach": False, "Tty": True})
        code = (await self.request("GET", f"{path}/json"))["ExitCode"]
        if code:
            text = told.decode(errors="replace").strip()
            raise LocalEngineError(0, f"A step in container '{container}' failed with status {code}: {text}.")

    async def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            await self._client.close()

    async def _send(self, method: str, path: str, **rest: Any) -> bytes:
        if self._client is None:
            self._client = kit.HttpClient(aiohttp.UnixConnector(self._socket), seconds=_SECONDS)
        try:
            status, content = await self._client.send(method, urllib.parse.quote(path), **rest)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise LocalEngineError(0, f"Docker's engine at {self._socket} does not answer: {error}.") from error
        if status >= _BAD:
            raise LocalEngineError(status, f"Docker's engine refused {method} {path}: {kit.read_message(content)}.")
        return content


def _pack(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, (content, mode) in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
