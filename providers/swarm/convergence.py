"""Waits for services: until they are done, until they are gone."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from providers import kit
from providers.swarm import judgement, logs, pulls, waiting
from providers.swarm.cluster import Cluster
from providers.swarm.judgement import Verdict


class ServiceFailed(kit.ResourceError):
    """The service will not become what was asked for; the text quotes its tasks."""


async def look(
    cluster: Cluster, service_id: str
) -> tuple[Mapping[str, Any], list[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    """Reads a service, its tasks and the nodes."""
    service = await cluster.request("GET", f"/services/{service_id}")
    tasks = await list_tasks(cluster, {"service": [service_id]})
    return service, tasks, await cluster.request("GET", "/nodes")


async def list_tasks(cluster: Cluster, filters: Mapping[str, Sequence[str]]) -> list[Mapping[str, Any]]:
    """Lists the tasks that filters of the Engine API let pass."""
    return await cluster.request("GET", "/tasks", query={"filters": json.dumps(filters)}) or []


async def wait_until_done(
    cluster: Cluster, name: str, service_id: str, *, seconds: float, progress: Callable[[str], None]
) -> None:
    """Waits until every task runs what was asked for. Raises `ServiceFailed` with the tasks' own errors."""
    told, last = "", list[Mapping[str, Any]]()

    async def probe(waiter: waiting.Waiter) -> bool | None:
        nonlocal told, last
        service, last, nodes = await look(cluster, service_id)
        seen = judgement.judge(service, last, nodes)
        waiter.seen = seen.text
        if seen.text != told:
            progress(seen.text)
            told = seen.text
        if seen.verdict is Verdict.FAILED:
            raise ServiceFailed(f"Service '{name}' failed: {seen.text}.{await _explain(cluster, last)}")
        return True if seen.verdict is Verdict.DONE else None

    try:
        await waiting.wait_for(f"service '{name}' to converge", probe, seconds=seconds)
    except waiting.DeadlineReached as error:
        why = await _explain(cluster, last)
        raise ServiceFailed(f"Service '{name}' did not converge. {error}{why}") from error


async def _explain(cluster: Cluster, tasks: Sequence[Mapping[str, Any]]) -> str:
    """Quotes what the nodes know of tasks beyond what the managers do: causes, and the end of a log."""
    cause = await pulls.quote_cause(cluster, tasks)
    return f"{cause}{await logs.quote_end(cluster, logs.find_failed(tasks))}"


async def is_failed(cluster: Cluster, service_id: str) -> bool:
    """Tells whether a service has failed for good, as its tasks are now."""
    return judgement.judge(*await look(cluster, service_id)).verdict is Verdict.FAILED


async def find_failure(cluster: Cluster, service_id: str) -> str | None:
    """Tells what is wrong with a service for good; tasks that only start or move are none of it."""
    service, tasks, nodes = await look(cluster, service_id)
    seen = judgement.judge(service, tasks, nodes)
    stuck = judgement.finds_no_node(judgement.list_alive(tasks, nodes))
    return seen.text if seen.verdict is Verdict.FAILED or stuck else None


async def wait_until_gone(cluster: Cluster, name: str, service_id: str, *, seconds: float) -> None:
    """Waits until the tasks of a removed service have ended: its networks are free then."""

    async def probe(waiter: waiting.Waiter) -> bool | None:
        # By name: the engine answers 404 when asked for the tasks of a service that is removed.
        tasks = [task for task in await list_tasks(cluster, {"name": [name]}) if task["ServiceID"] == service_id]
        left = judgement.list_alive(tasks, await cluster.request("GET", "/nodes"))
        waiter.seen = f"{len(left)} tasks that have not ended"
        return None if left else True

    await waiting.wait_for(f"the tasks of service '{name}' to stop", probe, seconds=seconds)
