"""Serving resource types to the engine over gRPC.

It adds to `pulumi.provider.experimental.server` what users need: errors arrive as the sentence they are (that module
appends a Python traceback), a resource that exists but failed to initialize keeps its state, progress shows beside
the resource, Ctrl-C cancels what runs, and `PULUMI_DEBUG_PROVIDERS` can attach.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import grpc
import pulumi.provider.experimental.server as experimental_server
from google.protobuf import empty_pb2
from pulumi.runtime import proto
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc, status_pb2

from providers.kit import wire
from providers.kit.engine_log import EngineLog
from providers.kit.errors import InitializationFailed, KitError
from providers.kit.provider import Plugin, make_provider

_GUARDED = (
    "CheckConfig",
    "Configure",
    "Invoke",
    "Check",
    "Diff",
    "Create",
    "Read",
    "Update",
    "Delete",
)


class _Servicer(experimental_server.ProviderServicer):
    """The servicer of Pulumi's module with readable errors, cancellation and Attach."""

    def __init__(self, plugin: Plugin, engine_address: str) -> None:
        self._log = EngineLog(engine_address)
        super().__init__([], plugin.version, make_provider(plugin, self._log), engine_address)
        self._running: set[asyncio.Task[Any]] = set()

    async def Attach(self, request: Any, context: Any) -> Any:
        """Follows the engine that attaches to a provider started by hand (PULUMI_DEBUG_PROVIDERS)."""
        self._engine_address = request.address
        self._log.connect(request.address)
        return empty_pb2.Empty()

    async def Cancel(self, request: Any, context: Any) -> Any:
        """Cancels what runs, so that an interrupted update ends at once and leaves each step repeatable."""
        for task in list(self._running):
            task.cancel()
        return empty_pb2.Empty()

    async def _run(self, call: Callable[[Any, Any], Awaitable[Any]], request: Any, context: Any) -> Any:
        task = asyncio.ensure_future(call(request, context))
        self._running.add(task)
        try:
            return await task
        finally:
            self._running.discard(task)
            await self._log.flush()

    async def _guard(self, call: Callable[[Any, Any], Awaitable[Any]], request: Any, context: Any) -> Any:
        try:
            return await self._run(call, request, context)
        except asyncio.CancelledError:
            return await context.abort(grpc.StatusCode.CANCELLED, "The operation was interrupted.")
        except Exception as error:
            # Pulumi's module re-raises with a traceback in the text; the sentence stands in the context.
            if not isinstance(error.__context__, KitError):
                raise
            return await _abort(context, error.__context__)


def _guarded(name: str) -> Any:
    inherited = getattr(experimental_server.ProviderServicer, name)

    async def method(self: _Servicer, request: Any, context: Any) -> Any:
        return await self._guard(lambda req, ctx: inherited(self, req, ctx), request, context)

    return method


for _name in _GUARDED:
    setattr(_Servicer, _name, _guarded(_name))
# The pinned release's own DiffConfig turns "changed" into DIFF_NONE and crashes on a detailed diff; its Diff does
# neither, and `_KitProvider.diff` knows a provider by its type.
_Servicer.DiffConfig = _guarded("Diff")  # type: ignore[method-assign]


async def _abort(context: Any, error: KitError) -> None:
    if isinstance(error, InitializationFailed):
        context.set_trailing_metadata(_init_failed_metadata(error))
    await context.abort(grpc.StatusCode.UNKNOWN, str(error))


def _init_failed_metadata(error: InitializationFailed) -> tuple[tuple[str, bytes], ...]:
    """Packs the detail by which the engine keeps a half-initialized resource (provider.proto)."""
    detail = proto.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=wire.PropertyValue.marshal_map(wire.to_wire_map(error.outputs, error.secret_keys)),
        inputs=wire.PropertyValue.marshal_map(wire.to_wire_map(error.inputs or {}, error.secret_keys)),
        reasons=[str(error)],
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    return (("grpc-status-details-bin", status.SerializeToString()),)


async def _serve(plugin: Plugin, engine_address: str) -> None:
    # Taken before the port is told: an engine killed right after it would leave another parent to be watched.
    engine = os.getppid()
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(_Servicer(plugin, engine_address), server)
    port = server.add_insecure_port(address="127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    orphaned = asyncio.ensure_future(_until_orphaned(engine))
    orphaned.add_done_callback(lambda _task: asyncio.ensure_future(server.stop(None)))
    try:
        await server.wait_for_termination()
    finally:
        orphaned.cancel()
        await plugin.close()


async def _until_orphaned(parent: int) -> None:
    """Returns when the process that started this one, `parent`, is gone: an engine that was killed ends no plugin."""
    try:
        watched = os.pidfd_open(parent)
    except ProcessLookupError:
        return
    except (AttributeError, OSError):
        # Not Linux, or a sandbox that lacks the call, or a parent outside of this container.
        await _until_parent_changes(parent)
        return
    try:
        # Opened after it was gone, it would be another process with the same number.
        if os.getppid() == parent:
            await _until_readable(watched)
    finally:
        os.close(watched)


async def _until_readable(descriptor: int) -> None:
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(descriptor)


async def _until_parent_changes(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110  # no event tells of it here
        await asyncio.sleep(1)


def serve(plugin: Plugin, arguments: Sequence[str]) -> None:
    """Serves `plugin` until the engine ends it. `arguments` are the process's, the engine's address first.

    `--schema` prints the schema and returns, for people and for the contract tests.
    """
    if "--schema" in arguments:
        json.dump(plugin.schema(), sys.stdout, indent=2)
        return
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    # The engine answers Ctrl-C itself: it calls Cancel and then ends the plugin.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(plugin, addresses[0] if addresses else ""))
    # All is closed. To take gRPC and the modules apart costs a fifth of a second, and the engine waits for each plugin.
    sys.stdout.flush()
    os._exit(0)
