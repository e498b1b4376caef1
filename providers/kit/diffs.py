"""The comparison of two plain values, path by path, in the property paths that Pulumi prints."""

import dataclasses
import enum
import re
from typing import Any

from providers.kit.unknown import UNKNOWN

_BARE_KEY = re.compile(r"[A-Za-z_$][\w$]*")


class ChangeKind(enum.Enum):
    """What happens to the value at a path."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclasses.dataclass(frozen=True)
class Change:
    """A change at one path; `replace` tells that it can only be had by a new resource."""

    kind: ChangeKind
    replace: bool = False


def join_path(base: str, key: str | int) -> str:
    """Extends a Pulumi property path by a map key or a list index: `spec.Labels["a.b"]`, `ports[0]`."""
    if isinstance(key, int):
        return f"{base}[{key}]"
    if not _BARE_KEY.fullmatch(key):
        quoted = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'{base}["{quoted}"]'
    return f"{base}.{key}" if base else key


def changed_paths(old: Any, new: Any, base: str = "") -> dict[str, Change]:
    """Lists the paths at which `new` differs from `old`, as deep as both sides have the same shape.

    An absent key and None are the same: Pulumi drops null properties on the way. An unknown value is a change,
    since nobody can promise that it is none.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return _changed_keys(old, new, base)
    if isinstance(old, list) and isinstance(new, list):
        return _changed_items(old, new, base)
    if new is not UNKNOWN and old == new and isinstance(old, bool) == isinstance(new, bool):
        return {}
    return {base: Change(_kind(old, new))}


def _kind(old: Any, new: Any) -> ChangeKind:
    if old is None:
        return ChangeKind.ADD
    return ChangeKind.DELETE if new is None else ChangeKind.UPDATE


def _changed_keys(old: dict[str, Any], new: dict[str, Any], base: str) -> dict[str, Change]:
    changes: dict[str, Change] = {}
    for key in sorted(old.keys() | new.keys()):
        changes |= changed_paths(old.get(key), new.get(key), join_path(base, key))
    return changes


def _changed_items(old: list[Any], new: list[Any], base: str) -> dict[str, Change]:
    changes: dict[str, Change] = {}
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        changes |= changed_paths(before, after, join_path(base, index))
    return changes
