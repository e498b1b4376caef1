"""What has no body in Docker: the resources as they were last put, and what the sandbox gave them (addresses).

One JSON file, written whole and renamed, read under a lock: plugins of several stacks may run at once.
It holds no secret: user-data goes into the machine, accounts into files of their own.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

Plain = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Record:
    """A resource: its type token, its inputs without secrets, and facts that the sandbox decided."""

    id: str
    token: str
    group: str
    inputs: Plain
    facts: Plain = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of the id."""
        return self.id.rsplit("/", 1)[-1]


class Store:
    """Records by id; ids differ in more than upper and lower case, as Azure's do."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path

    def find(self, resource_id: str) -> Record | None:
        """Finds a record by id."""
        return self._read().get(resource_id.lower())

    def list_all(self) -> list[Record]:
        """Lists every record, by id."""
        return [record for _, record in sorted(self._read().items())]

    def list_of(self, token: str) -> list[Record]:
        """Lists the records of a type, by id."""
        return [record for record in self.list_all() if record.token == token]

    def list_in(self, group: str) -> list[Record]:
        """Lists the records in a resource group, the group itself among them."""
        return [record for record in self.list_all() if record.group.lower() == group.lower()]

    def put(self, record: Record) -> None:
        """Adds or replaces a record."""
        with self.changing() as records:
            records[record.id.lower()] = record

    def remove(self, resource_id: str) -> None:
        """Removes a record; none is no error."""
        with self.changing() as records:
            records.pop(resource_id.lower(), None)

    @contextlib.contextmanager
    def changing(self) -> Iterator[dict[str, Record]]:
        """Gives all records by lower-case id, alone; what is left in the dict is written when the block ends well."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self._path.with_suffix(".lock"), "a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            records = self._read()
            yield records
            self._write(records)

    def _read(self) -> dict[str, Record]:
        try:
            listed = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return {one["id"].lower(): Record(**one) for one in listed}

    def _write(self, records: dict[str, Record]) -> None:
        fresh = self._path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump([dataclasses.asdict(record) for record in records.values()], file, indent=1)
        fresh.replace(self._path)
