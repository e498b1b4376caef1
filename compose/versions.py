"""Which schema version has which key: a file that says `version: "3.4"` may not use what came with 3.7."""

from collections.abc import Iterator
from typing import Any

from compose import errors

NEWEST = 13

SINCE = {
    "x-*": 4,
    "secrets": 1,
    "configs": 3,
    "networks.*.attachable": 2,
    "networks.*.name": 5,
    "networks.*.x-*": 7,
    "volumes.*.name": 4,
    "volumes.*.x-*": 7,
    "secrets.*.name": 5,
    "secrets.*.driver": 8,
    "secrets.*.driver_opts": 8,
    "secrets.*.template_driver": 8,
    "secrets.*.x-*": 7,
    "configs.*.name": 5,
    "configs.*.template_driver": 8,
    "configs.*.x-*": 7,
    "services.*.x-*": 7,
    "services.*.build.cache_from": 2,
    "services.*.build.labels": 3,
    "services.*.build.network": 4,
    "services.*.build.target": 4,
    "services.*.build.shm_size": 5,
    "services.*.build.extra_hosts": 9,
    "services.*.cgroupns_mode": 9,
    "services.*.configs": 3,
    "services.*.credential_spec": 3,
    "services.*.credential_spec.config": 8,
    "services.*.deploy.endpoint_mode": 2,
    "services.*.deploy.rollback_config": 7,
    "services.*.deploy.update_config.order": 4,
    "services.*.deploy.resources.limits.pids": 9,
    "services.*.deploy.resources.reservations.generic_resources": 5,
    "services.*.deploy.placement.preferences": 3,
    "services.*.deploy.placement.max_replicas_per_node": 8,
    "services.*.healthcheck.start_period": 4,
    "services.*.healthcheck.start_interval": 12,
    "services.*.init": 7,
    "services.*.isolation": 5,
    "services.*.networks.*.driver_opts": 13,
    "services.*.oom_score_adj": 13,
    "services.*.ports.[].*": 2,
    "services.*.secrets": 1,
    "services.*.volumes.[].*": 2,
    "services.*.volumes.[].tmpfs": 6,
}
"""Paths of keys (`*` any key, `[]` any entry of a list) and the minor version that brought them; others are 3.0's."""

_FREE_BUILD_KEYS = 11
"""From 3.11 on, `build` takes keys that Docker does not know."""

_BUILD_KEYS = frozenset(("context", "dockerfile", "args"))

_Path = tuple[str | int, ...]


def read_version(value: dict[str, Any]) -> int:
    """Gives the minor version that a file asks for; raises a `Refusal` if it is none of 3.0 to 3.13."""
    version = value.get("version", "")
    if not isinstance(version, str):
        raise errors.Refusal(f"must be a string in quotes; got {errors.show(version)}.", ("version",))
    if version in ("", "3"):
        return NEWEST
    major, _, minor = version.partition(".")
    if major != "3" or minor not in {str(known) for known in range(NEWEST + 1)}:
        raise errors.Refusal(f"must be one of 3.0 to 3.{NEWEST}; got {errors.show(version)}.", ("version",))
    return int(minor)


def check(value: dict[str, Any], minor: int) -> None:
    """Refuses keys that came after version 3.`minor`."""
    if minor == NEWEST:
        return
    for pattern, since in SINCE.items():
        if since > minor:
            for path in find(value, pattern):
                raise _too_new(path, minor, since)
    if minor < _FREE_BUILD_KEYS:
        _check_build(value, minor)


def _check_build(value: dict[str, Any], minor: int) -> None:
    known = _BUILD_KEYS | {path.rpartition(".")[2] for path in SINCE if ".build." in path}
    for path in find(value, "services.*.build.*"):
        if path[-1] not in known:
            raise _too_new(path, minor, _FREE_BUILD_KEYS)


def _too_new(path: _Path, minor: int, since: int) -> errors.Refusal:
    return errors.Refusal(f"needs version 3.{since}; the file says 3.{minor}.", path)


def find(value: Any, pattern: str) -> Iterator[_Path]:
    """Finds the paths of a value that fit a pattern such as `services.*.ports.[].target`."""
    return _find(value, pattern.split("."), ())


def _find(value: Any, pattern: list[str], path: _Path) -> Iterator[_Path]:
    if not pattern:
        yield path
    elif isinstance(value, dict):
        for key in _matching(value, pattern[0]):
            yield from _find(value[key], pattern[1:], (*path, key))
    elif isinstance(value, list) and pattern[0] == "[]":
        for index, item in enumerate(value):
            yield from _find(item, pattern[1:], (*path, index))


def _matching(value: dict[str, Any], pattern: str) -> list[str]:
    if pattern.endswith("*"):
        return [key for key in value if key.startswith(pattern[:-1])]
    return [pattern] if pattern in value else []
