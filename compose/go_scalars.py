"""Scalars as Go's YAML library resolves them, and as Go prints them.

`environment: {A: 1e3, B: 0777, C: yes}` means A=1000, B=511 and C=yes; a file that was written against
`docker stack deploy` relies on it.
"""

import datetime
import decimal
import functools
import math
import re
from typing import Any

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_INFINITIES = {sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")}
_NANS = frozenset((".nan", ".NaN", ".NAN"))
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:(?:[Tt]|[ ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?(Z|[-+]\d{2}:\d{2})?)?$"
)
_DIGIT_FIRST = frozenset("0123456789+-.")
_MAXIMUM_UNSIGNED = 2**64
# 64 binary digits with a sign and a prefix; leading zeros beyond that make a float of a number.
_LONGEST_INTEGER = 100


class Timestamp(str):
    """A date that was not quoted; its text is how Go prints it. Only where any scalar may stand is it a value."""


@functools.lru_cache(maxsize=4096)
def resolve(text: str) -> Any:
    """Gives the value of an unquoted scalar."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text[0] not in _DIGIT_FIRST:
        return text
    if text in _INFINITIES:
        return _INFINITIES[text]
    if text in _NANS:
        return math.nan
    return _resolve_number(text)


def _resolve_number(text: str) -> Any:
    stamp = _timestamp(text)
    if stamp is not None:
        return stamp
    plain = text.replace("_", "")
    number = _integer(plain)
    if number is not None:
        return number
    if _FLOAT.match(plain):
        value = float(plain)
        return text if math.isinf(value) else value
    return text


def _integer(plain: str) -> int | None:
    match = _INTEGER.match(plain) if len(plain) <= _LONGEST_INTEGER else None
    if match is None:
        return None
    sign, *digits = match.groups()
    number = next(int(text, base) for text, base in zip(digits, (16, 2, 8, 10), strict=True) if text is not None)
    if sign == "-":
        return -number if number <= _MAXIMUM_UNSIGNED // 2 else None
    return number if number < _MAXIMUM_UNSIGNED else None


def _timestamp(text: str) -> Timestamp | None:
    match = _TIMESTAMP.match(text) if len(text) >= 8 and text[4] == "-" else None
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if zone is None and " " not in text and hour is not None:
        return None  # Go's layouts with a T end in a zone.
    if zone is not None and " " in text:
        return None
    try:
        clock = datetime.time(int(hour or 0), int(minute or 0), int(second or 0))
        moment = datetime.datetime.combine(datetime.date(int(year), int(month), int(day)), clock)
    except ValueError:
        return None
    return Timestamp(f"{moment.isoformat(' ')}{_fraction(fraction)} {_zone(zone)}")


def _fraction(digits: str | None) -> str:
    kept = (digits or "").rstrip("0")
    return f".{kept}" if kept else ""


def _zone(zone: str | None) -> str:
    if zone in (None, "Z", "+00:00", "-00:00"):
        return "+0000 UTC"
    short = str(zone).replace(":", "")
    return f"{short} {short}"


def kind_of(value: Any) -> str:
    """Names the YAML type of a resolved scalar."""
    if value is None:
        return "null"
    names = {bool: "bool", int: "int", float: "float", Timestamp: "timestamp"}
    return names.get(type(value), "str")


def print_scalar(value: Any) -> str:
    """Prints a scalar as Go's fmt does; nothing as the empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return print_float(value) if isinstance(value, float) else str(value)


def print_float(value: float) -> str:
    """Prints a float as Go's `%v`: the fewest digits that do, with an exponent from 1e6 on and below 1e-4."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    mantissa, exponent = f"{decimal.Decimal(repr(value)).normalize():e}".lower().split("e")
    if -4 <= int(exponent) < 6 or value == 0:
        return f"{decimal.Decimal(repr(value)).normalize():f}"
    return f"{mantissa}e{exponent[0]}{exponent[1:]:0>2}"
