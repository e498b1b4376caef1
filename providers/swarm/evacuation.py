"""Replacements first: tasks of a leaving node start elsewhere before the ones on it are stopped.

A drain stops tasks and then starts others. Instead each service that runs on the node gets the constraint
`node.id!=<node>`, which moves just these tasks, in the service's own update order (start-first where it asks for it).
Swarm leaves tasks alone that satisfy a changed constraint, so taking it away again moves nothing (swarmkit,
orchestrator/task.go: IsTaskDirty).
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from providers.swarm import convergence, judgement, waiting
from providers.swarm.cluster import Cluster


async def evacuate(cluster: Cluster, node_id: str, *, seconds: float, progress: Callable[[str], None]) -> None:
    """Moves the tasks of replicated services away from a node, all at once, and waits until the others run.

    Services that cannot run elsewhere (placement, resources) are left to the drain: to move one of them would only stop
    it earlier, where its update stops first.
    """
    nodes = await cluster.request("GET", "/nodes")
    services = await _list_services_on(cluster, node_id, "Replicated")
    staying = [service for service in services if set(judgement.list_eligible(service, nodes)) <= {node_id}]
    for service in staying:
        progress(f"{service['Spec']['Name']} runs nowhere else and stays until the drain")
    moving = [service for service in services if service not in staying]
    progress(f"moving {', '.join(service['Spec']['Name'] for service in moving) or 'nothing'}")
    moves = [_move(cluster, service["ID"], node_id, seconds) for service in moving]
    # Each move ends before an error of one is told: none may go on behind the back of what comes next.
    for outcome in await asyncio.gather(*moves, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _move(cluster: Cluster, service_id: str, node_id: str, seconds: float) -> None:
    await cluster.change(f"/services/{service_id}", lambda spec: _keep_off(spec, node_id))
    await convergence.wait_until_moved(cluster, service_id, node_id, seconds=seconds)


async def evacuate_global(cluster: Cluster, node_id: str, *, seconds: float, progress: Callable[[str], None]) -> None:
    """Lets the tasks of global services on a node end, each in its own time; those on other nodes stay."""
    services = await _list_services_on(cluster, node_id, "Global")
    for service in services:
        progress(f"{service['Spec']['Name']} leaves")
        await cluster.change(f"/services/{service['ID']}", lambda spec: _keep_off(spec, node_id))
    ids = {service["ID"] for service in services}

    async def probe(waiter: waiting.Waiter) -> bool | None:
        filters = json.dumps({"node": [node_id]})
        tasks = await cluster.request("GET", "/tasks", query={"filters": filters})
        left = sum(task["Status"]["State"] == "running" and task["ServiceID"] in ids for task in tasks or [])
        waiter.seen = f"{left} running tasks"
        return None if left else True

    await waiting.wait_for("tasks of global services to end", probe, seconds=seconds)


async def release(cluster: Cluster, node_id: str) -> None:
    """Takes the constraint away again; tasks stay where they are."""
    for service in await cluster.request("GET", "/services") or []:
        if _constraint(node_id) in _get_constraints(service["Spec"]):
            await cluster.change(f"/services/{service['ID']}", lambda spec: _let_on(spec, node_id))


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
