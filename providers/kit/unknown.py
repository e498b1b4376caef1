"""The value that a preview does not know yet."""

from typing import Any, Final


class Unknown:
    """The type of `UNKNOWN`; there is one instance, compared with `is`."""

    _instance: "Unknown | None" = None

    def __new__(cls) -> "Unknown":
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def contains_unknown(value: Any) -> bool:
    """Tells whether `value` is, or holds anywhere, a value that is not known yet."""
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN
