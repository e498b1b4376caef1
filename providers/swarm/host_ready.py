"""HostReady: waits for a host to boot."""

import json

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import waiting
from providers.swarm.cluster import ClusterSource
from providers.swarm.hosts import EngineError, HostUnreachable

_READY_SECONDS = 900
_LOGIN_SECONDS = 20
_FINISHED = ("done", "disabled")
# A machine that exists already may have no cloud-init. The answer is read, not the exit status: cloud-init 23 and
# newer exit with 2 for a mere warning.
_CLOUD_INIT = "command -v cloud-init >/dev/null || exit 0; cloud-init status --wait --format json 2>/dev/null || true"


class HostReady(kit.ResourceType):
    """A host that answers over SSH, finished cloud-init and runs an engine."""

    token = "swarm:index:HostReady"
    description = "Waits until a host has booted: SSH, cloud-init and Docker's engine."
    inputs = {
        "host": kit.Property("string", "The host's name.", required=True, replaces=True),
        "timeoutSeconds": kit.Property("integer", "How long to wait for all three.", default=_READY_SECONDS),
    }
    outputs = {
        "engineVersion": kit.Property("string", "The engine's version."),
        "cpus": kit.Property("integer", "How many processors."),
        "memoryBytes": kit.Property("integer", "How much memory."),
    }

    def __init__(self, cluster: ClusterSource) -> None:
        self._cluster = cluster

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Waits for the three facts in turn, until one deadline."""
        host, deadline = inputs["host"], waiting.get_time() + (context.timeout or inputs["timeoutSeconds"])
        context.progress("waiting for SSH")
        await self._await_ssh(host, deadline)
        context.progress("waiting for cloud-init")
        await self._await_cloud_init(host, deadline)
        context.progress("waiting for Docker's engine")
        return kit.Created(host, await self._await_engine(host, deadline))

    async def _await_ssh(self, host: str, deadline: float) -> None:
        async def probe(waiter: waiting.Waiter) -> bool | None:
            try:
                await self._cluster.get().hosts.run(host, "true", seconds=_LOGIN_SECONDS)
            except HostUnreachable as error:
                waiter.seen = str(error).rstrip(".")
                return None
            return True

        await waiting.wait_for(f"host '{host}' to answer over SSH", probe, seconds=_left(deadline))

    async def _await_cloud_init(self, host: str, deadline: float) -> None:
        async def probe(waiter: waiting.Waiter) -> str | None:
            try:
                return await self._cluster.get().hosts.run(host, _CLOUD_INIT, seconds=max(_left(deadline), 1))
            except HostUnreachable as error:
                # The network and sshd may start anew while a host boots.
                waiter.seen = str(error).rstrip(".")
                return None

        what = f"cloud-init of host '{host}'"
        _refuse_failed(host, await waiting.wait_for(what, probe, seconds=_left(deadline)))

    async def _await_engine(self, host: str, deadline: float) -> Plain:
        async def probe(waiter: waiting.Waiter) -> Plain | None:
            try:
                return await self._describe(host)
            except (HostUnreachable, EngineError) as error:
                waiter.seen = str(error).rstrip(".")
                # The user came into the group docker after this connection was opened, and groups count from login.
                await self._cluster.get().hosts.disconnect(host)
                return None

        return await waiting.wait_for(f"the engine of host '{host}'", probe, seconds=_left(deadline))

    async def _describe(self, host: str) -> Plain:
        info = await (await self._cluster.get().hosts.engine(host)).request("GET", "/info")
        return {"engineVersion": info["ServerVersion"], "cpus": info["NCPU"], "memoryBytes": info["MemTotal"]}

    async def read(self, context: kit.Context, resource_id: str, state: Plain) -> kit.Observed | None:
        """A host that cannot be reached is not ready: the next `up` waits for it again."""
        try:
            found = await self._describe(resource_id)
        except (HostUnreachable, EngineError):
            return None
        inputs = {"host": resource_id, "timeoutSeconds": state.get("timeoutSeconds", _READY_SECONDS)}
        return kit.Observed(resource_id, found, inputs)

    async def update(self, context: kit.Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Nothing but the deadline can change."""
        return self.preview_update(state, inputs)

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """Readiness leaves nothing behind."""


def _left(deadline: float) -> float:
    return max(deadline - waiting.get_time(), 0)


def _refuse_failed(host: str, answer: str) -> None:
    if not answer.strip():
        return
    try:
        status = json.loads(answer)
    except ValueError as error:
        raise kit.ResourceError(f"Cloud-init on host '{host}' told no status but {answer.strip()!r}.") from error
    if status.get("status") in _FINISHED:
        return
    told = "; ".join(str(error) for error in status.get("errors") or []) or str(status.get("status"))
    raise kit.ResourceError(f"Cloud-init failed on host '{host}': {told}. See /var/log/cloud-init-output.log there.")
