"""A program applied to the real engine as Pulumi applies it: registered, compared with the state, made, moved, deleted.

The program runs against mocks; what the swarm provider is asked for goes to the provider's own types, over the engine.
"""

import asyncio
import contextvars
import dataclasses
import pathlib
from collections.abc import Callable, Coroutine
from typing import Any

from pulumi.runtime import mocks

from components import access, compose_stack, swarm_cluster
from providers import kit
from tests.sandbox.compose import real_engine, real_hosts
from tools import answers

_SSH = access.SshAccess(ca_public_key="ssh-ed25519 CA", operator_private_key="key")


@dataclasses.dataclass
class Held:
    """A resource in the state."""

    kind: str
    id: str
    state: dict[str, Any]


class World:
    """The engine and Pulumi's state of one stack."""

    def __init__(self, engine: real_engine.RealEngine) -> None:
        self.engine = engine
        self.state: dict[str, Held] = {}
        self.told: list[str] = []
        self.did: list[str] = []

    def up(self, file: pathlib.Path, stack: str, **args: Any) -> None:
        """Applies a compose file."""
        self._run(_Applier(self, preview=False), file, stack, args)

    def preview(self, file: pathlib.Path, stack: str, **args: Any) -> None:
        """Previews a compose file."""
        self._run(_Applier(self, preview=True), file, stack, args)

    def _run(self, applier: "_Applier", file: pathlib.Path, stack: str, args: dict[str, Any]) -> None:
        self.told, self.did = [], []
        read = compose_stack.read_compose_files(stack, [str(file)])
        contextvars.Context().run(lambda: applier.apply(lambda: _create(stack, read, args)))


def _create(stack: str, read: compose_stack.ComposeFiles, args: dict[str, Any]) -> None:
    hosts = [access.ExistingHost(host_name="manager-0", private_ip="10.0.9.1", access=_SSH)]
    cluster = swarm_cluster.SwarmCluster("swarm", {"managers": hosts})
    merged: Any = {"cluster": cluster, "model": read.model, **args}
    compose_stack.ComposeStack(stack, merged)


class _Applier(mocks.Mocks):
    def __init__(self, world: World, *, preview: bool) -> None:
        self._world = world
        self._preview = preview
        self._seen: set[str] = set()
        self._replaced: list[Held] = []
        self._failed: list[Exception] = []
        self._loop = asyncio.new_event_loop()
        self._run: real_hosts.Run

    def apply(self, program: Callable[[], None]) -> None:
        async def open_and_close() -> None:
            async with real_hosts.start_run(self._world.engine) as run:
                self._run = run
                await asyncio.to_thread(self._register, program)
                if not self._preview and not self._failed:
                    await self._delete_rest()
                self._world.told = run.told

        try:
            self._loop.run_until_complete(open_and_close())
        finally:
            self._loop.close()
        if self._failed:
            raise self._failed[0]

    def _register(self, program: Callable[[], None]) -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        mocks.set_mocks(self, project="test", stack="test", preview=self._preview)
        try:
            mocks.test(program)()  # type: ignore[no-untyped-call]
        except Exception:
            # What an operation raised reaches the test as it was raised.
            if not self._failed:
                raise

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        return {}, None

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:
        kind = args.typ.removeprefix("swarm:index:")
        if kind not in ("Network", "Config", "Secret", "Service"):
            return answers.Answers(preview=False).new_resource(args)
        return self._wait(self._apply(kind, args.name, _from_wire(answers.unwrap(args.inputs))))

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except Exception as error:
            self._failed.append(error)
            raise

    async def _apply(self, kind: str, name: str, given: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
        inputs, type_ = self._run.check(kind, given), self._run.types[kind]
        self._seen.add(name)
        held = self._world.state.get(name)
        changes = type_.diff(held.state, inputs) if held else {}
        if held and not changes:
            return held.id, held.state
        if held and not any(change.replace for change in changes.values()):
            return await self._update(type_, name, held, inputs, changes)
        return await self._create(type_, kind, name, held, inputs, changes)

    async def _create(
        self,
        type_: kit.ResourceType,
        kind: str,
        name: str,
        held: Held | None,
        inputs: dict[str, Any],
        changes: dict[str, kit.Change],
    ) -> tuple[str | None, dict[str, Any]]:
        self._world.did.append(f"{'replace' if held else 'create'} {name}{_show(changes)}")
        if self._preview:
            outputs = await type_.foresee_create(self._run.context(), inputs)
            known = {key: value for key, value in outputs.items() if value is not kit.UNKNOWN}
            return known.get(f"{kind.lower()}Id"), inputs | known
        made = await type_.create(self._run.context(), inputs)
        if held:
            self._replaced.append(held)
        self._world.state[name] = Held(kind, made.id, inputs | made.outputs)
        return made.id, self._world.state[name].state

    async def _update(
        self,
        type_: kit.ResourceType,
        name: str,
        held: Held,
        inputs: dict[str, Any],
        changes: dict[str, kit.Change],
    ) -> tuple[str | None, dict[str, Any]]:
        self._world.did.append(f"update {name}{_show(changes)}")
        if self._preview:
            return held.id, inputs | await type_.foresee_update(self._run.context(), held.state, inputs)
        outputs = await type_.update(self._run.context(), held.id, held.state, inputs)
        held.state = inputs | outputs
        return held.id, held.state

    async def _delete_rest(self) -> None:
        gone = [name for name in self._world.state if name not in self._seen]
        removed = [self._world.state.pop(name) for name in gone]
        self._world.did += [f"delete {name}" for name in gone]
        # In reverse order of dependence: services hold what the others are.
        order = ("Service", "Secret", "Config", "Network")
        for held in sorted([*removed, *self._replaced], key=lambda one: order.index(one.kind)):
            await self._run.types[held.kind].delete(self._run.context(), held.id, held.state)


def _show(changes: dict[str, kit.Change]) -> str:
    return f": {', '.join(changes)}" if changes else ""


def _from_wire(value: Any) -> Any:
    """Puts the kit's own value where a preview has none, which these mocks give as None."""
    if isinstance(value, dict):
        return {key: _from_wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_wire(item) for item in value]
    return kit.UNKNOWN if value is None or value == "04da6b54-80e4-46f7-96ec-b56ff0331ba9" else value
