"""Reads YAML as the Go library behind `docker stack deploy` does: YAML 1.2 booleans, no duplicate keys, Go's numbers.

PyYAML's C parser delivers the events; `yaml_builder` makes values of them. A composed node tree is made only when a
message needs a line: PyYAML's composer recurses in C and dies of a deeply nested file, so depth is checked before.
"""

import dataclasses
import functools
import pathlib
from collections.abc import Iterator
from typing import Any

import yaml

from compose import errors, yaml_builder

_MERGE = "<<"
_NOTHING = object()


@dataclasses.dataclass(frozen=True)
class Document:
    """One YAML file: its value, and the lines of its keys."""

    file: pathlib.Path
    text: str
    value: dict[str, Any]

    def place_of(self, path: tuple[str | int, ...]) -> str:
        """Gives `file:line` of the key at `path`, or of the nearest key above it that the file holds."""
        return f"{self.file}:{self.line_of(path)}"

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """Gives the line on which the key at `path` stands, counted from 1."""
        node, line = self._root, 1
        for key in path:
            found = self._find(node, key)
            if found is None:
                return line
            line, node = found
        return line

    def marks(self) -> list[tuple[tuple[str | int, ...], str]]:
        """Lists the paths of values with a tag of this file's own, such as `!reset` and `!override`."""
        return list(_find_marks(self._root, (), set())) if "!" in self.text else []

    def _find(self, node: Any, key: str | int) -> tuple[int, Any] | None:
        """Finds an entry's line and value, in the mapping itself before what is merged into it."""
        if isinstance(node, yaml.SequenceNode):
            if isinstance(key, int) and key < len(node.value):
                return node.value[key].start_mark.line + 1, node.value[key]
            return None
        # Each mapping is looked at once: merged ones may be shared a million times over.
        for mapping in _with_merged(node, set()):
            entries = self._entries.get(id(mapping)) or self._index(mapping)
            if key in entries:
                return entries[key]
        return None

    def _index(self, mapping: Any) -> dict[str | int, tuple[int, Any]]:
        entries: dict[str | int, tuple[int, Any]] = {
            name.value: (name.start_mark.line + 1, value) for name, value in mapping.value
        }
        self._entries[id(mapping)] = entries
        return entries

    @functools.cached_property
    def _entries(self) -> dict[int, dict[str | int, tuple[int, Any]]]:
        """Holds the lines and values of the mappings that were looked at, by node: a file may have many warnings."""
        return {}

    @functools.cached_property
    def _root(self) -> Any:
        # Depth was checked when the value was read: here PyYAML may recurse.
        return _compose(self.text)

    def holds(self, path: tuple[str | int, ...]) -> bool:
        """Tells whether the file has a key at `path`."""
        return self._get(path) is not _NOTHING

    def get(self, path: tuple[str | int, ...]) -> Any:
        """Gives the value at `path` as the file has it; None where there is none."""
        value = self._get(path)
        return None if value is _NOTHING else value

    def _get(self, path: tuple[str | int, ...]) -> Any:
        value: Any = self.value
        for key in path:
            if not _has(value, key):
                return _NOTHING
            value = value[key]
        return value


def read_file(file: pathlib.Path) -> Document:
    """Reads a file whose top level is a mapping; raises a `FileError`."""
    try:
        return read_text(file.read_bytes(), file)
    except OSError as error:
        raise errors.FileError(file, f"the file cannot be read: {error.strerror}.") from error


def read_text(data: bytes, file: pathlib.Path) -> Document:
    """Reads YAML from bytes; `file` is what messages call it."""
    try:
        text = data.decode("utf-8-sig")
        value = yaml_builder.build(text, file)
    except UnicodeDecodeError as error:
        raise errors.FileError(file, "the file must be UTF-8 text.", 1) from error
    except yaml.YAMLError as error:
        raise _syntax_error(file, error) from error
    if not isinstance(value, dict):
        raise errors.FileError(file, f"the top level must be a mapping; got {errors.show(value)}.", 1)
    return Document(file, text, value)


def _has(value: Any, key: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(key, int) and key < len(value)
    return isinstance(value, dict) and key in value


def _syntax_error(file: pathlib.Path, error: yaml.YAMLError) -> errors.FileError:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return errors.FileError(file, f"not YAML: {error.problem}.", mark.line + 1 if mark else 0)
    return errors.FileError(file, f"not YAML: {' '.join(str(error).split())}.")


def _compose(text: str) -> Any:
    loader = yaml.CSafeLoader(text)
    return loader.get_node() if loader.check_node() else None


def _with_merged(node: Any, seen: set[int]) -> Iterator[Any]:
    if not isinstance(node, yaml.MappingNode) or id(node) in seen:
        return
    seen.add(id(node))
    yield node
    for name, value in node.value:
        if name.value == _MERGE:
            for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                yield from _with_merged(merged, seen)


def _find_marks(node: Any, path: tuple[str | int, ...], seen: set[int]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.tag.startswith("!"):
        yield path, node.tag
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _find_marks(value, (*path, name.value), seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _find_marks(value, (*path, index), seen)
