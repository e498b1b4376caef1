"""Readers: each takes a value as the file has it, refuses what the schema refuses, and gives the value's long form.

A reader is a callable of one value. Where Docker casts what interpolation made, the `casting_` readers take an
interpolated string as well; anywhere else such a string stays a string, and a number is refused as one.
"""

import dataclasses
import difflib
import enum
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from compose import errors, go_scalars, go_units, interpolation, shell_words

Reader = Callable[[Any], Any]

_TRUE = frozenset(("y", "yes", "true", "on"))
_FALSE = frozenset(("n", "no", "false", "off"))
_DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$")
_LARGEST = 2**63 - 1
_CLOSE = 0.75
_LONGEST_GUESS = 40
_INTEGER = re.compile(r"[-+]?[0-9]{1,19}$")


class Treatment(enum.Enum):
    """What becomes of a key that is accepted, or why one is not."""

    HONOURED = "honoured"
    IGNORED = "ignored"
    """Docker warns that it ignores the key, and so do we."""
    SILENT = "dropped"
    """Docker drops the key without a word; we warn."""
    FORBIDDEN = "refused"
    """Docker knows the key and refuses it."""


WITHOUT_EFFECT = frozenset((Treatment.IGNORED, Treatment.SILENT))


@dataclasses.dataclass(frozen=True)
class Key:
    """One key of a table: how its value is read, and what becomes of it."""

    read: Reader
    treatment: Treatment = Treatment.HONOURED
    reason: str = ""
    entry: "Table | None" = None
    """The table behind `read`, where `read` is not itself one: of the value, or of the entries of a list."""
    named: bool = False
    """The value is a mapping of free names to what `entry` reads."""
    listed: bool = False
    """The value is a list of what `entry` reads."""

    @property
    def table(self) -> "Table | None":
        """Gives the table of nested keys, if there is one."""
        return self.read if isinstance(self.read, Table) else self.entry

    @property
    def table_of_value(self) -> "Table | None":
        """Gives the table of the value itself, not of entries in it."""
        return None if self.named or self.listed else self.table


@dataclasses.dataclass(frozen=True)
class Table:
    """Reads a mapping with known keys; `what` names it in messages. Keys that start with `x-` may be kept out."""

    what: str
    keys: Mapping[str, Key]
    required: Sequence[str] = ()
    extensible: bool = False
    open: bool = False
    """Unknown keys are left out instead of refused."""

    def __call__(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise errors.expected("a mapping", value)
        for key in self.required:
            if key not in value:
                raise errors.Refusal(f"must have the key {key}, which is missing.")
        read = {}
        for key, item in value.items():
            known = self.keys.get(key)
            if known is None:
                self._check_unknown(key)
            else:
                read[key] = _read_key(known, key, item)
        return read

    def _check_unknown(self, key: str) -> None:
        if self.open or (self.extensible and key.startswith("x-")):
            return
        meant = _find_close(key, {name: name for name in self.keys}) or _find_close(key, self._list_deeper())
        hint = f"; is {meant} meant?" if meant else "."
        raise errors.Refusal(f"is not a key of {self.what}{hint}", (key,))

    def _list_deeper(self) -> dict[str, str]:
        """Lists the keys one level deeper, each with its path: a key may stand too high."""
        tables = {outer: key.table_of_value for outer, key in sorted(self.keys.items(), reverse=True)}
        return {
            name: f"{outer}.{name}"
            for outer, table in tables.items()
            if table is not None
            for name, key in table.keys.items()
            if key.treatment is Treatment.HONOURED
        }


def _find_close(key: str, paths: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(key[:_LONGEST_GUESS], paths, 1, _CLOSE)
    return paths[close[0]] if close else ""


def _read_key(known: Key, key: str, value: Any) -> Any:
    if known.treatment is Treatment.FORBIDDEN:
        raise errors.Refusal(f"is refused: {known.reason}.", (key,))
    return read_at(known.read, key, value)


def find_ignored(table: Table, value: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Key]]:
    """Finds the keys of a value, however deep, that are accepted and have no effect."""
    for name, item in value.items():
        key = table.keys.get(name)
        if key is None:
            continue
        if key.treatment in WITHOUT_EFFECT:
            yield (name,), key
        elif key.table is not None:
            for path, found in _find_nested(key.table, key.named, item):
                yield (name, *path), found


def _find_nested(table: Table, named: bool, value: Any) -> Iterator[tuple[tuple[str | int, ...], Key]]:
    if isinstance(value, dict) and not named:
        yield from find_ignored(table, value)
        return
    entries: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in entries:
        if isinstance(entry, dict):
            for path, key in find_ignored(table, entry):
                yield (name, *path), key


def anything(value: Any) -> Any:
    """Takes any value as it is."""
    return value


def text(value: Any) -> str:
    """Takes a string; numbers and dates must be quoted."""
    if type(value) is str:
        return value
    if isinstance(value, interpolation.Interpolated):
        return str(value)
    raise errors.expected("a string", value)


def optional_text(value: Any) -> str:
    """Takes a string, or nothing for the empty one."""
    return "" if value is None else text(value)


def integer(value: Any) -> int:
    """Takes a whole number, also one written as 2.0."""
    whole = type(value) is int or (isinstance(value, float) and value.is_integer())
    if whole and -_LARGEST <= value <= _LARGEST:
        return int(value)
    raise errors.expected("a whole number", value)


def casting_integer(value: Any) -> int:
    """Takes a whole number, or an interpolated string that is one."""
    if isinstance(value, interpolation.Interpolated) and _INTEGER.match(value):
        return int(value)
    return integer(value)


def natural(read: Reader) -> Reader:
    """Takes what `read` takes if it is not below zero."""

    def read_natural(value: Any) -> int:
        number: int = read(value)
        if number < 0:
            raise errors.expected("a whole number from 0 on", value)
        return number

    return read_natural


def cut(read: Reader) -> Reader:
    """Takes what `read` takes, and a number without its fraction: the decoder of `docker stack deploy` drops it."""

    def read_cut(value: Any) -> Any:
        fraction = isinstance(value, float) and math.isfinite(value) and value > 0
        return read(math.trunc(value) if fraction else value)

    return read_cut


def number(value: Any) -> int | float:
    """Takes a number, whole or not."""
    if type(value) is int or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise errors.expected("a number", value)


def casting_whole(value: Any) -> int:
    """Takes a whole number that is written as one: 2.0 is refused."""
    if isinstance(value, float):
        raise errors.expected("a whole number", value)
    return casting_integer(value)


def casting_number(value: Any) -> int | float:
    """Takes a number, or an interpolated string that is one."""
    if isinstance(value, interpolation.Interpolated) and _DECIMAL.match(value):
        return number(float(value))
    return number(value)


def boolean(value: Any) -> bool:
    """Takes true or false; `yes` and `on` are strings."""
    if isinstance(value, bool):
        return value
    raise errors.expected("true or false", value)


def casting_boolean(value: Any) -> bool:
    """Takes true or false, or an interpolated string that says so in any of YAML 1.1's words."""
    if isinstance(value, interpolation.Interpolated) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    return boolean(value)


def scalar(value: Any) -> str:
    """Takes a string or a number and prints it as Go does."""
    finite = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if finite or isinstance(value, str):
        return go_scalars.print_scalar(value)
    raise errors.expected("a string or a number", value)


def optional_scalar(value: Any) -> str:
    """Takes a string, a number or nothing, which is the empty string."""
    return "" if value is None else scalar(value)


def duration(value: Any) -> int:
    """Takes a duration such as 1m30s; gives nanoseconds."""
    return go_units.read_duration(text(value))


def size(value: Any) -> int:
    """Takes a size such as '50M'; gives bytes."""
    return go_units.read_size(text(value))


def cpus(value: Any) -> int:
    """Takes a share of processors as a string; gives billionths."""
    written = text(value)
    return go_units.read_cpus(written) if written else 0


def command(value: Any) -> list[str]:
    """Takes a command line, which is split, or a list of words."""
    return shell_words.split(value) if isinstance(value, str) else _listed(value)


def health_test(value: Any) -> list[str]:
    """Takes a shell command, or a list that starts with CMD, CMD-SHELL or NONE."""
    return ["CMD-SHELL", text(value)] if isinstance(value, str) else _listed(value)


def _listed(value: Any) -> list[str]:
    if isinstance(value, list):
        return list(texts(value))
    raise errors.expected("a string or a list of strings", value)


def list_of(read: Reader, unique: bool = False) -> Reader:
    """Makes a reader of lists; a unique one refuses an entry that stands twice."""

    def read_list(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise errors.expected("a list", value)
        if unique and len(value) > 1:
            _check_unique(value)
        return [read_at(read, index, item) for index, item in enumerate(value)]

    return read_list


def read_at(read: Reader, key: str | int, value: Any) -> Any:
    """Reads the value at a key, which becomes part of the path of a refusal."""
    try:
        return read(value)
    except errors.Refusal as refusal:
        raise refusal.under(key) from refusal


def _check_unique(values: list[Any]) -> None:
    seen = set()
    for index, value in enumerate(values):
        mark = _mark(value)
        if mark in seen:
            raise errors.Refusal(f"must not stand twice in its list; got {errors.show(value)} again.", (index,))
        seen.add(mark)


def _mark(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return type(value) is bool, isinstance(value, str), value


texts = list_of(text)
unique_texts = list_of(text, unique=True)


def text_or_texts(value: Any) -> list[str]:
    """Takes a string or a list of distinct strings."""
    if isinstance(value, list):
        return list(unique_texts(value))
    if isinstance(value, str):
        return [text(value)]
    raise errors.expected("a string or a list of strings", value)


def map_of(read: Reader) -> Reader:
    """Makes a reader of mappings with free keys."""

    def read_map(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise errors.expected("a mapping", value)
        return {key: read_at(read, key, item) for key, item in value.items()}

    return read_map


def labels(value: Any) -> dict[str, str]:
    """Takes a mapping or a list of `key=value`; what has no value gets the empty one."""
    return {key: item or "" for key, item in variables(value).items()}


def variables(value: Any) -> dict[str, str | None]:
    """Takes a mapping or a list of `key=value`; a key without a value gives None."""
    if isinstance(value, list):
        return dict(_variable(entry) for entry in unique_texts(value))
    if not isinstance(value, dict):
        raise errors.expected("a mapping, or a list of key=value", value)
    if "" in value:
        raise errors.Refusal("must not have an empty key.")
    return {key: None if item is None else read_at(scalar, key, item) for key, item in value.items()}


def _variable(entry: str) -> tuple[str, str | None]:
    key, found, value = entry.partition("=")
    return key, value if found else None


def either(first: type, read_first: Reader, read_other: Reader) -> Reader:
    """Makes a reader that hands values of one type to `read_first` and everything else to `read_other`."""
    return lambda value: read_first(value) if isinstance(value, first) else read_other(value)


def one_of(*allowed: str) -> Reader:
    """Makes a reader of a closed set of words."""

    def read_word(value: Any) -> str:
        if value not in allowed:
            raise errors.expected(f"one of {', '.join(allowed)}", value)
        return str(value)

    return read_word
