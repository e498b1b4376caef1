"""The judgement of services: what is done, what is waited for, what has failed."""

from typing import Any

import pytest

from providers.swarm import judgement
from providers.swarm.judgement import Verdict

_TEMPLATE = {"ContainerSpec": {"Image": "web@sha256:2"}}


def _service(mode: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    template = {**_TEMPLATE, **more.pop("template", {})}
    return {"Spec": {"Mode": mode or {"Replicated": {"Replicas": 1}}, "TaskTemplate": template}, **more}


def _task(state: str = "running", **more: Any) -> dict[str, Any]:
    status = {"State": state, "Err": more.pop("error", "")}
    base = {"Slot": 1, "NodeID": "n1", "DesiredState": "running", "Spec": _TEMPLATE}
    return {**base, "Status": status, **more}


def _node(node_id: str = "n1", state: str = "ready", availability: str = "active", **spec: Any) -> dict[str, Any]:
    return {
        "ID": node_id,
        "Status": {"State": state},
        "Spec": {"Availability": availability, "Role": "worker", **spec},
        "Description": {
            "Hostname": f"host-{node_id}",
            "Platform": {"OS": "linux", "Architecture": "x86_64"},
            "Engine": {"Labels": {"gpu": "yes"}},
        },
    }


_OLD: dict[str, Any] = {"Spec": {"ContainerSpec": {"Image": "web@sha256:1"}}}
_TWO = {"Replicated": {"Replicas": 2}}


@pytest.mark.parametrize(
    ("service", "tasks", "nodes", "verdict", "text"),
    [
        pytest.param(
            _service(), [_task()], [_node()], Verdict.DONE, "1 of 1 tasks run the wanted spec, 0 another", id="done"
        ),
        pytest.param(
            _service({"Replicated": {"Replicas": 0}}),
            [],
            [_node()],
            Verdict.DONE,
            "0 of 0 tasks run the wanted spec, 0 another",
            id="scaled to nothing",
        ),
        pytest.param(
            _service({"Replicated": {}}),
            [],
            [_node()],
            Verdict.PENDING,
            "0 of 1 tasks run the wanted spec, 0 another",
            id="one replica when none is named",
        ),
        pytest.param(
            _service({"Replicated": None}),
            [_task()],
            [_node()],
            Verdict.DONE,
            "1 of 1 tasks run the wanted spec, 0 another",
            id="one replica when the mode is empty",
        ),
        pytest.param(
            _service(_TWO),
            [_task()],
            [_node()],
            Verdict.PENDING,
            "1 of 2 tasks run the wanted spec, 0 another",
            id="too few",
        ),
        pytest.param(
            _service(),
            [_task(), _task(Slot=2)],
            [_node()],
            Verdict.PENDING,
            "2 of 1 tasks run the wanted spec, 0 another",
            id="too many",
        ),
        pytest.param(
            _service(),
            [_task(), _task(**_OLD)],
            [_node()],
            Verdict.PENDING,
            "1 of 1 tasks run the wanted spec, 1 another",
            id="an old task runs beside the new one",
        ),
        pytest.param(
            _service(),
            [_task(), _task(DesiredState="shutdown")],
            [_node()],
            Verdict.PENDING,
            "1 of 1 tasks run the wanted spec, 1 another",
            id="a task that is to stop still runs",
        ),
        pytest.param(
            _service(),
            [_task(), _task("starting"), _task("shutdown", **_OLD)],
            [_node()],
            Verdict.DONE,
            "1 of 1 tasks run the wanted spec, 0 another",
            id="what does not run does not count",
        ),
        pytest.param(
            _service(),
            [_task(), _task(NodeID="n2", **_OLD), _task(NodeID="n3")],
            [_node(), _node("n2", state="down")],
            Verdict.DONE,
            "1 of 1 tasks run the wanted spec, 0 another",
            id="what dead and removed nodes said last does not count",
        ),
        pytest.param(
            _service(UpdateStatus={"State": "updating"}),
            [_task()],
            [_node()],
            Verdict.PENDING,
            "1 of 1 tasks run the wanted spec, 0 another",
            id="an update that goes on is watched to its end",
        ),
        pytest.param(
            _service(UpdateStatus={"State": "completed"}),
            [_task()],
            [_node()],
            Verdict.DONE,
            "1 of 1 tasks run the wanted spec, 0 another",
            id="an update that is completed",
        ),
        pytest.param(
            _service(UpdateStatus={"State": "paused", "Message": "update paused due to failure"}),
            [_task(error="exit 1")],
            [_node()],
            Verdict.FAILED,
            "the update is paused: update paused due to failure; its tasks say: exit 1",
            id="paused",
        ),
        pytest.param(
            _service(UpdateStatus={"State": "rollback_started"}),
            [],
            [_node()],
            Verdict.FAILED,
            "the update is rollback_started: ",
            id="rolling back",
        ),
        pytest.param(
            _service(UpdateStatus={"State": "rollback_paused"}),
            [],
            [_node()],
            Verdict.FAILED,
            "the update is rollback_paused: ",
            id="rolling back, paused",
        ),
        pytest.param(
            _service(UpdateStatus={"State": "rollback_completed"}),
            [_task(**_OLD)],
            [_node()],
            Verdict.FAILED,
            "the update is rollback_completed: ",
            id="rolled back",
        ),
        pytest.param(
            _service(),
            [_task("failed", error="exit 1", UpdatedAt=str(at)) for at in range(3)],
            [_node()],
            Verdict.FAILED,
            "0 of 1 tasks run the wanted spec, 0 another; its tasks say: exit 1",
            id="a slot that fails again and again",
        ),
        pytest.param(
            _service(),
            [_task("rejected", error="No such image", Slot=None)] * 3,
            [_node()],
            Verdict.FAILED,
            "0 of 1 tasks run the wanted spec, 0 another; its tasks say: No such image",
            id="a node that rejects again and again",
        ),
        pytest.param(
            _service(),
            [_task("failed", error="a"), _task("failed", error="b")],
            [_node()],
            Verdict.PENDING,
            "0 of 1 tasks run the wanted spec, 0 another; its tasks say: a; b",
            id="two failures are no pattern",
        ),
        pytest.param(
            _service(_TWO),
            [_task("failed", Slot=1), _task("failed", Slot=1), _task("failed", Slot=2)],
            [_node()],
            Verdict.PENDING,
            "0 of 2 tasks run the wanted spec, 0 another",
            id="failures of different slots are no pattern",
        ),
        pytest.param(
            _service(_TWO),
            [_task(Slot=2), *[_task("failed", error="x")] * 3],
            [_node()],
            Verdict.PENDING,
            "1 of 2 tasks run the wanted spec, 0 another; its tasks say: x",
            id="a spec that runs somewhere is not hopeless",
        ),
        pytest.param(
            _service(),
            [_task("failed", error="x", **_OLD)] * 3,
            [_node()],
            Verdict.PENDING,
            "0 of 1 tasks run the wanted spec, 0 another; its tasks say: x",
            id="failures of the old spec are history",
        ),
        pytest.param(
            _service(template={"Placement": {"Constraints": ["node.labels.disk==ssd"]}}),
            [_task()],
            [_node()],
            Verdict.PENDING,
            "0 of 1 tasks run the wanted spec, 1 another",
            id="a task on a node that the placement no longer takes",
        ),
        pytest.param(
            _service(template={"Placement": {"Constraints": ["node.labels.disk==ssd"]}}),
            [_task()],
            [_node(Labels={"disk": "ssd"})],
            Verdict.DONE,
            "1 of 1 tasks run the wanted spec, 0 another",
            id="a task kept on a node that the placement takes",
        ),
        pytest.param(
            _service({"Global": {}}),
            [_task()],
            [_node(), _node("n2"), _node("n3", state="down"), _node("n4", availability="drain")],
            Verdict.PENDING,
            "1 of 2 tasks run the wanted spec, 0 another",
            id="global: one on every node that takes tasks",
        ),
        pytest.param(
            _service({"Global": {}}),
            [_task(), _task(NodeID="n2")],
            [_node(), _node("n2", availability="pause")],
            Verdict.DONE,
            "2 of 1 tasks run the wanted spec, 0 another",
            id="global: a paused node keeps its task",
        ),
        pytest.param(
            _service({"Global": {}}, template={"Placement": {"Constraints": ["node.role==manager"]}}),
            [],
            [_node()],
            Verdict.DONE,
            "0 of 0 tasks run the wanted spec, 0 another",
            id="global: constraints count",
        ),
        pytest.param(
            _service({"ReplicatedJob": {"TotalCompletions": 2}}),
            [_task("complete"), _task("running", Slot=2)],
            [_node()],
            Verdict.PENDING,
            "1 of 2 tasks of the job are complete",
            id="job: one to come",
        ),
        pytest.param(
            _service({"ReplicatedJob": {"MaxConcurrent": 2}}),
            [_task("complete"), _task("complete", Slot=2)],
            [_node()],
            Verdict.DONE,
            "2 of 2 tasks of the job are complete",
            id="job: as many as run at once",
        ),
        pytest.param(
            _service({"ReplicatedJob": {"MaxConcurrent": 0, "TotalCompletions": 0}}),
            [],
            [_node()],
            Verdict.DONE,
            "0 of 0 tasks of the job are complete",
            id="job: scaled to nothing",
        ),
        pytest.param(
            _service({"ReplicatedJob": None}),
            [_task("complete")],
            [_node()],
            Verdict.DONE,
            "1 of 1 tasks of the job are complete",
            id="job: one by default",
        ),
        pytest.param(
            _service({"ReplicatedJob": {}}, JobStatus={"JobIteration": {"Index": 7}}),
            [_task("complete", JobIteration={"Index": 6}, error="old"), _task("running", JobIteration={"Index": 7})],
            [_node()],
            Verdict.PENDING,
            "0 of 1 tasks of the job are complete",
            id="job: an earlier run does not count",
        ),
        pytest.param(
            _service({"ReplicatedJob": {}}, JobStatus={"JobIteration": {"Index": 7}}),
            [_task("complete", JobIteration={"Index": 7})],
            [_node()],
            Verdict.DONE,
            "1 of 1 tasks of the job are complete",
            id="job: this run counts",
        ),
        pytest.param(
            _service({"GlobalJob": {}}),
            [_task("complete")],
            [_node(), _node("n2")],
            Verdict.PENDING,
            "1 of 2 tasks of the job are complete",
            id="global job: one on every node",
        ),
        pytest.param(
            _service({"ReplicatedJob": {}}, template={"RestartPolicy": {"Condition": "none"}}),
            [_task("failed", error="exit 1")],
            [_node()],
            Verdict.FAILED,
            "0 of 1 tasks of the job are complete; its tasks say: exit 1",
            id="job: never restarted",
        ),
        pytest.param(
            _service({"ReplicatedJob": {}}, template={"RestartPolicy": {"Condition": "none"}}),
            [_task("failed", error="exit 1"), _task("starting")],
            [_node()],
            Verdict.FAILED,
            "0 of 1 tasks of the job are complete; its tasks say: exit 1",
            id="job: restarted against its policy",
        ),
        pytest.param(
            _service({"ReplicatedJob": {}}, template={"RestartPolicy": {"Condition": "none"}}),
            [],
            [_node()],
            Verdict.PENDING,
            "0 of 1 tasks of the job are complete",
            id="job: not begun",
        ),
        pytest.param(
            _service({"ReplicatedJob": {}}, template={"RestartPolicy": {"MaxAttempts": 1}}),
            [_task("failed", error="x")] * 2,
            [_node()],
            Verdict.FAILED,
            "0 of 1 tasks of the job are complete; its tasks say: x",
            id="job: restarts used up",
        ),
        pytest.param(
            _service({"ReplicatedJob": {}}, template={"RestartPolicy": {"MaxAttempts": 1}}),
            [_task("failed", error="x")],
            [_node()],
            Verdict.PENDING,
            "0 of 1 tasks of the job are complete; its tasks say: x",
            id="job: a restart is left",
        ),
        pytest.param(
            _service({"ReplicatedJob": {}}),
            [_task("failed", error="x")] * 2,
            [_node()],
            Verdict.PENDING,
            "0 of 1 tasks of the job are complete; its tasks say: x",
            id="job: two failures are no pattern",
        ),
        pytest.param(
            _service({"ReplicatedJob": {}}),
            [_task("failed", error="x")] * 3,
            [_node()],
            Verdict.FAILED,
            "0 of 1 tasks of the job are complete; its tasks say: x",
            id="job: a slot that fails again and again",
        ),
        pytest.param(
            _service({"ReplicatedJob": {"TotalCompletions": 2}}),
            [*[_task("failed", error="x")] * 9, _task("complete", Slot=2)],
            [_node()],
            Verdict.PENDING,
            "1 of 2 tasks of the job are complete; its tasks say: x",
            id="job: what works for one slot may work for the other",
        ),
    ],
)
def test_a_service_is_judged(
    service: dict[str, Any],
    tasks: list[dict[str, Any]],
    nodes: list[dict[str, Any]],
    verdict: Verdict,
    text: str,
) -> None:
    assert judgement.judge(service, tasks, nodes) == judgement.Judgement(verdict, text)


def test_the_latest_three_different_errors_are_quoted() -> None:
    told = [_task("failed", error=error, UpdatedAt=at, Slot=at) for at, error in enumerate("abbcda", start=1)]

    text = judgement.judge(_service(), told, [_node()]).text

    assert text.endswith("; its tasks say: a; d; c")
