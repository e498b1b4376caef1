"""A registration of a program as it crosses the wire, and its form for readers: sorted, secrets masked."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from arm import resource_types

SECRET = "[secret]"
AZURE = "azure-native:"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Registration:
    """One registration: inputs in wire names with secrets unwrapped, their paths in `secrets`; others by name."""

    token: str
    name: str
    inputs: dict[str, Any] = dataclasses.field(repr=False)
    secrets: frozenset[str] = frozenset()
    parent: str = ""
    depends_on: list[str] = dataclasses.field(default_factory=list)
    deleted_with: str = ""
    protect: bool = False
    provider: str = ""
    replace_on_changes: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    delete_before_replace: bool = False
    retain_on_delete: bool = False
    custom_timeouts: dict[str, str] = dataclasses.field(default_factory=dict)
    import_id: str = ""
    aliases: list[str] = dataclasses.field(default_factory=list)


def list_of_azure(registrations: Iterable[Registration]) -> list[Registration]:
    """Lists what azure-native is asked for, by type and name."""
    return [one for one in sort(registrations) if one.token.startswith(AZURE)]


def sort(registrations: Iterable[Registration]) -> list[Registration]:
    """Sorts by type and name: the order on the wire is another one in every run."""
    return sorted(registrations, key=lambda one: (one.token, one.name))


def print_record(registrations: Iterable[Registration]) -> str:
    """Gives the YAML of a record: generations first, since they are in many names, then one entry a registration."""
    described = [describe(one) for one in sort(registrations)]
    machines = sorted(one["name"] for one in described if one["type"] == resource_types.MACHINE)
    generations = {name.rpartition("-")[0]: name.rpartition("-")[2] for name in machines}
    # A new generation is one changed line then, not thirty.
    others = {name: f"{name.rpartition('-')[0]}-<generation>" for name in machines}
    document = {"generations": generations, "resources": replace_names(described, others)}
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)


def describe(one: Registration) -> dict[str, Any]:
    """Gives a registration for readers; what is at its default is left out."""
    version = {"apiVersion": resource_types.TYPES[one.token].api_version} if one.token in resource_types.TYPES else {}
    options = {
        "parent": one.parent,
        "deletedWith": one.deleted_with,
        "protect": one.protect,
        "provider": "" if one.provider.startswith("default") else one.provider,
        "replaceOnChanges": list(one.replace_on_changes),
        "ignoreChanges": list(one.ignore_changes),
        "deleteBeforeReplace": one.delete_before_replace,
        "retainOnDelete": one.retain_on_delete,
        "customTimeouts": one.custom_timeouts,
        "import": one.import_id,
        "aliases": one.aliases,
        "dependsOn": one.depends_on,
    }
    given = {key: value for key, value in options.items() if value}
    return {"type": one.token, "name": one.name, **version, **given, "inputs": mask(one)}


def replace_names(value: Any, others: Mapping[str, str]) -> Any:
    """Puts other names in place of some, wherever they stand."""
    if isinstance(value, Mapping):
        return {key: replace_names(item, others) for key, item in value.items()}
    if isinstance(value, list):
        return [replace_names(item, others) for item in value]
    if isinstance(value, str):
        for name, other in others.items():
            value = value.replace(name, other)
    return value


def rename(one: Registration, others: Mapping[str, str]) -> Registration:
    """Gives a registration with other names of resources in it."""
    name, parent, depends_on = replace_names([one.name, one.parent, one.depends_on], others)
    inputs = replace_names(one.inputs, others)
    return dataclasses.replace(one, name=name, parent=parent, depends_on=depends_on, inputs=inputs)


def mask(one: Registration) -> Any:
    """Gives the inputs with every secret leaf masked; the public parts of a secret object are shown."""
    known = resource_types.TYPES.get(one.token)
    return _mask(one.inputs, "", one.secrets, known.public if known else frozenset(), hidden=False)


def _mask(value: Any, path: str, secrets: frozenset[str], public: frozenset[str], hidden: bool) -> Any:
    hidden = (hidden or path in secrets) and path not in public
    if isinstance(value, Mapping):
        keys = sorted(value)
        return {key: _mask(value[key], f"{path}.{key}" if path else key, secrets, public, hidden) for key in keys}
    if isinstance(value, list):
        return [_mask(item, f"{path}[{index}]", secrets, public, hidden) for index, item in enumerate(value)]
    return SECRET if hidden else value


class _Dumper(yaml.SafeDumper):
    """Repeats equal lists rather than naming them."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
