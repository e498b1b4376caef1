"""Between Pulumi's provider requests and the resource types: one dispatch, values made plain."""

import dataclasses
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pulumi.provider.experimental.provider as experimental

from providers.kit import resource, wire
from providers.kit.diffs import Change, ChangeKind, changed_paths
from providers.kit.engine_log import EngineLog
from providers.kit.errors import InitializationFailed, ResourceError
from providers.kit.schema import make_schema

_KINDS: Mapping[tuple[ChangeKind, bool], Any] = {
    (ChangeKind.ADD, False): experimental.PropertyDiffKind.ADD,
    (ChangeKind.ADD, True): experimental.PropertyDiffKind.ADD_REPLACE,
    (ChangeKind.DELETE, False): experimental.PropertyDiffKind.DELETE,
    (ChangeKind.DELETE, True): experimental.PropertyDiffKind.DELETE_REPLACE,
    (ChangeKind.UPDATE, False): experimental.PropertyDiffKind.UPDATE,
    (ChangeKind.UPDATE, True): experimental.PropertyDiffKind.UPDATE_REPLACE,
}


async def _nothing_to_close() -> None:
    return None


@dataclasses.dataclass(frozen=True)
class Plugin:
    """A provider: its name, version, resource types and the table of its configuration.

    `configure` is called with the plain configuration, once per provider instance; it may only remember it, since
    the engine also configures a default instance with nothing. `invoke` answers functions by token.
    `close` runs when the engine ends the plugin.
    """

    name: str
    version: str
    types: Sequence[resource.ResourceType]
    config: Mapping[str, resource.Property] = dataclasses.field(default_factory=dict)
    configure: Callable[[resource.Plain], None] = lambda _config: None
    invoke: Mapping[str, Callable[[resource.Plain], Awaitable[resource.Plain]]] = dataclasses.field(
        default_factory=dict
    )
    close: Callable[[], Awaitable[None]] = _nothing_to_close
    uncovered: Callable[[str], str] = lambda token: f"The provider has no resource type '{token}'."

    def schema(self) -> dict[str, Any]:
        """Gives the Pulumi package schema."""
        return make_schema(self.name, self.version, self.types, self.config)


def make_provider(plugin: Plugin, log: EngineLog) -> experimental.Provider:
    """Makes the object that Pulumi's servicer calls."""
    return _KitProvider(plugin, log)


class _KitProvider(experimental.Provider):
    """Dispatches the engine's requests to the resource types of a plugin."""

    def __init__(self, plugin: Plugin, log: EngineLog) -> None:
        self._plugin = plugin
        self._log = log
        self._types = {type_.token: type_ for type_ in plugin.types}

    def _type(self, request: Any) -> resource.ResourceType:
        token = _token(request)
        if token not in self._types:
            raise ResourceError(self._plugin.uncovered(token))
        return self._types[token]

    def _context(self, request: Any, timeout: float = 0) -> resource.Context:
        return resource.Context(
            name=request.name,
            urn=request.urn,
            timeout=timeout,
            progress=lambda message: self._log.progress(request.urn, message),
            warn=lambda message: self._log.warn(request.urn, message),
            tell=lambda message: self._log.tell(request.urn, message),
        )

    async def get_schema(self, request: Any) -> Any:
        return experimental.GetSchemaResponse(schema=json.dumps(self._plugin.schema()))

    async def check_config(self, request: Any) -> Any:
        # What is given here comes back to `configure`; unknown values must pass unharmed.
        return experimental.CheckResponse(inputs=request.new_inputs)

    async def configure(self, request: Any) -> Any:
        self._plugin.configure(wire.to_plain_map(request.args))
        return experimental.ConfigureResponse(
            accept_secrets=False, supports_preview=True, accept_resources=False, accept_outputs=False
        )

    async def invoke(self, request: Any) -> Any:
        if request.tok not in self._plugin.invoke:
            raise ResourceError(f"The provider has no function '{request.tok}'.")
        answer = await self._plugin.invoke[request.tok](wire.to_plain_map(request.args))
        return experimental.InvokeResponse(return_value=wire.to_wire_map(answer))

    async def check(self, request: Any) -> Any:
        inputs, olds = wire.to_plain_map(request.new_inputs), wire.to_plain_map(request.old_inputs)
        checked = self._type(request).check(inputs, olds)
        failures = [experimental.CheckFailure(failure.path, failure.reason) for failure in checked.failures]
        return experimental.CheckResponse(inputs=wire.to_wire_map(checked.inputs), failures=failures)

    async def diff(self, request: Any) -> Any:
        state, inputs = wire.to_plain_map(request.old_state), wire.to_plain_map(request.new_inputs)
        if _token(request) == f"pulumi:providers:{self._plugin.name}":
            return _make_diff(changed_paths(state, inputs), request.ignore_changes, deletes_first=False)
        type_ = self._type(request)
        deletes_first = type_.deletes_first(state, inputs)
        return _make_diff(type_.diff(state, inputs), request.ignore_changes, deletes_first=deletes_first)

    async def create(self, request: Any) -> Any:
        type_, inputs = self._type(request), wire.to_plain_map(request.properties)
        if request.preview:
            return self._created("", type_, inputs | await type_.foresee_create(self._context(request), inputs))
        try:
            made = await type_.create(self._context(request, request.timeout), inputs)
        except InitializationFailed as error:
            raise _with_state(error, type_, inputs) from error
        return self._created(made.id, type_, inputs | made.outputs)

    def _created(self, resource_id: str, type_: resource.ResourceType, state: resource.Plain) -> Any:
        return experimental.CreateResponse(resource_id=resource_id, properties=_wire_state(type_, state))

    async def read(self, request: Any) -> Any:
        type_, state = self._type(request), wire.to_plain_map(request.properties)
        try:
            found = await type_.read(self._context(request), request.resource_id, state)
        except InitializationFailed as error:
            raise _with_state(error, type_, error.inputs or {}) from error
        if found is None:
            return experimental.ReadResponse(resource_id="")
        return experimental.ReadResponse(
            resource_id=found.id,
            properties=_wire_state(type_, found.inputs | found.state),
            inputs=wire.to_wire_map(found.inputs, _secret_keys(type_.inputs)),
        )

    async def update(self, request: Any) -> Any:
        type_ = self._type(request)
        state, inputs = wire.to_plain_map(request.olds), wire.to_plain_map(request.news)
        if request.preview:
            outputs = await type_.foresee_update(self._context(request), state, inputs)
        else:
            outputs = await self._update(type_, request, state, inputs)
        return experimental.UpdateResponse(properties=_wire_state(type_, inputs | outputs))

    async def _update(
        self, type_: resource.ResourceType, request: Any, state: resource.Plain, inputs: resource.Plain
    ) -> resource.Plain:
        context = self._context(request, request.timeout)
        try:
            return await type_.update(context, request.resource_id, state, inputs)
        except InitializationFailed as error:
            raise _with_state(error, type_, inputs) from error

    async def delete(self, request: Any) -> None:
        state = wire.to_plain_map(request.properties)
        await self._type(request).delete(self._context(request, request.timeout), request.resource_id, state)


def _with_state(
    error: InitializationFailed, type_: resource.ResourceType, inputs: resource.Plain
) -> InitializationFailed:
    outputs = inputs | error.outputs
    return InitializationFailed(
        str(error),
        resource_id=error.resource_id,
        outputs=outputs,
        inputs=inputs,
        secret_keys=_state_secret_keys(type_),
    )


def _secret_keys(table: Mapping[str, resource.Property]) -> list[str]:
    return [key for key, prop in table.items() if prop.secret]


def _state_secret_keys(type_: resource.ResourceType) -> list[str]:
    return [*_secret_keys(type_.inputs), *_secret_keys(type_.outputs)]


def _wire_state(type_: resource.ResourceType, state: resource.Plain) -> dict[str, Any]:
    return wire.to_wire_map(state, _state_secret_keys(type_))


def _token(request: Any) -> str:
    # A child of components carries its parents' types before its own, separated by "$".
    return str(request.type.rsplit("$", 1)[-1])


def _make_diff(changes: Mapping[str, Change], ignored: Sequence[str], *, deletes_first: bool) -> Any:
    kept = {path: change for path, change in changes.items() if not _ignored(path, ignored)}
    replaces = sorted(path for path, change in kept.items() if change.replace)
    return experimental.DiffResponse(
        changes=bool(kept),
        replaces=replaces,
        delete_before_replace=bool(replaces) and deletes_first,
        diffs=sorted({_top(path) for path in kept}),
        detailed_diff={path: _property_diff(change) for path, change in kept.items()},
    )


def _ignored(path: str, ignored: Sequence[str]) -> bool:
    return any(path == prefix or path.startswith((f"{prefix}.", f"{prefix}[")) for prefix in ignored)


def _top(path: str) -> str:
    return path.split(".", 1)[0].split("[", 1)[0]


def _property_diff(change: Change) -> Any:
    return experimental.PropertyDiff(kind=_KINDS[(change.kind, change.replace)], input_diff=False)
