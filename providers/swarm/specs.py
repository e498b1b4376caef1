"""The comparison of Engine API specs: per path, order-insensitive where the engine is, blind to what it fills in."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from providers import kit

# Lists that the engine takes in any order, and what tells their items apart.
KEYED: Mapping[str, Callable[[Any], str]] = {
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
# Of these it depends on where they stand what the engine does when they are absent.
_DEPENDS = ("Delay", "Order", "FailureAction", "Monitor", "Parallelism")
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
    if isinstance(old, list) and isinstance(new, list) and key in KEYED and not kit.contains_unknown(new):
        return _compare_keyed(old, new, path, KEYED[key])
    if is_empty(old) and is_empty(new):
        return {}
    return kit.changed_paths(None if is_empty(old) else old, None if is_empty(new) else new, path)


def _compare_maps(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> dict[str, kit.Change]:
    changes: dict[str, kit.Change] = {}
    for key in sorted(old.keys() | new.keys()):
        if not _says_default(key, old.get(key), new.get(key)):
            changes |= _compare(old.get(key), new.get(key), kit.join_path(path, key), key)
    return changes


def _says_default(key: str, old: Any, new: Any) -> bool:
    """Tells whether one side only says what the engine does where the other says nothing."""
    said = new if old is None else old
    return key not in _DEPENDS and (old is None or new is None) and said is not None and said in _FILLED.get(key, ())


def _compare_keyed(old: list[Any], new: list[Any], path: str, name: Callable[[Any], str]) -> dict[str, kit.Change]:
    """Matches items by name; paths carry the index in the wanted list, of a removed item that in the old one."""
    before = {name(item): item for item in old}
    after = {name(item) for item in new}
    changes: dict[str, kit.Change] = {}
    for index, item in enumerate(new):
        changes |= _compare(before.get(name(item)), item, kit.join_path(path, index), "")
    for index, item in enumerate(old):
        if name(item) not in after:
            place = kit.join_path(path, index)
            # Where a new item stands at the same place, the one has become the other.
            changes[place] = kit.Change(kit.ChangeKind.UPDATE if place in changes else kit.ChangeKind.DELETE)
    return changes


def is_empty(value: Any) -> bool:
    """Tells what the engine takes as "not given"; 0 and False are values, None and empty containers are not."""
    return value is None or value == {} or value == []


def observe(wanted: Any, live: Any) -> Any:
    """Puts a live spec in the words of the wanted one: equal parts as they were written, drift as it is found."""
    return _observe(wanted, live, "")


def find_drift(wanted: Any, live: Any, base: str) -> dict[str, kit.Change]:
    """Lists the paths at which a live spec differs from the wanted one in what it means."""
    return changed(observe(wanted, live), wanted, base)


def keep_template(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """Gives a TaskTemplate as it is written over a live one, so that tasks start anew only where it means another.

    Swarm compares templates literally: another order of configs alone would start every task anew. One that means the
    same is therefore written as it stands; an image without a digest keeps the digest that the live one has.
    """
    forced = live.get("ForceUpdate", 0)
    if not find_drift(wanted, live, "") and wanted.get("ForceUpdate", forced) == forced:
        return copy.deepcopy(dict(live))
    kept = copy.deepcopy(dict(wanted))
    image = (live.get("ContainerSpec") or {}).get("Image")
    if is_pinned(kept["ContainerSpec"].get("Image"), image):
        kept["ContainerSpec"]["Image"] = image
    # The count of forced updates is part of the template: another one would start every task anew.
    kept.setdefault("ForceUpdate", forced)
    return kept


def is_pinned(wanted: Any, live: Any) -> bool:
    """Tells whether the live image is the wanted one with the digest that `docker stack deploy` added."""
    return isinstance(wanted, str) and isinstance(live, str) and "@" not in wanted and live.startswith(f"{wanted}@")


def _observe(wanted: Any, live: Any, key: str) -> Any:
    if isinstance(live, Mapping) and (isinstance(wanted, Mapping) or wanted is None):
        return _observe_map(wanted or {}, live, given=wanted is not None)
    if isinstance(live, list) and isinstance(wanted, list) and key in KEYED:
        return _observe_keyed(wanted, live, KEYED[key])
    if isinstance(live, list) and isinstance(wanted, list) and len(live) == len(wanted):
        return [_observe(one, other, "") for one, other in zip(wanted, live, strict=True)]
    if _insignificant(live) and _insignificant(wanted) and (wanted is not None or _is_filled(key, live)):
        return wanted
    return wanted if key == "Image" and is_pinned(wanted, live) else live


def _observe_map(wanted: Mapping[str, Any], live: Mapping[str, Any], *, given: bool) -> Any:
    seen: dict[str, Any] = {}
    for key in [*wanted, *(key for key in live if key not in wanted)]:
        value = live.get(key)
        if key in _IGNORED:
            value = wanted.get(key)
        elif key not in wanted and _is_filled(key, value):
            continue
        else:
            value = _observe(wanted.get(key), value, key)
        if value is not None:
            seen[key] = value
    return seen if given or seen else None


def _is_filled(key: str, value: Any) -> bool:
    """Tells whether the engine writes this by itself; a 0 is no default where the default is a number."""
    filled = _FILLED.get(key, ())
    return value in filled or (_insignificant(value) and not (value == 0 and any(map(_is_number, filled))))


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _observe_keyed(wanted: list[Any], live: list[Any], name: Callable[[Any], str]) -> list[Any]:
    found = {name(item): item for item in live}
    kept = [_observe(item, found.pop(name(item)), "") for item in wanted if name(item) in found]
    return [*kept, *found.values()]


def _insignificant(value: Any) -> bool:
    return value in (None, {}, [], "", 0, False)
