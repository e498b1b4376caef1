"""The stack dialect against recordings of the real `docker stack deploy`, one case file a rule."""

import json
from typing import Any

import pytest

import compose
from tests.unit.compose import case_files, normal_form

_CASES = case_files.read_cases(compose.Dialect.STACK)
_TAKEN = [case for case in _CASES if not case.refused]
_REFUSED = [case for case in _CASES if case.refused]
_RECORDED = case_files.recorded()


def _name(case: case_files.Case) -> str:
    return case.name


def _convert(case: case_files.Case) -> dict[str, Any]:
    made = normal_form.of_converted(compose.convert(case.load()))
    return dict(json.loads(json.dumps(made).replace(str(case_files.ROOT), "ROOT")))


@pytest.mark.parametrize("case", _TAKEN, ids=_name)
def test_the_specs_are_those_that_docker_stack_deploy_makes(case: case_files.Case) -> None:
    assert _convert(case) == _RECORDED[case.name]


@pytest.mark.parametrize("case", _TAKEN, ids=_name)
def test_nothing_is_dropped_in_silence(case: case_files.Case) -> None:
    converted = compose.convert(case.load())

    assert [case_files.shorten(str(notice)).split(": ", 1)[1] for notice in converted.warnings] == case.warned


@pytest.mark.parametrize("case", _REFUSED, ids=_name)
def test_a_refusal_names_line_and_key(case: case_files.Case) -> None:
    with pytest.raises(compose.ComposeError) as caught:
        compose.convert(case.load())

    assert case_files.shorten(str(caught.value)) == case.refusal


@pytest.mark.parametrize("case", [case for case in _REFUSED if not case.differs], ids=_name)
def test_docker_stack_deploy_refuses_it_too(case: case_files.Case) -> None:
    assert _RECORDED[case.name] == {"refused": True}
