"""The contract of a resource type: what its author writes, in plain values.

Plain values are dict, list, str, int, float, bool and None; in previews also `UNKNOWN`. A resource's **state** is one
flat dict: the inputs as last applied (or, after a read, as found) and the outputs.
"""

import abc
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from providers.kit.diffs import Change, changed_paths
from providers.kit.unknown import UNKNOWN

Plain = dict[str, Any]

_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


@dataclasses.dataclass(frozen=True)
class Property:
    """One input or output of a resource type; the schema, the checks and the default diff are made from it.

    `kind` is a JSON type name ("string", "integer", "number", "boolean", "object", "array") or "any".
    """

    kind: str
    description: str
    required: bool = False
    secret: bool = False
    replaces: bool = False
    default: Any = None


@dataclasses.dataclass(frozen=True)
class Failure:
    """An input that is refused: the property's path and one sentence."""

    path: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Checked:
    """Inputs with their defaults, and what is wrong with them."""

    inputs: Plain = dataclasses.field(repr=False)
    failures: tuple[Failure, ...] = ()


@dataclasses.dataclass(frozen=True)
class Created:
    """What a create answers: the id and the outputs (the kit adds the inputs to make the state)."""

    id: str
    outputs: Plain = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Observed:
    """What a read found: the state as it is in the world, and the inputs that would describe it."""

    id: str
    state: Plain = dataclasses.field(repr=False)
    inputs: Plain = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Context:
    """What an operation may know beside its values.

    `progress` shows a line beside the resource while the operation runs; `warn` leaves a warning in the output, `tell`
    a line that is none. `timeout` is the user's customTimeouts in seconds, 0 when none is set.
    """

    name: str
    urn: str
    timeout: float
    progress: Callable[[str], None]
    warn: Callable[[str], None]
    tell: Callable[[str], None] = lambda _line: None


class ResourceType(abc.ABC):
    """A resource type. Operations are idempotent: each may be repeated after an interruption without harm."""

    token: ClassVar[str]
    description: ClassVar[str]
    inputs: ClassVar[Mapping[str, Property]]
    outputs: ClassVar[Mapping[str, Property]] = {}

    def check(self, inputs: Plain, old_inputs: Plain) -> Checked:
        """Fills defaults and refuses bad inputs. Touches no world and leaves unknown values alone."""
        return check_table(self.inputs, inputs)

    def diff(self, state: Plain, inputs: Plain) -> dict[str, Change]:
        """Lists the changes from the state to the wanted inputs, by property path."""
        changes: dict[str, Change] = {}
        for key, prop in self.inputs.items():
            for path, change in changed_paths(state.get(key), inputs.get(key), key).items():
                changes[path] = dataclasses.replace(change, replace=prop.replaces)
        return changes

    def deletes_first(self, state: Plain, inputs: Plain) -> bool:
        """Tells whether a replacement can only be made when the old resource is gone: both would bear one name."""
        return False

    def preview_create(self, inputs: Plain) -> Plain:
        """Gives the outputs that a create would have, as far as they are known before it."""
        return dict.fromkeys(self.outputs, UNKNOWN)

    def preview_update(self, state: Plain, inputs: Plain) -> Plain:
        """Gives the outputs that an update would have; by default those of the state."""
        return {key: state.get(key) for key in self.outputs}

    async def foresee_create(self, context: Context, inputs: Plain) -> Plain:
        """Gives, in a preview, the outputs that a create would have; may look at the world, and refuse.

        Changes nothing and waits for nothing: a world that does not answer is no error here.
        """
        return self.preview_create(inputs)

    async def foresee_update(self, context: Context, state: Plain, inputs: Plain) -> Plain:
        """Gives, in a preview, the outputs that an update would have; as `foresee_create`."""
        return self.preview_update(state, inputs)

    @abc.abstractmethod
    async def create(self, context: Context, inputs: Plain) -> Created:
        """Makes the resource, or adopts the one an interrupted run left. Raises `KitError`s."""

    @abc.abstractmethod
    async def read(self, context: Context, resource_id: str, state: Plain) -> Observed | None:
        """Reports what is there; None when it is gone. `state` is empty in an import."""

    @abc.abstractmethod
    async def update(self, context: Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Changes the resource in place and gives its outputs."""

    @abc.abstractmethod
    async def delete(self, context: Context, resource_id: str, state: Plain) -> None:
        """Removes the resource; one that is gone already is no error."""


def check_table(table: Mapping[str, Property], inputs: Plain) -> Checked:
    """Checks inputs against a table of properties: unknown keys, missing ones, wrong types; fills defaults."""
    defaults = {key: prop.default for key, prop in table.items() if prop.default is not None}
    filled = defaults | {key: value for key, value in inputs.items() if value is not None}
    failures = [*_unknown_keys(table, filled), *_missing_keys(table, filled), *_wrong_types(table, filled)]
    return Checked(filled, tuple(failures))


def _unknown_keys(table: Mapping[str, Property], inputs: Plain) -> list[Failure]:
    known = ", ".join(table)
    return [Failure(key, f"expected one of {known}; got '{key}'") for key in inputs if key not in table]


def _missing_keys(table: Mapping[str, Property], inputs: Plain) -> list[Failure]:
    return [
        Failure(key, f"'{key}' is required and is not given")
        for key, prop in table.items()
        if prop.required and key not in inputs
    ]


def _wrong_types(table: Mapping[str, Property], inputs: Plain) -> list[Failure]:
    return [
        Failure(key, f"'{key}' must be of type {table[key].kind}; got {_shown(table[key], value)}")
        for key, value in inputs.items()
        if key in table and not _fits(table[key].kind, value)
    ]


def _shown(prop: Property, value: Any) -> str:
    return "a secret of another type" if prop.secret else repr(value)


def _fits(kind: str, value: Any) -> bool:
    if value is UNKNOWN or kind == "any":
        return True
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _PYTHON_TYPES[kind])
