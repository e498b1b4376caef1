"""Replacements first: tasks of a leaving node start elsewhere before the ones on it are stopped.

A drain stops tasks and then starts others. Instead each service that runs on the node gets the constraint
`node.id!=<node>`, which moves just these tasks, in the service's own update order (start-first where it asks for it).
Swarm leaves tasks alone that satisfy a changed constraint, so taking it away again moves nothing (swarmkit,
orchestrator/task.go: IsTaskDirty).
"""

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from typing import Any

from providers import kit
from providers.swarm import judgement, moving, pace, waiting
from providers.swarm.cluster import GONE, Cluster, passes_or_raises
from providers.swarm.hosts import EngineError

_MARGIN_SECONDS = 30


@dataclasses.dataclass(frozen=True)
class Voice:
    """Whom to tell of what: steps, and what is lost."""

    progress: Callable[[str], None]
    warn: Callable[[str], None]


async def evacuate(cluster: Cluster, host: str, node_id: str, *, seconds: float, voice: Voice) -> None:
    """Moves the tasks of replicated services away from a node, all at once, and waits until the others run.

    Services that cannot run elsewhere (placement, resources) are left to the drain: to move one of them would only stop
    it earlier, where its update stops first. Raises a `ResourceError` when one could, and does not: a drain would kill
    what serves.
    """
    nodes = await cluster.request("GET", "/nodes")
    services = await _list_services_on(cluster, node_id, "Replicated")
    staying = [service for service in services if set(judgement.list_eligible(service, nodes)) <= {node_id}]
    for service in staying:
        voice.progress(f"{service['Spec']['Name']} runs nowhere else and stays until the drain")
    leaving = [service for service in services if service not in staying]
    voice.progress(f"moving {', '.join(service['Spec']['Name'] for service in leaving) or 'nothing'}")
    moves = [_move(cluster, service, node_id, seconds) for service in leaving]
    names = [str(service["Spec"]["Name"]) for service in leaving]
    done = dict(zip(names, await _await_all(moves), strict=True))
    _tell(host, done, voice)
    _refuse_loss(host, done)


async def _await_all(moves: Sequence[Awaitable[moving.Move]]) -> list[moving.Move]:
    """Awaits every move before an error of one is told: none may go on behind the back of what comes next."""
    ended = await asyncio.gather(*moves, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    return [one for one in ended if isinstance(one, moving.Move)]


async def _move(cluster: Cluster, service: Any, node_id: str, seconds: float) -> moving.Move:
    try:
        start = await moving.begin(cluster, service)
        await cluster.change(f"/services/{service['ID']}", lambda spec: _keep_off(spec, node_id))
        return await moving.wait_until_moved(cluster, service["ID"], node_id, start, seconds=seconds)
    except EngineError as error:
        if error.status != GONE:
            raise
        return moving.Move(moving.Outcome.MOVED, "the service is removed")


def _tell(host: str, moves: Mapping[str, moving.Move], voice: Voice) -> None:
    """Tells of what is left to the drain."""
    for name, move in moves.items():
        if move.outcome is moving.Outcome.NOWHERE:
            voice.warn(f"Service '{name}' has no other node than '{host}' for all of its tasks: {move.text}.")
        elif move.outcome is not moving.Outcome.MOVED and not move.loses:
            voice.progress(f"{name} does not serve here and is left to the drain: {move.text}")


def _refuse_loss(host: str, moves: Mapping[str, moving.Move]) -> None:
    kept = [f"'{name}' ({move.outcome.value}: {move.text})" for name, move in moves.items() if move.loses]
    if kept:
        raise kit.ResourceError(
            f"Node '{host}' keeps its tasks, since a drain would kill what serves and has no successor: service "
            f"{', '.join(kept)}; mend that, then run again."
        )


async def _change(cluster: Cluster, service_id: str, alter: Callable[[dict[str, Any]], None]) -> None:
    """Changes a service, if it has not been removed meanwhile."""
    await passes_or_raises(cluster.change(f"/services/{service_id}", alter), GONE)


async def evacuate_global(cluster: Cluster, node_id: str, *, seconds: float, progress: Callable[[str], None]) -> None:
    """Lets the tasks of global services on a node end, each in its own time; those on other nodes stay."""
    services = await _list_services_on(cluster, node_id, "Global")
    for service in services:
        progress(f"{service['Spec']['Name']} leaves")
        await _change(cluster, service["ID"], lambda spec: _keep_off(spec, node_id))
    await await_end(cluster, node_id, [service["ID"] for service in services], "tasks of global services", seconds)


async def await_end(cluster: Cluster, node_id: str, services: Container[str] | None, what: str, seconds: float) -> None:
    """Waits until no task of these services (None: of any) runs on a node, for as long as they may take to stop."""

    async def probe(waiter: waiting.Waiter) -> bool | None:
        left = len(await _list_running(cluster, node_id, services))
        waiter.seen = f"{left} running tasks"
        return None if left else True

    grace = pace.find_grace(await _list_running(cluster, node_id, services)) + _MARGIN_SECONDS
    await waiting.wait_for(f"{what} to end", probe, seconds=max(seconds, grace))


async def _list_running(cluster: Cluster, node_id: str, services: Container[str] | None) -> list[Any]:
    tasks = await cluster.request("GET", "/tasks", query={"filters": json.dumps({"node": [node_id]})}) or []
    running = [task for task in tasks if task["Status"]["State"] == "running"]
    return [task for task in running if services is None or task["ServiceID"] in services]


async def release(cluster: Cluster, node_id: str) -> None:
    """Takes the constraint away again; tasks stay where they are."""
    for service in await cluster.request("GET", "/services") or []:
        if _constraint(node_id) in _get_constraints(service["Spec"]):
            await _change(cluster, service["ID"], lambda spec: _let_on(spec, node_id))


async def _list_services_on(cluster: Cluster, node_id: str, mode: str) -> list[Any]:
    filters = json.dumps({"node": [node_id], "desired-state": ["running"]})
    tasks = await cluster.request("GET", "/tasks", query={"filters": filters})
    wanted = {task["ServiceID"] for task in tasks or []}
    services = await cluster.request("GET", "/services")
    return [one for one in services or [] if one["ID"] in wanted and mode in one["Spec"]["Mode"]]


def _keep_off(spec: dict[str, Any], node_id: str) -> None:
    _set_constraints(spec, [*_get_constraints_without(spec, node_id), _constraint(node_id)])


def _let_on(spec: dict[str, Any], node_id: str) -> None:
    _set_constraints(spec, _get_constraints_without(spec, node_id))


def _get_constraints_without(spec: dict[str, Any], node_id: str) -> list[str]:
    return [one for one in _get_constraints(spec) if one != _constraint(node_id)]


def _get_constraints(spec: dict[str, Any]) -> list[str]:
    return list((spec["TaskTemplate"].get("Placement") or {}).get("Constraints") or [])


def _set_constraints(spec: dict[str, Any], constraints: list[str]) -> None:
    placement = spec["TaskTemplate"].get("Placement") or {}
    spec["TaskTemplate"]["Placement"] = {**placement, "Constraints": constraints}


def _constraint(node_id: str) -> str:
    return f"node.id!={node_id}"
