"""The last lines of a task's log, as the engine's log stream gives them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from providers import kit
from providers.swarm.cluster import Cluster

_LINES = 20
_LONGEST_LINE = 500
_SECONDS = 20
_HEADER = 8


async def quote_end(cluster: Cluster, task: Mapping[str, Any] | None) -> str:
    """Quotes the end of a task's log as a sentence and its lines; empty where there is none."""
    lines = [] if task is None else await _read_end(cluster, task["ID"])
    return "".join(["\nIts log ends with:", *(f"\n  {line[:_LONGEST_LINE]}" for line in lines)]) if lines else ""


async def _read_end(cluster: Cluster, task_id: str) -> list[str]:
    query = {"stdout": "true", "stderr": "true", "tail": str(_LINES)}
    try:
        # A driver that keeps nothing, or a host that is gone, must not hide the failure itself.
        async with asyncio.timeout(_SECONDS):
            stream = await cluster.fetch(f"/tasks/{task_id}/logs", query=query)
    except (kit.ResourceError, TimeoutError):
        return []
    return read_frames(stream).decode(errors="replace").splitlines()[-_LINES:]


def read_frames(stream: bytes) -> bytes:
    """Takes the frames apart in which the engine mixes stdout and stderr; a terminal's log has none."""
    texts: list[bytes] = []
    while len(stream) >= _HEADER and stream[0] in (0, 1, 2) and stream[1:4] == bytes(3):
        size = int.from_bytes(stream[4:_HEADER], "big")
        texts.append(stream[_HEADER : _HEADER + size])
        stream = stream[_HEADER + size :]
    return b"".join([*texts, stream])


def find_failed(tasks: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Finds the task that failed last after its container had started."""
    failed = [task for task in tasks if task["Status"]["State"] == "failed"]
    return max(failed, key=lambda task: str(task.get("UpdatedAt", "")), default=None)
