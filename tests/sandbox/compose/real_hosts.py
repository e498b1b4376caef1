"""The provider's `Hosts` over the real engine of these tests, and the provider's types driven on it as Pulumi does."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import aiohttp

from providers import kit
from providers.swarm import content, network, service
from providers.swarm.cluster import Cluster, ClusterSource
from providers.swarm.hosts import EngineError
from tests.sandbox.compose import real_engine

_TYPES: dict[str, Callable[[ClusterSource], kit.ResourceType]] = {
    "Network": network.Network,
    "Config": content.Config,
    "Secret": content.Secret,
    "Service": service.Service,
}


class HttpEngine:
    """`Engine` over TCP."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address.replace("tcp:", "http:")

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        registry_auth: Mapping[str, str] | None = None,
    ) -> Any:
        """See `Engine.request`."""
        async with self._session.request(
            method, f"{self._address}{path}", params=dict(query or {}), json=body
        ) as answer:
            told: Any = await answer.json() if (await answer.read()).strip() else None
        if answer.status >= 400:
            raise EngineError(answer.status, told["message"])
        return told

    async def fetch(self, path: str, *, query: Mapping[str, str] | None = None) -> bytes:
        """See `Engine.fetch`."""
        async with self._session.get(f"{self._address}{path}", params=dict(query or {})) as answer:
            return await answer.read()


class RealHosts:
    """`Hosts` of one machine, whatever name it is asked for."""

    def __init__(self, session: aiohttp.ClientSession, engine: real_engine.RealEngine) -> None:
        self._engine = HttpEngine(session, engine.address)
        self._machine = engine

    async def engine(self, host: str) -> HttpEngine:
        """See `Hosts.engine`."""
        return self._engine

    async def run(self, host: str, command: str, *, seconds: float = 60) -> str:
        """See `Hosts.run`."""
        return await asyncio.to_thread(self._machine.execute, "sh", "-c", command.replace("sudo ", ""))

    async def disconnect(self, host: str) -> None:
        """See `Hosts.disconnect`."""


class Run:
    """One run of Pulumi against the engine: a plugin process with its types, and what it told."""

    def __init__(self, source: ClusterSource) -> None:
        self.types = {kind: make(source) for kind, make in _TYPES.items()}
        self.told: list[str] = []

    def context(self) -> kit.Context:
        """Gives what an operation may know."""
        return kit.Context("it", "urn:it", 0, lambda _line: None, self.told.append, self.told.append)

    def check(self, kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Checks inputs as the engine does before each operation."""
        checked = self.types[kind].check(inputs, {})
        assert checked.failures == ()
        return checked.inputs


@contextlib.asynccontextmanager
async def start_run(engine: real_engine.RealEngine) -> Any:
    """Opens a run."""
    async with aiohttp.ClientSession() as session:
        source = ClusterSource()
        source.set(Cluster(RealHosts(session, engine), ["manager-0"]))
        yield Run(source)


def list_task_ids(engine: real_engine.RealEngine, stack: str) -> Iterator[str]:
    """Lists the tasks of a stack that are meant to run."""
    for task in engine.get("/tasks"):
        labels = task["Spec"]["ContainerSpec"].get("Labels") or {}
        if labels.get("com.docker.stack.namespace") == stack and task["DesiredState"] == "running":
            yield task["ID"]
