"""What comes of a move of tasks away from a node, and of the leave that asks for it."""

import json
from typing import Any

import pytest

from providers import kit
from providers.swarm import moving, waiting
from providers.swarm.cluster import Cluster, NoManager, QuorumLost
from providers.swarm.hosts import EngineError, HostUnreachable
from providers.swarm.moving import Move, Outcome
from tests.doubles import virtual_time, world

_WORKERS = {"Constraints": ["node.role==worker"]}
_MINUTE = 60 * 10**9


def _spec(image: str = "web@sha256:1", replicas: int = 2, **rest: Any) -> dict[str, Any]:
    return {
        "Labels": {"com.docker.stack.namespace": "shop"},
        "TaskTemplate": {"ContainerSpec": {"Image": image}, "Placement": _WORKERS},
        "Mode": {"Replicated": {"Replicas": replicas}},
        **rest,
    }


def _make(fault: str = "") -> tuple[world.World, world.Made]:
    """Makes a service on two workers, of which the second has a fault from then on; gives the first's membership."""
    here = world.World("manager-0", "worker-0", "worker-1")
    made = here.join_all()
    here.create("Service", {"name": "shop_web", "spec": _spec()})
    here.swarm.objects.faults[made["worker-1"].id] = fault
    return here, made["worker-0"]


def _running_on(here: world.World, node_id: str) -> int:
    tasks = here.swarm.objects.tasks.values()
    return sum(task["NodeID"] == node_id and task["Status"]["State"] == "running" for task in tasks)


@pytest.mark.parametrize(("fault", "says"), [("broken", "; its tasks say: task: non-zero exit (1)"), ("slow", "")])
def test_a_node_stays_while_what_serves_on_it_does_not_start_elsewhere(fault: str, says: str) -> None:
    here, made = _make(fault)

    with pytest.raises(kit.ResourceError) as caught:
        here.delete(made)

    assert str(caught.value) == (
        "Node 'worker-0' keeps its tasks, since a drain would kill what serves and has no successor: service "
        f"'shop_web' (too slow: 1 of 2 tasks run the wanted spec, 1 another{says}); mend that, then run again."
    )
    assert _running_on(here, made.id) == 1
    assert here.swarm.nodes[made.id]["Spec"]["Availability"] == "pause"


def test_the_next_run_goes_on_once_the_fault_is_mended() -> None:
    here, made = _make("slow")
    with pytest.raises(kit.ResourceError):
        here.delete(made)
    here.swarm.objects.faults.clear()

    here.delete(made)

    assert here.names("worker") == ["worker-1"]
    assert "node.id!=" not in str(here.swarm.objects.stored["services"])


def test_a_service_that_finds_room_nowhere_is_left_to_the_drain_with_a_warning() -> None:
    here, made = _make("full")

    here.delete(made)

    assert here.names("worker") == ["worker-1"]
    assert here.warned == [
        "Service 'shop_web' has no other node than 'worker-0' for all of its tasks: no suitable node (scheduling "
        "constraints not satisfied on 1 node)."
    ]


def test_what_serves_nobody_holds_no_node_up() -> None:
    here, made = _make("broken")
    here.swarm.objects.faults[made.id] = "broken"
    for task in here.swarm.objects.tasks.values():
        task["Status"] = {"State": "failed", "Err": "task: non-zero exit (1)"}

    here.delete(made)

    assert made.id not in here.swarm.nodes
    assert here.warned == []


@pytest.mark.parametrize("at", range(1, 40))
def test_services_may_be_removed_at_any_moment_of_a_leave(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    here, made = _make()
    objects = here.swarm.objects
    plain, moments = objects.answer, iter(range(1, 1000))

    def answer(*request: Any) -> Any:
        if next(moments) == at:
            objects.stored["services"].clear()
        return plain(*request)

    monkeypatch.setattr(objects, "answer", answer)

    here.delete(made)

    assert here.names("worker") == ["worker-1"]


def test_a_drain_gives_tasks_the_time_that_they_may_take_to_stop() -> None:
    here = world.World("manager-0", "worker-0")
    made = here.join_all()["worker-0"]
    template = {"ContainerSpec": {"Image": "web@sha256:1", "StopGracePeriod": 5 * _MINUTE}}
    here.create("Service", {"name": "web", "spec": {"TaskTemplate": template, "Mode": {"Global": {}}}})
    here.swarm.objects.stopping_seconds = 250

    here.delete(made)

    assert made.id not in here.swarm.nodes


# What a look tells, case by case.


def _node(node_id: str) -> dict[str, Any]:
    availability = "pause" if node_id == "here" else "active"
    return {"ID": node_id, "Spec": {"Role": "worker", "Availability": availability}, "Status": {"State": "ready"}}


def _service(replicas: int = 1, update: str = "", **rest: Any) -> dict[str, Any]:
    template = {"ContainerSpec": {"Image": "web"}, "Placement": {"Constraints": ["node.id!=here"]}}
    spec = {"Name": "web", "Mode": {"Replicated": {"Replicas": replicas}}, "TaskTemplate": template, **rest}
    return {"ID": "web", "Spec": spec, "UpdateStatus": {"State": update, "Message": "update paused"}}


def _task(
    task_id: str, node_id: str, state: str = "running", error: str = "", wanted: str = "running"
) -> dict[str, Any]:
    return {
        "ID": task_id,
        "Slot": 1,
        "NodeID": node_id,
        "Spec": {"ContainerSpec": {"Image": "web"}},
        "DesiredState": wanted,
        "Status": {"State": state, "Err": error},
    }


_GOOD = _task("good", "here")
_FAILURES = [_task(f"bad-{number}", "there", "rejected", "No such image", "shutdown") for number in range(3)]
_ALONE = "0 of 1 tasks run the wanted spec, 1 another"


@pytest.mark.parametrize(
    ("service", "tasks", "move"),
    [
        (_service(), [_task("new", "there")], Move(Outcome.MOVED)),
        (_service(), [_GOOD], None),
        (_service(), [_GOOD, _task("new", "there")], None),
        (_service(), [_task("good", "here", wanted="shutdown"), _task("new", "there")], None),
        (_service(), [_GOOD, *_FAILURES[:2]], None),
        (
            _service(),
            [_GOOD, *_FAILURES],
            Move(Outcome.FAILED, f"{_ALONE}; its tasks say: No such image", serves_here=True),
        ),
        (
            _service(),
            [_task("good", "here", wanted="shutdown"), *_FAILURES],
            Move(Outcome.FAILED, f"{_ALONE}; its tasks say: No such image"),
        ),
        (
            _service(),
            [_task("restarted", "here"), *_FAILURES],
            Move(Outcome.FAILED, f"{_ALONE}; its tasks say: No such image"),
        ),
        (_service(update="paused"), [_GOOD], Move(Outcome.FAILED, "the update is paused: update paused", True)),
        (
            _service(),
            [_GOOD, _task("new", "", "pending", "no suitable node (insufficient resources)")],
            Move(Outcome.NOWHERE, "no suitable node (insufficient resources)", True),
        ),
    ],
)
def test_a_look_tells_what_came_of_a_move(service: dict[str, Any], tasks: list[Any], move: Move | None) -> None:
    start = moving.note_start(service, [_GOOD])

    assert moving.judge(service, tasks, [_node("here"), _node("there")], "here", start).move == move


def test_what_failed_before_the_move_is_not_counted() -> None:
    start = moving.note_start(_service(), [_GOOD, *_FAILURES])

    assert moving.judge(_service(), [_GOOD, *_FAILURES], [_node("here"), _node("there")], "here", start).move is None


@pytest.mark.parametrize(
    ("outcome", "serves", "loses"),
    [
        (Outcome.MOVED, True, False),
        (Outcome.NOWHERE, True, False),
        (Outcome.FAILED, True, True),
        (Outcome.TOO_SLOW, True, True),
        (Outcome.FAILED, False, False),
        (Outcome.TOO_SLOW, False, False),
    ],
)
def test_a_drain_loses_what_serves_and_could_have_moved(outcome: Outcome, serves: bool, loses: bool) -> None:
    assert Move(outcome, "", serves).loses is loses


# How long is waited.


class _Slow(Cluster):
    """A swarm whose service loses a task on the node every so often; looks may be refused until some time."""

    def __init__(self, tasks: int, every: float, trouble: Exception | None = None, until: float = 0) -> None:
        super().__init__(world.World().machines, [])
        self._tasks, self._every, self._trouble, self._until = tasks, every, trouble, until
        self._began = waiting.get_time()

    async def request(self, method: str, path: str, **rest: Any) -> Any:
        assert method == "GET"
        age = waiting.get_time() - self._began
        if self._trouble is not None and age < self._until:
            raise self._trouble
        moved = min(self._tasks, int(age / self._every))
        here, there = range(moved, self._tasks), range(moved)
        answers: dict[str, Any] = {
            "/services/web": _service(self._tasks),
            "/tasks": [*(_task(f"t{n}", "here") for n in here), *(_task(f"n{n}", "there") for n in there)],
            "/nodes": [_node("here"), _node("there")],
        }
        assert json.loads(rest.get("query", {}).get("filters", "{}")) in ({}, {"service": ["web"]})
        return answers[path]


def _wait(tasks: int, every: float, trouble: Exception | None = None, until: float = 0, **spec: Any) -> Move:
    async def main() -> Move:
        start = moving.note_start(_service(tasks, **spec), [_task(f"t{n}", "here") for n in range(tasks)])
        return await moving.wait_until_moved(_Slow(tasks, every, trouble, until), "web", "here", start, seconds=180)

    return virtual_time.run(main())


def test_a_move_may_take_long_as_long_as_it_goes_on() -> None:
    assert _wait(5, every=170) == Move(Outcome.MOVED)


def test_a_move_that_stands_still_is_too_slow() -> None:
    assert _wait(1, every=200) == Move(Outcome.TOO_SLOW, _ALONE, serves_here=True)


def test_a_move_may_rest_between_tasks_as_the_service_asks() -> None:
    assert _wait(2, every=400, UpdateConfig={"Delay": 5 * _MINUTE}) == Move(Outcome.MOVED)


@pytest.mark.parametrize(
    "trouble",
    [
        waiting.DeadlineReached("Waited 60 s for a manager that answers; last seen: nothing."),
        NoManager("No manager of the swarm answers."),
        QuorumLost("The swarm has lost its quorum."),
        HostUnreachable("Host 'manager-0' cannot be reached over SSH: no answer."),
    ],
)
def test_a_manager_that_is_away_for_a_moment_ends_no_move(trouble: Exception) -> None:
    assert _wait(1, every=10, trouble=trouble, until=100) == Move(Outcome.MOVED)


def test_a_manager_that_stays_away_is_what_is_told_at_the_end() -> None:
    move = _wait(1, every=10, trouble=NoManager("No manager of the swarm answers."), until=1000)

    assert move == Move(Outcome.TOO_SLOW, "No manager of the swarm answers", serves_here=True)


def test_what_the_engine_refuses_is_an_error() -> None:
    with pytest.raises(EngineError, match="disk full"):
        _wait(1, every=10, trouble=EngineError(500, "disk full"), until=1000)
