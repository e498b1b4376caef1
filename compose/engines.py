"""Which engine it takes for what a file says: an older one drops the field without a word, or refuses the service.

`docker stack deploy` asks the engine for its version of the API; a file alone does not tell on which engine it runs.
What is in neither table needs 20.10 at most, the oldest engine that hosts have.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

from compose import errors, model, versions

KEYS = {
    "services.*.healthcheck.start_interval": 25,
    "services.*.oom_score_adj": 27,
    "services.*.volumes.[].image": 28,
    "services.*.volumes.[].volume.subpath": 26,
}
"""Paths of keys and the engine that brought their fields: API 1.44, 1.46, 1.48 and 1.45.

20.10.24 was asked: it took a service with `StartInterval`, `OomScoreAdj` and `Subpath`, and kept none of the three.
"""

VALUES = {"services.*.volumes.[].type": {"cluster": 23, "image": 28}}
"""Paths of keys of which single values need an engine; 20.10.24 refuses these two (`invalid MountType`)."""


@dataclasses.dataclass(frozen=True, order=True)
class Need(model.Notice):
    """A key with the engine that it needs, by the first number of its version."""

    engine: int


def list_needs(project: model.Project) -> list[Need]:
    """Lists what needs another engine than the oldest, without what has no effect in this dialect anyway."""
    idle = {(notice.service, notice.key) for notice in project.notices}
    found = (_make_need(project, path, engine) for path, engine in _find(project))
    return sorted(need for need in found if (need.service, need.key) not in idle)


def describe(path: str) -> str:
    """Words what a key of the reference needs; nothing where every engine will do."""
    if path in KEYS:
        return str(KEYS[path])
    return ", ".join(f"{value}: {engine}" for value, engine in VALUES.get(path, {}).items())


def _find(project: model.Project) -> Iterator[tuple[model.Path, int]]:
    value = {"services": project.services}
    for pattern, engine in KEYS.items():
        for path in versions.find(value, pattern):
            yield path, engine
    for pattern, engines in VALUES.items():
        for path in versions.find(value, pattern):
            engine = engines.get(_get(value, path), 0)
            if engine:
                yield path, engine


def _get(value: Any, path: model.Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _make_need(project: model.Project, path: model.Path, engine: int) -> Need:
    reason = f"needs Docker Engine {engine} or newer; Debian 12 brings 20.10"
    return Need(*project.locate(path), str(path[1]), errors.dotted(path[2:]), reason, engine)
