"""Reads YAML as the Go library behind `docker stack deploy` does: YAML 1.2 booleans, no duplicate keys, Go's numbers.

PyYAML's C parser delivers the events; values are built from them here. A composed node tree is made only when a
message needs a line: PyYAML's composer recurses in C and dies of a deeply nested file, so depth is checked before.
"""

import base64
import binascii
import dataclasses
import functools
import pathlib
from collections.abc import Iterator
from typing import Any

import yaml

from compose import errors, go_scalars

_MAXIMUM_DEPTH = 100
# What aliases may blow a document up to: a fixed allowance, and a few times what is really written.
_ALIAS_ALLOWANCE = 50_000
_ALIAS_FACTOR = 4
_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"


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
            found = _find(node, key)
            if found is None:
                return line
            line, node = found
        return line

    def marks(self) -> list[tuple[tuple[str | int, ...], str]]:
        """Lists the paths of values with a tag of this file's own, such as `!reset` and `!override`."""
        return list(_find_marks(self._root, ())) if "!" in self.text else []

    @functools.cached_property
    def _root(self) -> Any:
        # Depth was checked when the value was read: here PyYAML may recurse.
        return _compose(self.text)

    def holds(self, path: tuple[str | int, ...]) -> bool:
        """Tells whether the file has a key at `path`."""
        value: Any = self.value
        for key in path:
            if not _has(value, key):
                return False
            value = value[key]
        return True


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
        value = _Builder(file).build(text)
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


@dataclasses.dataclass
class _Container:
    """A mapping or sequence that is being built; `weight` counts its values with aliases written out."""

    value: Any
    line: int
    anchor: str | None
    key: Any = None
    has_key: bool = False
    weight: int = 1
    merges: list[Any] = dataclasses.field(default_factory=list)


class _Builder:
    """Builds one document from events, with a stack of its own instead of recursion."""

    def __init__(self, file: pathlib.Path) -> None:
        self._file = file
        self._stack: list[_Container] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._written = 0
        self._result: Any = None

    def build(self, text: str) -> Any:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._add_scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(event)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close(event)
            elif kind is yaml.AliasEvent:
                self._add_alias(event)
            elif kind is yaml.DocumentEndEvent:
                break  # Go reads the first document and does not look further.
        return self._result

    def _refuse(self, event: Any, sentence: str) -> errors.FileError:
        return errors.FileError(self._file, sentence, event.start_mark.line + 1)

    def _add_scalar(self, event: Any) -> None:
        try:
            value = _scalar(event)
        except errors.Refusal as refusal:
            raise self._refuse(event, refusal.text) from refusal
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, 1, event, is_merge=event.implicit[0] and event.value == _MERGE)

    def _add_alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            inside = any(container.anchor == event.anchor for container in self._stack)
            why = "contains itself" if inside else "is not defined above"
            raise self._refuse(event, f"the anchor {event.anchor!r} {why}.")
        value, weight = self._anchors[event.anchor]
        self._add(value, weight, event)

    def _open(self, event: Any) -> None:
        if len(self._stack) >= _MAXIMUM_DEPTH:
            raise self._refuse(event, f"values may be nested {_MAXIMUM_DEPTH} deep; this one lies deeper.")
        value: Any = {} if type(event) is yaml.MappingStartEvent else []
        self._stack.append(_Container(value, event.start_mark.line + 1, event.anchor))

    def _close(self, event: Any) -> None:
        done = self._stack.pop()
        for merged in done.merges:
            done.value.update({key: value for key, value in merged.items() if key not in done.value})
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.weight)
        self._add(done.value, done.weight, event)

    def _add(self, value: Any, weight: int, event: Any, is_merge: bool = False) -> None:
        self._written += 1
        if not self._stack:
            self._result = value
            return
        top = self._stack[-1]
        top.weight += weight
        if top.weight > _ALIAS_ALLOWANCE + _ALIAS_FACTOR * self._written:
            raise self._refuse(event, "the file grows out of all proportion when its aliases are written out.")
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.has_key:
            self._add_entry(top, value, event)
        else:
            self._add_key(top, value, event, is_merge)

    def _add_key(self, top: _Container, key: Any, event: Any, is_merge: bool) -> None:
        if is_merge:
            top.key = None
        elif not isinstance(key, str):
            raise self._refuse(event, f"keys must be strings; got {errors.show(key)}.")
        elif key in top.value:
            raise self._refuse(event, f"the key {key!r} stands twice in one mapping.")
        else:
            top.key = key
        top.has_key = True

    def _add_entry(self, top: _Container, value: Any, event: Any) -> None:
        if top.key is None:
            top.merges.extend(self._merged(value, event))
        else:
            top.value[top.key] = value
        top.has_key = False

    def _merged(self, value: Any, event: Any) -> list[Any]:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) for item in values):
            raise self._refuse(event, "<< must be a mapping or a list of mappings.")
        return values


def _scalar(event: Any) -> Any:
    """Gives the value of a scalar: by its tag if it has one, else by its look if it is not quoted."""
    tag: str | None = event.tag
    if tag is None or tag == "!":
        return go_scalars.resolve(event.value) if event.implicit[0] and tag is None else event.value
    if tag == _TAG + "str":
        return event.value
    if tag == _TAG + "binary":
        return _decode(event.value)
    return _tagged(tag.removeprefix(_TAG), event)


def _tagged(tag: str, event: Any) -> Any:
    value = go_scalars.resolve(event.value)
    if tag not in ("int", "float", "bool", "null", "timestamp"):
        return value  # Go ignores tags that it does not know.
    if tag == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if go_scalars.kind_of(value) != tag:
        raise errors.Refusal(f"!!{tag} does not fit {errors.show(event.value)}.")
    return value


def _decode(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError) as error:
        raise errors.Refusal("!!binary must be base64.") from error


def _compose(text: str) -> Any:
    loader = yaml.CSafeLoader(text)
    return loader.get_node() if loader.check_node() else None


def _find(node: Any, key: str | int) -> tuple[int, Any] | None:
    """Finds an entry's line and value, in the mapping itself before what is merged into it."""
    if isinstance(node, yaml.SequenceNode):
        if isinstance(key, int) and key < len(node.value):
            return node.value[key].start_mark.line + 1, node.value[key]
        return None
    if not isinstance(node, yaml.MappingNode):
        return None
    for name, value in node.value:
        if name.value == key:
            return name.start_mark.line + 1, value
    return next((found for merged in _merges(node) if (found := _find(merged, key))), None)


def _merges(node: Any) -> Iterator[Any]:
    for name, value in node.value:
        if name.value == _MERGE:
            yield from value.value if isinstance(value, yaml.SequenceNode) else [value]


def _find_marks(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if node.tag.startswith("!"):
        yield path, node.tag
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _find_marks(value, (*path, name.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _find_marks(value, (*path, index))
