"""JSON over HTTP by a connector of the caller's: how Docker's engine is spoken to, here or behind SSH."""

import json
from collections.abc import Mapping
from typing import Any

import aiohttp


class HttpClient:
    """One HTTP session. Raises aiohttp's and the connector's own errors when the connection fails."""

    def __init__(self, connector: aiohttp.BaseConnector, *, seconds: float) -> None:
        timeout = aiohttp.ClientTimeout(total=seconds)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        content: bytes | None = None,
    ) -> tuple[int, bytes]:
        """Sends a request, with `body` as JSON or `content` as it is; gives the status and the answer's bytes."""
        async with self._session.request(
            method, f"http://docker{path}", params=dict(query or {}), headers=headers, json=body, data=content
        ) as answer:
            return answer.status, await answer.read()

    async def close(self) -> None:
        """Closes the session."""
        await self._session.close()


def read_message(content: bytes) -> str:
    """Gives the text of an engine's error answer, which is JSON with a `message` or plain text."""
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace").strip()
