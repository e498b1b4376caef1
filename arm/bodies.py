"""The body that goes to Azure for a registration: azure-native's flat inputs, put back into `properties`."""

from collections.abc import Mapping
from typing import Any

from arm import identifiers, registrations, resource_types

_BESIDE_IN_PARTS = frozenset({"name", "id", "zones"})


class UncoveredTypeError(Exception):
    """A type whose form on Azure is not known here."""

    def __init__(self, token: str) -> None:
        super().__init__(f"The type must be one of {', '.join(sorted(resource_types.TYPES))}; got '{token}'.")


def find_type(token: str) -> resource_types.ResourceType:
    """Gives what is known of a type. Raises `UncoveredTypeError`."""
    if token not in resource_types.TYPES:
        raise UncoveredTypeError(token)
    return resource_types.TYPES[token]


def make_body(one: registrations.Registration) -> dict[str, Any]:
    """Gives the body without the names, which stand in the URL."""
    known = find_type(one.token)
    in_the_url = {"resourceGroupName", known.scope, *known.name_inputs}
    given = {key: value for key, value in one.inputs.items() if key not in in_the_url}
    resolved = _resolve(given, identifiers.make_id(one.token, one.inputs))
    return _split(_wrap(_rename(resolved, "", known.renamed), "", known.parts), known.beside)


def _resolve(value: Any, own_id: str | None) -> Any:
    """Puts the resource's id in place of `$self`, as azure-native does."""
    if isinstance(value, dict):
        return {key: _resolve(item, own_id) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, own_id) for item in value]
    return value.replace("$self", str(own_id), 1) if isinstance(value, str) and value.startswith("$self/") else value


def _rename(value: Any, path: str, renamed: Mapping[str, str]) -> Any:
    if not isinstance(value, dict) or not renamed:
        return value
    paths = {key: f"{path}.{key}" if path else key for key in value}
    return {renamed.get(paths[key], key): _rename(item, paths[key], renamed) for key, item in value.items()}


def _wrap(value: Any, path: str, parts: frozenset[str]) -> Any:
    """Puts what the items of some lists hold into `properties` of theirs."""
    if path in parts:
        return [_split(part, _BESIDE_IN_PARTS) for part in value]
    if isinstance(value, dict):
        return {key: _wrap(item, f"{path}.{key}" if path else key, parts) for key, item in value.items()}
    return value


def _split(values: dict[str, Any], beside: frozenset[str]) -> dict[str, Any]:
    outside = {key: value for key, value in values.items() if key in beside}
    inside = {key: value for key, value in values.items() if key not in beside}
    return {**outside, "properties": inside} if inside else outside
