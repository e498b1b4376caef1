"""How the count of mutants is judged."""

import pytest

import tools
from tools import mutants


def test_enough_dead_mutants_are_a_sentence() -> None:
    counts = {"total": 40, "killed": 35, "timeout": 1, "survived": 4}

    assert mutants.judge(counts) == "36 of 40 mutants of the planner died (90.0%)."


@pytest.mark.parametrize(("total", "share"), [(40, "87.5%"), (0, "0.0%")])
def test_too_few_dead_mutants_are_an_error(total: int, share: str) -> None:
    counts = {"total": total, "killed": min(total, 35), "timeout": 0}

    with pytest.raises(tools.ToolError) as caught:
        mutants.judge(counts)

    assert str(caught.value).endswith(f"mutants of the planner died ({share}); at least 90% must.")
