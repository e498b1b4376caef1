"""Whether the tasks of a service have moved away from a node, and what else may come of it.

A drain kills what is still there. So each end of a move has a name: what is to happen then differs.
"""

import dataclasses
import enum
import math
from collections.abc import Mapping, Sequence
from typing import Any

from providers.swarm import convergence, judgement, pace, waiting
from providers.swarm.cluster import Cluster, NoManager, QuorumLost
from providers.swarm.hosts import HostUnreachable

Plain = Mapping[str, Any]

# A manager that is away for a moment tells nothing of the tasks.
_HICCUPS = (waiting.DeadlineReached, NoManager, QuorumLost, HostUnreachable)


class Outcome(enum.Enum):
    """What came of a move."""

    MOVED = "moved"
    NOWHERE = "nowhere"
    FAILED = "failed"
    TOO_SLOW = "too slow"


@dataclasses.dataclass(frozen=True)
class Move:
    """An outcome, what was seen as text, and whether tasks on the node serve still, which a drain would kill."""

    outcome: Outcome
    text: str = ""
    serves_here: bool = False

    @property
    def loses(self) -> bool:
        """Tells whether a drain would take away what serves and has no successor, though one is possible."""
        return self.serves_here and self.outcome in (Outcome.FAILED, Outcome.TOO_SLOW)


@dataclasses.dataclass(frozen=True)
class Start:
    """How a service was before its move: tasks that had failed, tasks that ran, the seconds that one step may take."""

    failed: frozenset[str]
    running: frozenset[str]
    step_seconds: float


@dataclasses.dataclass(frozen=True)
class Sight:
    """A look at a service in its move: how many tasks are left on the node, and what has come of it so far."""

    left: int
    text: str
    serves_here: bool
    move: Move | None


def note_start(service: Plain, tasks: Sequence[Plain]) -> Start:
    """Notes how a service is before it moves. Pure."""
    failed = frozenset(task["ID"] for task in tasks if task["Status"]["State"] in judgement.FAILED_STATES)
    running = frozenset(task["ID"] for task in tasks if task["Status"]["State"] == "running")
    return Start(failed, running, pace.find_step(service))


def judge(service: Plain, tasks: Sequence[Plain], nodes: Sequence[Plain], node_id: str, start: Start) -> Sight:
    """Judges a move by a look at the service. Pure."""
    # What failed before tells nothing of the successors.
    current = [task for task in tasks if task["ID"] not in start.failed]
    seen, alive = judgement.judge(service, current, nodes), judgement.list_alive(current, nodes)
    here = [task for task in alive if task.get("NodeID") == node_id]
    serves = any(_serves(task, start) for task in here)
    if judgement.finds_no_node(alive):
        move: Move | None = Move(Outcome.NOWHERE, _quote_pending(alive), serves)
    elif seen.verdict is judgement.Verdict.FAILED:
        move = Move(Outcome.FAILED, seen.text, serves)
    else:
        done = seen.verdict is judgement.Verdict.DONE and not here
        move = Move(Outcome.MOVED) if done else None
    return Sight(len(here), seen.text, serves, move)


def _serves(task: Plain, start: Start) -> bool:
    """Tells of a task that ran before and is wanted still; one that starts again and again serves nobody."""
    wanted = task["DesiredState"] == "running" and task["Status"]["State"] == "running"
    return wanted and task["ID"] in start.running


def _quote_pending(tasks: Sequence[Plain]) -> str:
    return next(str(task["Status"]["Err"]) for task in tasks if judgement.finds_no_node([task]))


async def begin(cluster: Cluster, service: Plain) -> Start:
    """Notes how a service is before it moves."""
    return note_start(service, await convergence.list_tasks(cluster, {"service": [service["ID"]]}))


async def wait_until_moved(cluster: Cluster, service_id: str, node_id: str, start: Start, *, seconds: float) -> Move:
    """Waits until no task of a service is on a node and all run elsewhere, or until it is clear that this will not be.

    It goes on for `seconds` and a step of the update beyond the last task that has ended here.
    """
    watch = _Watch(cluster, service_id, node_id, start, seconds + start.step_seconds)
    return await waiting.wait_for("tasks to move", watch.probe, seconds=math.inf)


class _Watch:
    """The looks of one wait; the deadline moves with each task that ends on the node."""

    def __init__(self, cluster: Cluster, service_id: str, node_id: str, start: Start, seconds: float) -> None:
        self._cluster, self._service_id, self._node_id, self._start = cluster, service_id, node_id, start
        self._seconds = seconds
        self._deadline = waiting.get_time() + seconds
        self._fewest = math.inf
        # Until a look has succeeded, what ran may run.
        self._serves = bool(start.running)

    async def probe(self, waiter: waiting.Waiter) -> Move | None:
        """Looks once."""
        try:
            sight = await self._look()
        except _HICCUPS as error:
            return self._judge_time(str(error).rstrip("."))
        waiter.seen, self._serves = sight.text, sight.serves_here
        if sight.left < self._fewest:
            self._fewest, self._deadline = sight.left, waiting.get_time() + self._seconds
        return sight.move or self._judge_time(sight.text)

    async def _look(self) -> Sight:
        seen = await convergence.look(self._cluster, self._service_id)
        return judge(*seen, self._node_id, self._start)

    def _judge_time(self, text: str) -> Move | None:
        late = waiting.get_time() >= self._deadline
        return Move(Outcome.TOO_SLOW, text, self._serves) if late else None
