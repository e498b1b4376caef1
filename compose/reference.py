"""Lists every key that the dialects know and what becomes of it; docs/compose.md is made of this.

`python -m compose.reference` prints the tables as Markdown; with the name of a file, it writes them into that file, in
place of what stands there from the first table's heading on.
"""

import argparse
import dataclasses
import pathlib
import sys
from collections.abc import Iterator, Sequence

from compose import engines, readers, spec_schema, stack_schema, versions

HEADING = "### Keys of the stack dialect"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One key: its path (`*` for a name, `[]` for an entry of a list), the version that brought it, its treatment."""

    path: str
    since: str
    treatment: str
    reason: str
    engine: str = ""
    """The engine that it needs, where 20.10 will not do."""


def list_stack_keys() -> list[Entry]:
    """Lists the keys of the stack dialect."""
    return [_make_entry(path, key, f"3.{_since(path)}") for path, key in _walk(stack_schema.FILE, "")]


def list_spec_keys() -> list[Entry]:
    """Lists the keys of the spec dialect."""
    return [_make_entry(path, key, "") for path, key in _walk(spec_schema.FILE, "")]


def make_markdown() -> str:
    """Writes both lists as tables."""
    stack = [
        f"| `{key.path}` | {key.since} | {key.treatment} | {key.engine} | {key.reason} |" for key in list_stack_keys()
    ]
    spec = [f"| `{key.path}` | {key.treatment} | {key.engine} | {key.reason} |" for key in list_spec_keys()]
    return "\n".join(
        [
            HEADING,
            "",
            "| key | since | what becomes of it | engine from | why |",
            "| --- | --- | --- | --- | --- |",
            *stack,
            "",
            "### Keys of the spec dialect",
            "",
            "| key | what becomes of it | engine from | why |",
            "| --- | --- | --- | --- |",
            *spec,
        ]
    )


def _since(path: str) -> int:
    """Gives the version that brought a key: it is no older than the keys above it."""
    parts = path.split(".")
    return max((minor for known, minor in versions.SINCE.items() if _covers(known.split("."), parts)), default=0)


def _covers(pattern: list[str], path: list[str]) -> bool:
    return len(pattern) <= len(path) and all(known in ("*", part) for known, part in zip(pattern, path, strict=False))


def _make_entry(path: str, key: readers.Key, since: str) -> Entry:
    engine = "" if key.treatment in readers.WITHOUT_EFFECT else engines.describe(path)
    return Entry(path, since, key.treatment.value, key.reason, engine)


def _walk(table: readers.Table, prefix: str) -> Iterator[tuple[str, readers.Key]]:
    for name, key in sorted(table.keys.items()):
        path = f"{prefix}{name}"
        yield path, key
        if key.table is not None and key.treatment not in readers.WITHOUT_EFFECT:
            yield from _walk(key.table, f"{path}.*." if key.named else f"{path}.[]." if key.listed else f"{path}.")


def main(arguments: Sequence[str]) -> None:
    """Prints the tables, or writes them into a file."""
    parser = argparse.ArgumentParser(prog="python -m compose.reference", description="Print the tables of every key.")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the file to write them into, docs/compose.md")
    file = parser.parse_args(arguments).file
    if file is None:
        print(make_markdown())
    elif not _write(pathlib.Path(file)):
        parser.error(f"FILE must be a file with the heading '{HEADING}'; got '{file}'.")


def _write(file: pathlib.Path) -> bool:
    """Writes the tables in place of those that the file has; gives whether it has any."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    if HEADING not in text:
        return False
    file.write_text(f"{text.partition(HEADING)[0]}{make_markdown()}\n", encoding="utf-8")
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
