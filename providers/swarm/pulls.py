"""Why a node has no image: a task only says that there is none, the engine's own log on the node says why.

A wrong digest, a refused login, a full disk: all are "No such image" to swarm.
"""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from providers import kit
from providers.swarm.cluster import Cluster

_NO_IMAGE = "No such image"
_SECONDS = 20
# The engine writes logfmt, and quotes as Go does: as in JSON, but for control characters (\x1b, \a, \v).
_ERROR = re.compile(r'error=("(?:[^"\\]|\\.)*"|\S+)')


async def quote_cause(cluster: Cluster, tasks: Sequence[Mapping[str, Any]]) -> str:
    """Quotes, as a sentence, why the last task without an image could not get it; empty where nobody tells."""
    task = _find_last(tasks)
    try:
        # A host that is gone must not hide the failure itself.
        return "" if task is None else await _ask(cluster, task)
    except kit.ResourceError:
        return ""


def _find_last(tasks: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    without = [task for task in tasks if str(task["Status"].get("Err") or "").startswith(_NO_IMAGE)]
    return max(without, key=lambda task: str(task.get("UpdatedAt", "")), default=None)


async def _ask(cluster: Cluster, task: Mapping[str, Any]) -> str:
    host = next((one.hostname for one in await cluster.members() if one.node_id == task.get("NodeID")), None)
    if host is None:
        return ""
    wanted = shlex.quote(f"pulling image failed.*task.id={task['ID']}")
    command = f"sudo journalctl --unit docker --output cat --no-pager | grep {wanted} | tail -n 1"
    cause = read_cause(await cluster.hosts.run(host, command, seconds=_SECONDS))
    return f" Host '{host}' could not pull it: {cause}." if cause else ""


def read_cause(line: str) -> str:
    """Reads the error from a line of the engine's log; empty where there is none."""
    found = _ERROR.search(line)
    if found is None:
        return ""
    text = found[1]
    return (_unquote(text) if text.startswith('"') else text).strip().rstrip(".")


def _unquote(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        # An escape that JSON does not have must not hide the failure that is being explained.
        return text[1:-1]
