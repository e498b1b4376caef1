"""What loading gives: a project, with every section in long form and merged over all files."""

import dataclasses
import enum
import pathlib
from collections.abc import Mapping
from typing import Any

from compose import errors, go_yaml, interpolation

Section = dict[str, dict[str, Any]]
Path = tuple[str | int, ...]


# What the setting `applications` takes, in fewer characters than Docker does.
STACK_NAME = "[a-z][a-z0-9-]{0,30}"
SECTIONS = ("services", "networks", "volumes", "secrets", "configs")


class Dialect(enum.Enum):
    """How files are read."""

    STACK = "stack"
    """Exactly as `docker stack deploy` reads them."""
    SPEC = "spec"
    """As the Compose Specification of today says."""


@dataclasses.dataclass(frozen=True, order=True)
class Notice:
    """Something in a file that does not do what it seems to do; `reason` goes on after the key."""

    file: str
    line: int
    service: str
    key: str
    reason: str

    def __str__(self) -> str:
        where = ".".join(part for part in ("services" if self.service else "", self.service, self.key) if part)
        return f"{self.file}:{self.line}: {where} {self.reason}."


@dataclasses.dataclass(frozen=True)
class Options:
    """What the caller says beside the files."""

    environment: Mapping[str, str] = dataclasses.field(repr=False)
    strict: bool = False
    allow_outside: bool = False
    profiles: frozenset[str] = frozenset()


@dataclasses.dataclass
class Project:
    """The loaded files of one stack. Paths are absolute, durations are nanoseconds, sizes are bytes."""

    stack: str
    dialect: Dialect
    directory: pathlib.Path
    options: Options
    documents: list[go_yaml.Document]
    services: Section
    networks: Section
    volumes: Section
    secrets: Section
    configs: Section
    notices: list[Notice]
    profiles: set[str] = dataclasses.field(default_factory=set)
    """Those that services have, active or not."""
    _known: set[Notice] = dataclasses.field(default_factory=set, init=False, repr=False, compare=False)

    def place_of(self, path: Path) -> str:
        """Gives `file:line` of a key: in the last file that has it, else where its nearest parent stands."""
        file, line = self.locate(path)
        return f"{file}:{line}"

    def locate(self, path: Path) -> tuple[str, int]:
        """Gives file and line of a key, as `place_of` does."""
        for length in range(len(path), 0, -1):
            for document in reversed(self.documents):
                if document.holds(path[:length]):
                    return str(document.file), document.line_of(path[:length])
        return str(self.documents[0].file), 1

    def refuse(self, path: Path, text: str) -> errors.KeyRefused:
        """Makes the error that refuses a key of the merged files."""
        holding = (document for document in reversed(self.documents) if document.holds(path))
        raw = next((document.get(path) for document in holding), None)
        explained = interpolation.explain(text, raw, self.options.environment)
        return errors.KeyRefused(self.place_of(path), path, explained)

    def notice(self, service: str, key: Path, reason: str) -> None:
        """Notes that a service's key has no effect; under `strict` this is an error."""
        path: Path = ("services", service, *key)
        self.add(Notice(*self.locate(path), service, errors.dotted(key), f"has no effect: {reason}"))

    def notice_top(self, path: Path, reason: str) -> None:
        """Notes that a key outside of services has no effect."""
        self.add(Notice(*self.locate(path), "", errors.dotted(path), f"has no effect: {reason}"))

    def add(self, notice: Notice) -> None:
        """Adds a notice; under `strict` it is raised instead."""
        if self.options.strict:
            raise errors.StrictError(str(notice))
        if notice not in self._known:
            self._known.add(notice)
            self.notices.append(notice)


def make_project(
    dialect: Dialect,
    directory: pathlib.Path,
    documents: list[go_yaml.Document],
    stack: str,
    options: Options,
    merged: Mapping[str, Section],
) -> Project:
    """Makes a project of merged sections."""
    return Project(
        stack=stack,
        dialect=dialect,
        directory=directory,
        options=options,
        documents=documents,
        services=merged.get("services", {}),
        networks=merged.get("networks", {}),
        volumes=merged.get("volumes", {}),
        secrets=merged.get("secrets", {}),
        configs=merged.get("configs", {}),
        notices=[],
    )
