"""When a service is done: every task runs what was asked for. Pure: objects of the Engine API in, a verdict out."""

import dataclasses
import enum
import math
from collections.abc import Mapping, Sequence
from typing import Any

from providers.swarm import placement

Plain = Mapping[str, Any]

# A slot that failed so often with the wanted spec, and never ran it, is not waited for any longer.
_HOPELESS = 3
# Of a task that ended without being asked to.
FAILED_STATES = ("failed", "rejected")
_UPDATE_FAILED = ("paused", "rollback_started", "rollback_paused", "rollback_completed")
_ENDED = ("complete", "shutdown", "failed", "rejected", "remove", "orphaned")
_NO_NODE = "no suitable node"
_QUOTED = 3


class Verdict(enum.Enum):
    """What a look at a service tells."""

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"


@dataclasses.dataclass(frozen=True)
class Judgement:
    """A verdict and what was seen, as text."""

    verdict: Verdict
    text: str


def judge(service: Plain, tasks: Sequence[Plain], nodes: Sequence[Plain]) -> Judgement:
    """Judges a service (Engine API: Service) by its tasks and the swarm's nodes."""
    failed = _find_failed_update(service)
    if failed:
        return Judgement(Verdict.FAILED, f"{failed}{_quote(tasks)}")
    mode = service["Spec"]["Mode"]
    if "ReplicatedJob" in mode or "GlobalJob" in mode:
        return _judge_job(service, tasks, nodes)
    return _judge_running(service, tasks, nodes)


def _find_failed_update(service: Plain) -> str:
    status = service.get("UpdateStatus") or {}
    if status.get("State") not in _UPDATE_FAILED:
        return ""
    return f"the update is {status['State']}: {status.get('Message', '')}"


def _judge_running(service: Plain, tasks: Sequence[Plain], nodes: Sequence[Plain]) -> Judgement:
    alive = [task for task in list_alive(tasks, nodes) if task["Status"]["State"] == "running"]
    right = [task for task in alive if task["DesiredState"] == "running" and _is_right(service, task, nodes)]
    missing, wanted = _count_missing(service, right, nodes)
    others = len(alive) - len(right)
    updating = (service.get("UpdateStatus") or {}).get("State") == "updating"
    text = f"{len(right)} of {wanted} tasks run the wanted spec, {others} another"
    if not missing and not others and not updating:
        return Judgement(Verdict.DONE, text)
    hopeless = not right and _is_hopeless(service, tasks)
    return Judgement(Verdict.FAILED if hopeless else Verdict.PENDING, f"{text}{_quote(tasks)}")


def _count_missing(service: Plain, right: Sequence[Plain], nodes: Sequence[Plain]) -> tuple[int, int]:
    """Gives how many tasks are missing (or too many), and how many are wanted.

    A global service needs one on every node that takes tasks; those that a paused node keeps are no fault.
    """
    mode = service["Spec"]["Mode"]
    if "Replicated" in mode:
        wanted = _count_replicas(mode["Replicated"])
        return abs(wanted - len(right)), wanted
    eligible = set(list_eligible(service, nodes))
    return len(eligible - {task.get("NodeID") for task in right}), len(eligible)


def _count_replicas(replicated: Plain | None) -> int:
    replicas = (replicated or {}).get("Replicas")
    return 1 if replicas is None else int(replicas)


def list_eligible(service: Plain, nodes: Sequence[Plain]) -> list[str]:
    """Lists the ids of the nodes on which a global service has a task."""
    return [node["ID"] for node in nodes if placement.takes_tasks(node) and _fits(service, node)]


def _fits(service: Plain, node: Plain) -> bool:
    constraints = (service["Spec"]["TaskTemplate"].get("Placement") or {}).get("Constraints") or []
    return all(placement.satisfies(node, constraint) for constraint in constraints)


def list_alive(tasks: Sequence[Plain], nodes: Sequence[Plain]) -> list[Plain]:
    """Lists the tasks that have not ended; what a dead node last said of its tasks counts no more."""
    living = {node["ID"] for node in nodes if placement.is_ready(node)}
    return [
        task
        for task in tasks
        if task["Status"]["State"] not in _ENDED and (not task.get("NodeID") or task["NodeID"] in living)
    ]


def _judge_job(service: Plain, tasks: Sequence[Plain], nodes: Sequence[Plain]) -> Judgement:
    iteration = ((service.get("JobStatus") or {}).get("JobIteration") or {}).get("Index", 0)
    current = [task for task in tasks if (task.get("JobIteration") or {}).get("Index", 0) == iteration]
    complete = sum(task["Status"]["State"] == "complete" for task in current)
    wanted = _count_completions(service, nodes)
    text = f"{complete} of {wanted} tasks of the job are complete"
    if complete >= wanted:
        return Judgement(Verdict.DONE, text)
    failed = _most_failures(current) > _count_restarts(service, complete)
    return Judgement(Verdict.FAILED if failed else Verdict.PENDING, f"{text}{_quote(current)}")


def _count_completions(service: Plain, nodes: Sequence[Plain]) -> int:
    if "GlobalJob" in service["Spec"]["Mode"]:
        return len(list_eligible(service, nodes))
    job = service["Spec"]["Mode"]["ReplicatedJob"] or {}
    # A job scaled to nothing says 0, and is done.
    given = (job.get("TotalCompletions"), job.get("MaxConcurrent"), 1)
    return int(next(count for count in given if count is not None))


def _count_restarts(service: Plain, complete: int) -> float:
    """Gives how often a task of a job may be restarted.

    The engine is not asked whether it goes on: 20.10 restarts the tasks of jobs without end, whatever the policy says.
    """
    policy = service["Spec"]["TaskTemplate"].get("RestartPolicy") or {}
    if policy.get("Condition") == "none":
        return 0
    if policy.get("MaxAttempts"):
        return int(policy["MaxAttempts"])
    return math.inf if complete else _HOPELESS - 1


def runs_wanted(service: Plain, task: Plain) -> bool:
    """Tells whether a task was made from the service's present template.

    Placement does not count: a task that satisfies changed constraints is kept by swarm. Nor does the runtime, which
    the engine writes into services and not into their tasks (seen on 20.10).
    """
    wanted, has = service["Spec"]["TaskTemplate"], task["Spec"]
    keys = (set(wanted) | set(has)) - {"Placement", "Runtime"}
    return all(_bare(wanted.get(key)) == _bare(has.get(key)) for key in keys)


def _is_right(service: Plain, task: Plain, nodes: Sequence[Plain]) -> bool:
    node = next((one for one in nodes if one["ID"] == task.get("NodeID")), None)
    return runs_wanted(service, task) and (node is None or _fits(service, node))


def _bare(value: Any) -> Any:
    """Drops what is empty: the engine writes the same spec with and without it."""
    if isinstance(value, Mapping):
        bare = {key: _bare(item) for key, item in value.items()}
        return {key: item for key, item in bare.items() if item is not None} or None
    if isinstance(value, list):
        return [_bare(item) for item in value] or None
    return value or None


def _is_hopeless(service: Plain, tasks: Sequence[Plain]) -> bool:
    return _most_failures([task for task in tasks if runs_wanted(service, task)]) >= _HOPELESS


def _most_failures(tasks: Sequence[Plain]) -> int:
    slots = [task.get("Slot") or task.get("NodeID") for task in tasks if task["Status"]["State"] in FAILED_STATES]
    return max((slots.count(slot) for slot in slots), default=0)


def finds_no_node(tasks: Sequence[Plain]) -> bool:
    """Tells whether a task waits for a node that takes it."""
    return any(
        task["Status"]["State"] == "pending" and _NO_NODE in str(task["Status"].get("Err") or "") for task in tasks
    )


def _quote(tasks: Sequence[Plain]) -> str:
    """Quotes the latest distinct errors of tasks."""
    latest = sorted(tasks, key=lambda task: str(task.get("UpdatedAt", "")), reverse=True)
    errors = [str(task["Status"].get("Err") or "") for task in latest]
    told = list(dict.fromkeys(error for error in errors if error))[:_QUOTED]
    return f"; its tasks say: {'; '.join(told)}" if told else ""
