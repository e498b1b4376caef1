"""How a refused value is worded."""

from typing import Any

import pulumi
import pytest

from components import access, errors
from tests.unit.components import building


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "nothing"), ("a", "'a'"), (5, "5"), ("x" * 200, f"'{'x' * 119}..."), ({"a": 1}, "{'a': 1}")],
)
def test_a_value_is_shown_as_the_program_has_it(value: Any, shown: str) -> None:
    assert errors.show(value) == shown


def test_a_refusal_is_printed_without_a_traceback() -> None:
    assert issubclass(errors.InputError, pulumi.RunError)


def test_a_private_key_is_never_shown() -> None:
    host = access.ExistingHost(host_name="h", private_ip="10.0.9.1", access=building.SSH)

    assert "operator_private_key" not in repr(host)
