"""Durations, sizes and shares of a processor, read as Go's and Docker's parsers read them."""

import fractions
import re

from compose import errors

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_DURATION_PART = re.compile(r"([0-9]{0,19})(?:\.([0-9]{0,300}))?(ns|us|µs|μs|ms|s|m|h)(?![a-zµμ])")
_LARGEST = 2**63 - 1
_SIZE = re.compile(r"(.*?[0-9.])( ?)([a-zA-Z]*)$")
_SIZE_UNITS: dict[str, int] = {letter: 1024 << (10 * power) for power, letter in enumerate("kmgtp")}
_LONGEST_SIZE = 100
_NANO = 1_000_000_000
_FRACTION = re.compile(r"[-+]?[0-9./]+([eE][-+]?[0-9]{1,3})?$")


def read_duration(text: str) -> int:
    """Gives nanoseconds for `1m30s`, `1.5h` or `0`."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("-", "+") else text
    total = 0 if rest == "0" else _sum_parts(rest)
    if total is None or total > _LARGEST:
        raise errors.expected("a duration such as 1m30s", text)
    return sign * total


def _sum_parts(text: str) -> int | None:
    total, position = 0, 0
    while position < len(text):
        match = _DURATION_PART.match(text, position)
        if match is None or not (match[1] or match[2]):
            return None
        total += _part(match[1], match[2], _UNITS[match[3]])
        position = match.end()
    return total if text else None


def _part(whole: str, fraction: str | None, unit: int) -> int:
    # Go cuts the digits after the point in floating point, and so must this.
    digits = fraction or ""
    return int(whole or 0) * unit + (int(int(digits) * (unit / 10 ** len(digits))) if digits else 0)


def print_duration(nanoseconds: int) -> str:
    """Writes nanoseconds in Go's shortest form: 90 s is `1m30s`."""
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest < _NANO:
        return sign + _print_small(rest)
    hours, rest = divmod(rest, _UNITS["h"])
    minutes, rest = divmod(rest, _UNITS["m"])
    seconds = f"{rest // _NANO}.{rest % _NANO:09d}".rstrip("0").rstrip(".")
    return sign + (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + f"{seconds}s"


def _print_small(nanoseconds: int) -> str:
    if nanoseconds == 0:
        return "0s"
    unit, name = next((size, name) for size, name in ((10**6, "ms"), (10**3, "µs"), (1, "ns")) if nanoseconds >= size)
    whole, rest = divmod(nanoseconds, unit)
    fraction = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{fraction}{name}" if fraction else f"{whole}{name}"


def read_size(text: str) -> int:
    """Gives bytes for `50M`, `1.5g`, `20 mb` or `4096`; a kilobyte has 1024."""
    match = _SIZE.match(text) if len(text) <= _LONGEST_SIZE else None
    number = _float(match[1]) if match else None
    if match is None or number is None or number < 0:
        raise errors.expected("a size such as 50M", text)
    scaled = number * _factor(match[3].lower(), text)
    if scaled > _LARGEST:
        raise errors.expected("a size that fits into 63 bits", text)
    return int(scaled)


def _float(text: str) -> float | None:
    # ParseFloat takes no blanks and no underscores, which float() does.
    if text != text.strip() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _factor(suffix: str, text: str) -> int:
    if suffix in ("", "b"):
        return 1
    if suffix[0] in _SIZE_UNITS and suffix[1:] in ("", "b", "ib"):
        return _SIZE_UNITS[suffix[0]]
    raise errors.expected("a size such as 50M", text)


def read_cpus(text: str) -> int:
    """Gives billionths of a processor for a decimal number or a fraction; more than nine decimals are refused."""
    share = _fraction(text)
    if share is None:
        raise errors.expected("a number of processors such as '0.5'", text)
    nano = share * _NANO
    if nano.denominator != 1:
        raise errors.expected("a number of processors with at most nine decimals", text)
    if abs(nano.numerator) > _LARGEST:
        raise errors.expected("a number of processors that fits into 63 bits", text)
    return nano.numerator


def _fraction(text: str) -> fractions.Fraction | None:
    # An exponent is bounded: Fraction writes 1e999999999 out digit by digit.
    if not _FRACTION.match(text):
        return None
    try:
        return fractions.Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
