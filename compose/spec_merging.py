"""Merges services and sections by the Compose Specification: for several files, and for `extends`.

Mappings merge, lists are appended without what is there already, scalars override, `false` as well. Where a file says
`!override` a value replaces the one below it, and `!reset` removes that.
"""

from collections.abc import Callable
from typing import Any

from compose import model

_REPLACED = frozenset(("command", "entrypoint", "healthcheck.test", "credential_spec"))
_KEYED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "ports": lambda port: (port.get("host_ip"), port.get("target"), port.get("published"), port.get("protocol", "tcp")),
    "volumes": lambda volume: volume.get("target"),
    "tmpfs": lambda volume: volume.get("target"),
    "secrets": lambda reference: reference.get("target") or reference.get("source"),
    "configs": lambda reference: reference.get("target") or reference.get("source"),
}
"""Lists whose entries are the same entry when they agree in this; the later one wins."""


def merge(base: dict[str, model.Section], over: dict[str, model.Section]) -> dict[str, model.Section]:
    """Merges the sections of two files."""
    merged: dict[str, model.Section] = {}
    for section in {**base, **over}:
        merged[section] = _merge_section(base.get(section, {}), over.get(section, {}))
    return merged


def _merge_section(base: model.Section, over: model.Section) -> model.Section:
    return {**base, **{name: merge_service(base.get(name, {}), entry) for name, entry in over.items()}}


def merge_service(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Merges two services, or two other entries, in long form."""
    return _merge_mapping(base, over, "")


def _merge_mapping(base: dict[str, Any], over: dict[str, Any], path: str) -> dict[str, Any]:
    return {**base, **{key: _merge_value(base.get(key), value, f"{path}{key}") for key, value in over.items()}}


def _merge_value(base: Any, over: Any, path: str) -> Any:
    if base is None or path in _REPLACED:
        return over
    if isinstance(base, dict) and (isinstance(over, dict) or over is None):
        return _merge_mapping(base, over or {}, f"{path}.")
    if isinstance(base, list) and isinstance(over, list):
        return _merge_list(base, over, path)
    return over


def _merge_list(base: list[Any], over: list[Any], path: str) -> list[Any]:
    key = _KEYED.get(path)
    if key is None:
        return base + [item for item in over if item not in base]
    return list({key(item): item for item in (*base, *over)}.values())


def remove(value: dict[str, Any], path: model.Path) -> None:
    """Removes what lies at a path, if it is there."""
    inner: Any = value
    for key in path[:-1]:
        if not isinstance(inner, dict) or key not in inner:
            return
        inner = inner[key]
    if isinstance(inner, dict):
        inner.pop(path[-1], None)
