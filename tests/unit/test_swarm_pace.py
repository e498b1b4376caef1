"""How long tasks may take to end, and updates to rest."""

from typing import Any

import pytest

from providers.swarm import pace

_MINUTE = 60 * 10**9


def _template(grace: int | None = None) -> dict[str, Any]:
    return {"ContainerSpec": {} if grace is None else {"StopGracePeriod": grace}}


def test_the_slowest_task_counts() -> None:
    assert pace.find_grace([{"Spec": _template(_MINUTE)}, {"Spec": _template(5 * _MINUTE)}]) == 300


@pytest.mark.parametrize(("tasks", "seconds"), [([], 0), ([{"Spec": _template()}], 10), ([{"Spec": {}}], 10)])
def test_the_engine_has_a_time_of_its_own(tasks: list[dict[str, Any]], seconds: float) -> None:
    assert pace.find_grace(tasks) == seconds


@pytest.mark.parametrize(
    ("spec", "seconds"),
    [
        ({"TaskTemplate": _template()}, 10),
        ({"TaskTemplate": _template(_MINUTE)}, 60),
        ({"TaskTemplate": _template(), "UpdateConfig": {"Delay": 2 * _MINUTE}}, 130),
        ({"TaskTemplate": _template(), "UpdateConfig": {}}, 10),
    ],
)
def test_a_step_of_an_update_is_an_end_and_a_delay(spec: dict[str, Any], seconds: float) -> None:
    assert pace.find_step({"Spec": spec}) == seconds
