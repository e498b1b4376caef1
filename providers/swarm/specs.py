"""The comparison of Engine API specs: per path, order-insensitive where the engine is, blind to what it fills in."""

from collections.abc import Callable, Mapping
from typing import Any

from providers import kit

# Lists that the engine takes in any order, and what tells their items apart.
_KEYED: Mapping[str, Callable[[Any], str]] = {
    "Env": lambda item: str(item).split("=", 1)[0],
    "Mounts": lambda item: str(_get(item, "Target")),
    "Networks": lambda item: str(_get(item, "Target")),
    "Secrets": lambda item: f"{_get(_get(item, 'File'), 'Name')}",
    "Configs": lambda item: f"{_get(_get(item, 'File'), 'Name')}",
    "Ports": lambda item: f"{_get(item, 'TargetPort')}/{_get(item, 'Protocol') or 'tcp'}/{_get(item, 'PublishedPort')}",
    "Ulimits": lambda item: str(_get(item, "Name")),
    "Constraints": str,
    "CapabilityAdd": str,
    "CapabilityDrop": str,
    "Aliases": str,
    "Hosts": str,
    "GenericResources": repr,
}

# What the engine writes into a spec by itself, by the key's name.
_FILLED: Mapping[str, tuple[Any, ...]] = {
    "Runtime": ("container",),
    "Isolation": ("default",),
    "StopGracePeriod": (10_000_000_000,),
    "Mode": ("vip",),
    "Condition": ("any",),
    "Delay": (5_000_000_000,),
    "Order": ("stop-first",),
    "FailureAction": ("pause",),
    "Monitor": (5_000_000_000,),
    "Parallelism": (1,),
    "Protocol": ("tcp",),
    "PublishMode": ("ingress",),
    "Replicas": (1,),
    "MaxConcurrent": (1,),
    "TotalCompletions": (1,),
}
# Raised by `docker service update --force`, which asks for new tasks and for nothing else.
_IGNORED = ("ForceUpdate", "Platforms")


def _get(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, Mapping) else item


def changed(old: Any, new: Any, base: str) -> dict[str, kit.Change]:
    """Lists the paths at which the wanted spec differs from the one in the state."""
    return _compare(old, new, base, "")


def _compare(old: Any, new: Any, path: str, key: str) -> dict[str, kit.Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _compare_maps(old, new, path)
    if isinstance(old, list) and isinstance(new, list) and key in _KEYED and not kit.contains_unknown(new):
        return _compare_keyed(old, new, path, _KEYED[key])
    if _empty(old) and _empty(new):
        return {}
    return kit.changed_paths(None if _empty(old) else old, None if _empty(new) else new, path)


def _compare_maps(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> dict[str, kit.Change]:
    changes: dict[str, kit.Change] = {}
    for key in sorted(old.keys() | new.keys()):
        changes |= _compare(old.get(key), new.get(key), kit.join_path(path, key), key)
    return changes


def _compare_keyed(old: list[Any], new: list[Any], path: str, name: Callable[[Any], str]) -> dict[str, kit.Change]:
    """Matches items by name; paths carry the index in the wanted list, of a removed item that in the old one."""
    before = {name(item): item for item in old}
    after = {name(item) for item in new}
    changes: dict[str, kit.Change] = {}
    for index, item in enumerate(new):
        changes |= _compare(before.get(name(item)), item, kit.join_path(path, index), "")
    for index, item in enumerate(old):
        if name(item) not in after:
            changes[kit.join_path(path, index)] = kit.Change(kit.ChangeKind.DELETE)
    return changes


def _empty(value: Any) -> bool:
    """Tells what the engine takes as "not given"; 0 and False are values, None and empty containers are not."""
    return value is None or value == {} or value == []


def observe(wanted: Any, live: Any) -> Any:
    """Puts a live spec in the words of the wanted one: equal parts as they were written, drift as it is found."""
    return _observe(wanted, live, "")


def _observe(wanted: Any, live: Any, key: str) -> Any:
    if isinstance(live, Mapping) and (isinstance(wanted, Mapping) or wanted is None):
        return _observe_map(wanted or {}, live, given=wanted is not None)
    if isinstance(live, list) and isinstance(wanted, list) and key in _KEYED:
        return _observe_keyed(wanted, live, _KEYED[key])
    if isinstance(live, list) and isinstance(wanted, list) and len(live) == len(wanted):
        return [_observe(one, other, "") for one, other in zip(wanted, live, strict=True)]
    if _insignificant(live) and _insignificant(wanted):
        return wanted
    return live


def _observe_map(wanted: Mapping[str, Any], live: Mapping[str, Any], *, given: bool) -> Any:
    seen: dict[str, Any] = {}
    for key in [*wanted, *(key for key in live if key not in wanted)]:
        value = live.get(key)
        if key in _IGNORED:
            value = wanted.get(key)
        elif key not in wanted and (_insignificant(value) or value in _FILLED.get(key, ())):
            continue
        else:
            value = _observe(wanted.get(key), value, key)
        if value is not None:
            seen[key] = value
    return seen if given or seen else None


def _observe_keyed(wanted: list[Any], live: list[Any], name: Callable[[Any], str]) -> list[Any]:
    found = {name(item): item for item in live}
    kept = [_observe(item, found.pop(name(item)), "") for item in wanted if name(item) in found]
    return [*kept, *found.values()]


def _insignificant(value: Any) -> bool:
    return value in (None, {}, [], "", 0, False)
