"""The only place that knows Pulumi's `PropertyValue`: plain values in, plain values out.

Facts this rests on (read in pulumi 3.272): unknown values arrive as one of seven UUID strings
(sdk/go/common/resource/plugin/rpc.go), never as `Computed`; numbers arrive as float and only float is accepted;
a provider that does not accept secrets gets them unwrapped, and the engine marks the same-named outputs secret.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pulumi.provider.experimental.property_value as property_value

from providers.kit.unknown import UNKNOWN

PropertyValue = property_value.PropertyValue

UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        UNKNOWN_STRING,
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


def to_plain(value: Any) -> Any:
    """Turns a `PropertyValue` into a plain value; secrets are unwrapped."""
    inner = value.value
    if isinstance(inner, str):
        return UNKNOWN if inner in _UNKNOWNS else inner
    if isinstance(inner, float):
        return int(inner) if inner.is_integer() else inner
    if isinstance(inner, Mapping):
        return {key: to_plain(item) for key, item in inner.items()}
    if isinstance(inner, tuple):
        return [to_plain(item) for item in inner]
    return UNKNOWN if value.type is property_value.PropertyValueType.COMPUTED else inner


def to_plain_map(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Turns a map of `PropertyValue`s into a plain dict, without nulls and the engine's own `__` keys."""
    plain = {key: to_plain(value) for key, value in (values or {}).items() if not key.startswith("__")}
    return {key: value for key, value in plain.items() if value is not None}


def to_wire(value: Any) -> Any:
    """Turns a plain value into a `PropertyValue`."""
    if value is UNKNOWN:
        return PropertyValue(UNKNOWN_STRING)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return PropertyValue(value)
    if isinstance(value, (int, float)):
        return PropertyValue(float(value))
    if isinstance(value, Mapping):
        return PropertyValue({str(key): to_wire(item) for key, item in value.items()})
    return PropertyValue([to_wire(item) for item in value])


def to_wire_map(values: Mapping[str, Any], secret_keys: Iterable[str] = ()) -> dict[str, Any]:
    """Turns a plain dict into `PropertyValue`s; those under `secret_keys` are marked secret."""
    secrets = frozenset(secret_keys)
    wired = {key: to_wire(value) for key, value in values.items() if value is not None}
    return {key: value.with_secret(True) if key in secrets else value for key, value in wired.items()}
