"""The spec dialect: each case against a file that says the same in the stack dialect."""

from typing import Any

import pytest

import compose
from tests.unit.compose import case_files, normal_form

_CASES = case_files.read_cases(compose.Dialect.SPEC)
_TAKEN = [case for case in _CASES if not case.refused]
_REFUSED = [case for case in _CASES if case.refused]


def _name(case: case_files.Case) -> str:
    return case.name


def _convert_plain(case: case_files.Case) -> dict[str, Any]:
    options: dict[str, Any] = {"environment": {"HOME": "/home/somebody"}, "allow_outside": True}
    project = compose.load([case.plain], case_files.STACK, dialect=compose.Dialect.STACK, **options)
    return normal_form.of_converted(compose.convert(project))


@pytest.mark.parametrize("case", _TAKEN, ids=_name)
def test_a_modern_file_means_what_the_plain_one_says(case: case_files.Case) -> None:
    assert normal_form.of_converted(compose.convert(case.load())) == _convert_plain(case)


@pytest.mark.parametrize("case", _TAKEN, ids=_name)
def test_nothing_is_dropped_in_silence(case: case_files.Case) -> None:
    converted = compose.convert(case.load())

    assert [case_files.shorten(str(notice)).split(": ", 1)[1] for notice in converted.warnings] == case.warned


@pytest.mark.parametrize("case", _REFUSED, ids=_name)
def test_a_refusal_names_line_and_key(case: case_files.Case) -> None:
    with pytest.raises(compose.ComposeError) as caught:
        compose.convert(case.load())

    assert case_files.shorten(str(caught.value)) == case.refusal
