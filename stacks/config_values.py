"""Single values of Pulumi config: each is read in its type, held against its check, and refused by file and key."""

import datetime
from collections.abc import Callable
from typing import Protocol, TypeVar

import pulumi

from components import checks, errors

_T = TypeVar("_T")


class SettingError(errors.ComponentError):
    """A setting was refused: the key and where it stands, what is expected, what came."""

    def __init__(self, key: str, expected: str, got: object) -> None:
        stack, project = pulumi.get_stack(), pulumi.get_project()
        super().__init__(f"Pulumi.{stack}.yaml: {project}:{key} must be {expected}; got {errors.show(got)}.")


def refuse(key: str, value: object, expected: str | None) -> None:
    """Raises a `SettingError` when a check gave what is expected."""
    if expected is not None:
        raise SettingError(key, expected, value)


class Source(Protocol):
    """What is asked of `pulumi.Config`; its getters raise a `ConfigTypeError` when the value is of another type."""

    def get(self, key: str) -> str | None:
        """Gives a string."""

    def get_int(self, key: str) -> int | None:
        """Gives an integer."""

    def get_bool(self, key: str) -> bool | None:
        """Gives a boolean."""

    def get_object(self, key: str) -> object:
        """Gives a JSON value."""


class Values:
    """The values of a source. None is optional: defaults stand in the schema. Raises `SettingError`."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def text(self, key: str) -> str:
        """Reads a string."""
        return _read(key, "a string", self._source.get)

    def checked(self, key: str, check: Callable[[str], str | None]) -> str:
        """Reads a string that a check lets pass."""
        value = self.text(key)
        refuse(key, value, check(value))
        return value

    def number(self, key: str) -> int:
        """Reads a whole number."""
        return _read(key, "a whole number", self._source.get_int)

    def checked_number(self, key: str, check: Callable[[object], str | None]) -> int:
        """Reads a whole number that a check lets pass."""
        value = self.number(key)
        refuse(key, value, check(value))
        return value

    def flag(self, key: str) -> bool:
        """Reads a yes or no."""
        return _read(key, "true or false", self._source.get_bool)

    def day(self, key: str) -> datetime.date | None:
        """Reads a day; None where the text is empty."""
        text = self.text(key)
        refuse(key, text, checks.expected_day(text) if text else None)
        return datetime.date.fromisoformat(text) if text else None

    def texts(self, key: str, check: Callable[[str], str | None]) -> tuple[str, ...]:
        """Reads a list of strings, all different, each of which a check lets pass."""
        value = self._of_kind(key, "a list of strings", list)
        for index, item in enumerate(value):
            refuse(f"{key}[{index}]", item, check(item) if isinstance(item, str) else "a string")
        refuse(key, value, None if len(set(value)) == len(value) else "a list without repetitions")
        return tuple(value)

    def map(self, key: str, check: Callable[[object], str | None]) -> dict[str, str]:
        """Reads a map of strings that a check lets pass."""
        value = self._of_kind(key, "a map of strings", dict)
        refuse(key, value, check(value))
        return value

    def _of_kind(self, key: str, expected: str, kind: type[_T]) -> _T:
        value = _read(key, expected, self._source.get_object)
        if not isinstance(value, kind):
            raise SettingError(key, expected, value)
        return value


def _read(key: str, expected: str, get: Callable[[str], _T | None]) -> _T:
    """Gives a value. Refuses its absence and another type."""
    try:
        value = get(key)
    except pulumi.ConfigTypeError as error:
        raise SettingError(key, expected, error.value) from error
    if value is None:
        raise SettingError(key, expected, None)
    return value
