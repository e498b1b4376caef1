"""Merges the loaded files of a stack, later ones over earlier ones, field by field as `docker stack deploy -c` does.

In general mappings merge, lists are appended, and a scalar overrides unless it is empty: `false` cannot override
`true`. The exceptions stand in the tables below.
"""

from collections.abc import Callable, Iterator
from typing import Any

from compose import model

Merge = Callable[[Any, Any], Any]
_KEYED = frozenset(("ports", "volumes", "secrets", "configs"))
_Path = tuple[str, ...]


def merge_sections(base: dict[str, model.Section], over: dict[str, model.Section]) -> dict[str, model.Section]:
    """Merges two loaded files; services are merged field by field, any other entry is replaced as a whole."""
    merged = {key: {**base.get(key, {}), **over.get(key, {})} for key in {**base, **over}}
    for name in base.get("services", {}).keys() & over.get("services", {}).keys():
        merged["services"][name] = merge_service(base["services"][name], over["services"][name])
    return merged


def find_losses(base: dict[str, Any], over: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Finds what Docker loses when it merges two services: the key, and what becomes of it."""
    for key in sorted(_KEYED & base.keys()):
        if len(_RULES[key](base[key], [])) < len(base[key]):
            yield key, "of entries that are the same entry to Docker, the last one is kept when a second file follows"
    options = over.get("logging", {}).get("options")
    if options and "logging" in base and not _merge_logging(base["logging"], over["logging"]).get("options"):
        yield "logging", "Docker loses the options of a later file where the earlier one has none"


def merge_service(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Merges two services in long form."""
    # Docker sorts these as soon as two files name the service, and drops what has the same key, even if the later
    # file has none of them.
    nothing: dict[str, Any] = {key: [] for key in _KEYED if key in base}
    return _merge_mapping(base, {**nothing, **over}, ())


def _merge_mapping(base: dict[str, Any], over: dict[str, Any], path: _Path) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        merged[key] = _merge_value(base[key], value, (*path, key)) if key in base else value
    return merged


def _merge_value(base: Any, over: Any, path: _Path) -> Any:
    special = _find_rule(path)
    if special is not None:
        return special(base, over)
    if isinstance(base, dict) and isinstance(over, dict):
        return _merge_mapping(base, over, path)
    if isinstance(base, list) and isinstance(over, list):
        return base + over
    return over if over else base


def _find_rule(path: _Path) -> Merge | None:
    return _PER_ENTRY.get(".".join(path[:-1])) or _RULES.get(".".join(path))


def _replace(base: Any, over: Any) -> Any:
    return over


def _replace_unless_empty(base: Any, over: Any) -> Any:
    return over if over or base is None else base


def _keyed(*keys: str) -> Merge:
    """Makes the merge of lists in which entries with the same `keys` replace each other; the result is sorted."""

    def mark(entry: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(entry.get(key, 0 if key == "published" else "") for key in keys)

    def merge(base: list[dict[str, Any]], over: list[dict[str, Any]]) -> list[dict[str, Any]]:
        entries = {mark(entry): entry for entry in (*base, *over)}
        return [entries[key] for key in sorted(entries)]

    return merge


def _merge_logging(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Joins the options of one driver; another driver brings its own.

    Where the earlier file has no options at all, Docker loses those of the later one.
    """
    drivers = {logging["driver"] for logging in (base, over) if logging.get("driver")}
    if len(drivers) > 1:
        return over
    options = {**base["options"], **over.get("options", {})} if "options" in base else {}
    driver = {"driver": drivers.pop()} if drivers else {}
    return driver | ({"options": options} if options else {})


def _merge_attachment(base: dict[str, Any] | None, over: dict[str, Any] | None) -> dict[str, Any] | None:
    if base is None or over is None:
        return base or over
    addresses = {key: value for key, value in over.items() if key in ("ipv4_address", "ipv6_address")}
    kept = {key: value for key, value in base.items() if key != "aliases"}
    aliases = {"aliases": over["aliases"]} if "aliases" in over else {}
    return kept | addresses | aliases


_PER_ENTRY: dict[str, Merge] = {
    "ulimits": _replace,
    "networks": _merge_attachment,
    "environment": _replace_unless_empty,
    "labels": _replace,
    "deploy.labels": _replace,
    "sysctls": _replace,
    "depends_on": _replace,
}
"""Sections of a service whose entries are merged by a rule of their own."""

_RULES: dict[str, Merge] = {
    "command": _replace_unless_empty,
    "entrypoint": _replace_unless_empty,
    "ports": _keyed("published"),
    "volumes": _keyed("target"),
    "secrets": _keyed("source"),
    "configs": _keyed("source"),
    "logging": _merge_logging,
    "deploy.replicas": _replace,
    "deploy.update_config.parallelism": _replace,
    "deploy.rollback_config.parallelism": _replace,
    "deploy.restart_policy.max_attempts": _replace,
    "healthcheck.retries": _replace,
}
