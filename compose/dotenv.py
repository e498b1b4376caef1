"""Reads `.env` files as the Compose Specification has them: quotes, escapes, comments and variables.

    PLAIN=value # comment        DOUBLE="a\\n${PLAIN}"        SINGLE='as it ${STANDS}'        export ALSO=this

A name alone takes the caller's value, or is left out.
"""

import pathlib
import re
from collections.abc import Iterator, Mapping

from compose import environment, errors, spec_interpolation

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*([=:]?)[ \t]*")
_QUOTED = re.compile(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$$"}


def read(file: pathlib.Path, known: Mapping[str, str]) -> dict[str, str]:
    """Reads a file; `known` are the variables that it may use beside its own."""
    text = "\n".join(environment.read_lines(file))
    read_so_far: dict[str, str] = {}
    for line, name, value, literal in _entries(file, text, known):
        try:
            if value is not None:
                replaced = value if literal else spec_interpolation.replace(value, {**read_so_far, **known})
                read_so_far[name] = replaced
        except errors.Refusal as refusal:
            raise errors.FileError(file, f"{name} {refusal.text}", line) from refusal
    return read_so_far


def _entries(file: pathlib.Path, text: str, known: Mapping[str, str]) -> Iterator[tuple[int, str, str | None, bool]]:
    """Gives line, name, value, and whether the value is taken as it stands."""
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text.count("\n", 0, position) + 1
        if not _COMMENT.sub("", text[position:end]).strip():
            position = end + 1
            continue
        match = _NAME.match(text, position, end)
        if match is None:
            raise errors.FileError(file, f"must be NAME=value; got {errors.show(text[position:end])}.", line)
        if not match[2]:
            yield line, match[1], known.get(match[1]), True
            position = end + 1
            continue
        value, literal, position = _value(file, line, text, match.end(), end)
        yield line, match[1], value, literal


def _value(file: pathlib.Path, line: int, text: str, start: int, end: int) -> tuple[str, bool, int]:
    """Reads a value from `start` on; a quoted one may go on over the end of the line."""
    if text[start : start + 1] not in ("'", '"'):
        return _COMMENT.sub("", text[start:end]).strip(), False, end + 1
    quoted = _QUOTED.match(text, start)
    if quoted is None:
        raise errors.FileError(file, "a quote must be closed.", line)
    rest = text.find("\n", quoted.end())
    after = len(text) if rest < 0 else rest + 1
    if quoted[1] is not None:
        return quoted[1], True, after
    return _ESCAPE.sub(_unescape, quoted[2]), False, after


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[1], match[0])
