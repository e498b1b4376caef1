"""How long tasks may take to end and an update may rest between them: waits go by it. Pure.

The Engine API counts nanoseconds.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Plain = Mapping[str, Any]

_NANO = 1e9
# The engine's own, where a spec says nothing.
_GRACE_SECONDS = 10.0


def find_grace(tasks: Iterable[Plain]) -> float:
    """Gives the longest time in seconds that one of the tasks may take to stop; 0 without tasks."""
    return max((_get_grace(task["Spec"]) for task in tasks), default=0.0)


def find_step(service: Plain) -> float:
    """Gives the seconds that may pass in an update between two tasks without anything being wrong."""
    update = service["Spec"].get("UpdateConfig") or {}
    return _get_grace(service["Spec"]["TaskTemplate"]) + float(update.get("Delay") or 0) / _NANO


def _get_grace(template: Plain) -> float:
    grace = (template.get("ContainerSpec") or {}).get("StopGracePeriod")
    return _GRACE_SECONDS if grace is None else float(grace) / _NANO
