"""Replaces variables as the Compose Specification has it.

Beside the forms of the stack dialect there are `${V:+text}` and `${V+text}`, which give the text where V is set, and
defaults may hold variables themselves.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from compose import errors, interpolation, model

_START = re.compile(r"\$(?:(\$)|([_a-zA-Z][_a-zA-Z0-9]*)|(\{))")
_NAME = re.compile(r"([_a-zA-Z][_a-zA-Z0-9]*)(:?[-?+])?")
_DEEPEST = 20

Unset = Callable[[model.Path, str], None]


def interpolate(value: Any, environment: Mapping[str, str], unset: Unset, path: model.Path = ()) -> Any:
    """Gives a copy of `value` with variables replaced in every string; `unset` hears of those that are not set.

    Every string may stand for a number or a boolean where one is expected: the result marks all of them.
    """
    if isinstance(value, dict):
        return {key: interpolate(item, environment, unset, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate(item, environment, unset, (*path, index)) for index, item in enumerate(value)]
    if type(value) is not str:
        return value
    if "$" not in value:
        return interpolation.Interpolated(value)
    try:
        return interpolation.Interpolated(replace(value, environment, lambda name: unset(path, name)))
    except errors.Refusal as refusal:
        raise errors.Refusal(refusal.text, path) from refusal


def replace(text: str, environment: Mapping[str, str], unset: Callable[[str], None] = lambda name: None) -> str:
    """Replaces the variables of one string."""
    return _Replacer(environment, unset).replace(text, 0)


class _Replacer:
    def __init__(self, environment: Mapping[str, str], unset: Callable[[str], None]) -> None:
        self._environment = environment
        self._unset = unset

    def replace(self, text: str, depth: int) -> str:
        if depth > _DEEPEST:
            raise errors.Refusal("has variables within variables, too deep to follow.")
        parts, position = [], 0
        while (found := text.find("$", position)) >= 0:
            parts.append(text[position:found])
            part, position = self._variable(text, found, depth)
            parts.append(part)
        return "".join([*parts, text[position:]])

    def _variable(self, text: str, start: int, depth: int) -> tuple[str, int]:
        match = _START.match(text, start)
        if match is None:
            raise _invalid(text)
        if match[1]:
            return "$", match.end()
        if match[2]:
            return self._look_up(match[2]), match.end()
        end = _closing_brace(text, match.end())
        return self._braced(text[match.end() : end], text, depth), end + 1

    def _look_up(self, name: str) -> str:
        if name not in self._environment:
            self._unset(name)
        return self._environment.get(name, "")

    def _braced(self, inner: str, text: str, depth: int) -> str:
        match = _NAME.match(inner)
        if match is None or (match[2] is None and match.end() != len(inner)):
            raise _invalid(text)
        name, operator, rest = match[1], match[2], inner[match.end() :]
        if operator is None:
            return self._look_up(name)
        value = self._environment.get(name)
        there = bool(value) if operator.startswith(":") else value is not None
        if operator.endswith("+"):
            return self.replace(rest, depth + 1) if there else ""
        if there:
            return str(value)
        if operator.endswith("-"):
            return self.replace(rest, depth + 1)
        raise errors.Refusal(f"needs the variable {name}, which is not set{': ' + rest if rest else ''}.")


def _closing_brace(text: str, start: int) -> int:
    depth = 1
    for position in range(start, len(text)):
        if text[position] == "}":
            depth -= 1
        elif text.startswith("${", position):
            depth += 1
        if depth == 0:
            return position
    raise _invalid(text)


def _invalid(text: str) -> errors.Refusal:
    return errors.Refusal(
        f"has a $ that starts no variable in {errors.show(text)}; write $$ where a dollar sign is meant."
    )
