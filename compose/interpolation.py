"""Replaces `$NAME` and `${NAME}` in the values of a file, as `docker stack deploy` does.

The forms are `$V ${V} ${V-default} ${V:-default} ${V?error} ${V:?error} $$`. A default is taken as it stands, and
`$V-x` without braces has one too: Docker's pattern says so. One thing differs: Docker forgets a failed `${V?error}`
when another variable follows it in the same string; here it stays an error.
"""

import re
from collections.abc import Mapping
from typing import Any

from compose import errors

_SUBSTITUTION = r"[_a-z][_a-z0-9]*(?::?[-?][^}]*)?"
_PATTERN = re.compile(
    rf"\$(?i:(?P<escaped>\$)|(?P<named>{_SUBSTITUTION})|\{{(?P<braced>{_SUBSTITUTION})\}}|(?P<invalid>))"
)

_BARE = re.compile(r"\$(?:\$|(?P<named>[_a-zA-Z][_a-zA-Z0-9]*)(?!:?[-?])|\{(?P<braced>[_a-zA-Z][_a-zA-Z0-9]*)\})")
_CHANGED = frozenset((str, dict, list))


class Interpolated(str):
    """A string that interpolation changed: where a number or a boolean is expected, it is read as one."""


def interpolate(value: Any, environment: Mapping[str, str]) -> Any:
    """Gives a copy of `value` with variables replaced in every string; keys stay as they are."""
    return _interpolate(value, environment, Interpolated)


def explain(text: str, raw: Any, environment: Mapping[str, str]) -> str:
    """Adds to the text of a refusal which variables of the refused value, as the file has it, are not set."""
    names = [match["named"] or match["braced"] for match in _BARE.finditer(raw)] if isinstance(raw, str) else []
    unset = sorted({name for name in names if name and name not in environment})
    if not unset:
        return text
    which = f"the variable {unset[0]} is" if len(unset) == 1 else f"the variables {', '.join(unset)} are"
    return f"{text.removesuffix('.')}, since {which} not set."


def _interpolate(value: Any, environment: Mapping[str, str], mark: type[str]) -> Any:
    if isinstance(value, str):
        return _interpolate_text(value, environment, mark) if "$" in value else value
    if isinstance(value, dict):
        # Docker finds out what to cast by a path with dots: below a name that has one itself, nothing is cast.
        return {
            key: _nested(key, item, environment, str if "." in key else mark) if item.__class__ in _CHANGED else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_nested(index, item, environment, mark) for index, item in enumerate(value)]
    return value


def _nested(key: str | int, value: Any, environment: Mapping[str, str], mark: type[str]) -> Any:
    try:
        return _interpolate(value, environment, mark)
    except errors.Refusal as refusal:
        raise refusal.under(key) from refusal


def _interpolate_text(text: str, environment: Mapping[str, str], mark: type[str]) -> str:
    changed = _PATTERN.sub(lambda match: _replace(match, text, environment), text)
    return mark(changed) if changed != text else text


def _replace(match: re.Match[str], text: str, environment: Mapping[str, str]) -> str:
    if match["escaped"]:
        return "$"
    substitution = match["named"] or match["braced"]
    if not substitution:
        raise errors.Refusal(
            f"has a $ that starts no variable in {errors.show(text)}; write $$ where a dollar sign is meant."
        )
    return _substitute(substitution, environment)


def _substitute(substitution: str, environment: Mapping[str, str]) -> str:
    # In Docker's order: `A-b:-c` is the variable `A-b` with the default `c`.
    for separator in (":-", "-", ":?", "?"):
        name, found, rest = substitution.partition(separator)
        if not found:
            continue
        value = environment.get(name)
        if value or (value is not None and not separator.startswith(":")):
            return value
        if separator.endswith("-"):
            return rest
        raise errors.Refusal(f"needs the variable {name}, which is not set{': ' + rest if rest else ''}.")
    return environment.get(substitution, "")
