"""The Pulumi schema of a provider, made from the tables of its resource types."""

from collections.abc import Iterable, Mapping
from typing import Any

from providers.kit.resource import Property, ResourceType


def make_schema(
    name: str, version: str, types: Iterable[ResourceType], config: Mapping[str, Property]
) -> dict[str, Any]:
    """Gives the package schema (https://www.pulumi.com/docs/iac/build-with-pulumi/schema/) as a dict."""
    return {
        "name": name,
        "version": version,
        "provider": _side(config, "inputProperties", "requiredInputs"),
        "resources": {type_.token: _resource(type_) for type_ in types},
    }


def _resource(type_: ResourceType) -> dict[str, Any]:
    everything = {**type_.inputs, **type_.outputs}
    return {
        "description": type_.description,
        **_side(type_.inputs, "inputProperties", "requiredInputs"),
        "properties": {key: _property(prop) for key, prop in everything.items()},
        "required": sorted(type_.outputs),
    }


def _side(table: Mapping[str, Property], properties: str, required: str) -> dict[str, Any]:
    return {
        properties: {key: _property(prop) for key, prop in table.items()},
        required: sorted(key for key, prop in table.items() if prop.required),
    }


def _property(prop: Property) -> dict[str, Any]:
    shape: dict[str, Any] = {"description": prop.description, **_type(prop.kind)}
    if prop.secret:
        shape["secret"] = True
    if prop.replaces:
        shape["willReplaceOnChanges"] = True
    if prop.default is not None and isinstance(prop.default, (str, int, float, bool)):
        shape["default"] = prop.default
    return shape


def _type(kind: str) -> dict[str, Any]:
    anything = {"$ref": "pulumi.json#/Any"}
    if kind == "any":
        return anything
    if kind == "array":
        return {"type": "array", "items": anything}
    if kind == "object":
        return {"type": "object", "additionalProperties": anything}
    return {"type": kind}
