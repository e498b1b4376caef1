"""Builds the value of a YAML document from parser events, with a stack of its own instead of recursion."""

import base64
import binascii
import pathlib
from typing import Any

import yaml

from compose import errors, go_scalars

_MAXIMUM_DEPTH = 100
# What aliases may add to a document: a fixed allowance, and a few times what is really written.
_ALIAS_ALLOWANCE = 50_000
_ALIAS_FACTOR = 3
# A long text weighs as much as many values: it is copied when its variables are replaced.
_CHARACTERS_A_UNIT = 50
_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"


def build(text: str, file: pathlib.Path) -> Any:
    """Gives the value of the first document; Go does not look at others. `file` is what messages call it."""
    builder = _Builder(file)
    take = {
        yaml.ScalarEvent: builder.add_scalar,
        yaml.AliasEvent: builder.add_alias,
        yaml.MappingStartEvent: builder.open_mapping,
        yaml.SequenceStartEvent: builder.open_sequence,
        yaml.MappingEndEvent: builder.close,
        yaml.SequenceEndEvent: builder.close,
    }
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        taker = take.get(type(event))
        if taker is not None:
            taker(event)
        elif type(event) is yaml.DocumentEndEvent:
            break
    return builder.result


class _Container:
    """A mapping or sequence that is being built; `start` is the weight of all that stands before it."""

    __slots__ = ("anchor", "has_key", "key", "merges", "start", "value")

    def __init__(self, value: Any, anchor: str | None, start: int) -> None:
        self.value = value
        self.anchor = anchor
        self.start = start
        self.has_key = False
        self.key: Any = None
        self.merges: list[Any] = []


class _Builder:
    def __init__(self, file: pathlib.Path) -> None:
        self.result: Any = None
        self._file = file
        self._stack: list[_Container] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        # The weight of all values so far with aliases written out, and what of it aliases added.
        self._weight = 0
        self._added = 0

    def add_scalar(self, event: Any) -> None:
        value = event.value
        weight = 1 + len(value) // _CHARACTERS_A_UNIT
        if event.tag is not None:
            value = self._read_tagged(event)
        elif event.implicit[0]:
            value = go_scalars.resolve(value)
        if event.anchor:
            self._anchors[event.anchor] = (value, weight)
        self._weight += weight
        self._add(value, event)

    def add_alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            inside = any(container.anchor == event.anchor for container in self._stack)
            why = "contains itself" if inside else "is not defined above"
            raise self._refuse(event, f"the anchor {event.anchor!r} {why}.")
        value, weight = self._anchors[event.anchor]
        self._weight += weight
        self._added += weight - 1
        if self._added > _ALIAS_ALLOWANCE + _ALIAS_FACTOR * (self._weight - self._added):
            raise self._refuse(event, "the file grows out of all proportion when its aliases are written out.")
        self._add(value, event)

    def open_mapping(self, event: Any) -> None:
        self._open({}, event)

    def open_sequence(self, event: Any) -> None:
        self._open([], event)

    def close(self, event: Any) -> None:
        done = self._stack.pop()
        for merged in done.merges:
            done.value.update({key: value for key, value in merged.items() if key not in done.value})
        if done.anchor:
            self._anchors[done.anchor] = (done.value, self._weight - done.start)
        self._add(done.value, event)

    def _open(self, value: Any, event: Any) -> None:
        if len(self._stack) >= _MAXIMUM_DEPTH:
            raise self._refuse(event, f"values may be nested {_MAXIMUM_DEPTH} deep; this one lies deeper.")
        self._stack.append(_Container(value, event.anchor, self._weight))
        self._weight += 1

    def _refuse(self, event: Any, sentence: str) -> errors.FileError:
        return errors.FileError(self._file, sentence, event.start_mark.line + 1)

    def _read_tagged(self, event: Any) -> Any:
        try:
            return _read_tagged(event)
        except errors.Refusal as refusal:
            raise self._refuse(event, refusal.text) from refusal

    def _add(self, value: Any, event: Any) -> None:
        if not self._stack:
            self.result = value
            return
        top = self._stack[-1]
        if top.has_key:
            self._add_entry(top, value, event)
        elif isinstance(top.value, list):
            top.value.append(value)
        else:
            self._add_key(top, value, event)

    def _add_key(self, top: _Container, key: Any, event: Any) -> None:
        if key == _MERGE and event.implicit[0]:
            key = None
        elif not isinstance(key, str):
            raise self._refuse(event, f"keys must be strings; got {errors.show(key)}.")
        elif key in top.value:
            raise self._refuse(event, f"the key {key!r} stands twice in one mapping.")
        top.key, top.has_key = key, True

    def _add_entry(self, top: _Container, value: Any, event: Any) -> None:
        top.has_key = False
        if top.key is None:
            top.merges.extend(self._merged(value, event))
        else:
            top.value[top.key] = value

    def _merged(self, value: Any, event: Any) -> list[Any]:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) for item in values):
            raise self._refuse(event, "<< must be a mapping or a list of mappings.")
        return values


def _read_tagged(event: Any) -> Any:
    tag = event.tag.removeprefix(_TAG)
    if tag in ("!", "str"):
        return event.value
    if tag == "binary":
        return _decode(event.value)
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
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise errors.Refusal("!!binary must be base64.") from error
