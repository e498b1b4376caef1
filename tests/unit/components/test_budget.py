"""The budget of a resource group."""

import datetime
from typing import Any

import pytest

from components import budget, errors
from tests.unit import deploying
from tests.unit.components import building

_MANY = ["team@example.org"] * 51

_BUDGET = "azure-native:consumption:Budget"
_ARGS: dict[str, Any] = {
    "monthly_amount": 200,
    "contacts": ["team@example.org"],
    "start": datetime.date(2026, 11, 1),
}


def _deploy() -> deploying.Recorded:
    return building.deploy_on_network(budget.Budget, "budget", _ARGS).one(_BUDGET)


def test_the_budget_watches_the_group() -> None:
    made = _deploy()

    assert made.inputs["scope"] == deploying.GROUP_ID
    assert (made.inputs["amount"], made.inputs["category"], made.inputs["timeGrain"]) == (200, "Cost", "Monthly")


def test_people_are_written_to_when_it_is_spent_and_when_it_will_be() -> None:
    told = _deploy().inputs["notifications"]

    assert {(one["thresholdType"], one["threshold"], one["operator"]) for one in told.values()} == {
        ("Actual", 80, "GreaterThan"),
        ("Forecasted", 100, "GreaterThan"),
    }
    assert {tuple(one["contactEmails"]) for one in told.values()} == {("team@example.org",)}


def test_it_begins_with_a_month_and_the_next_month_changes_nothing() -> None:
    made = _deploy()

    assert made.inputs["timePeriod"] == {"startDate": "2026-11-01T00:00:00Z"}
    assert made.ignore_changes == ("timePeriod",)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"network": "net"}, "network must be a ClusterNetwork; got 'net'."),
        ({"monthly_amount": 0}, "monthly_amount must be a whole number from 1 to 10000000; got 0."),
        ({"monthly_amount": 9.5}, "monthly_amount must be a whole number from 1 to 10000000; got 9.5."),
        ({"contacts": _MANY}, f"contacts must be at most 50 e-mail addresses; got {errors.show(_MANY)}."),
        ({"contacts": []}, "contacts must be at least one e-mail address; got []."),
        ({"contacts": ["a b@c.de"]}, "contacts must be an e-mail address such as 'team@example.org'; got 'a b@c.de'."),
        (
            {"start": datetime.date(2026, 11, 2)},
            "start must be the first day of a month; got datetime.date(2026, 11, 2).",
        ),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    sentence = building.refusal_on_network(budget.Budget, "budget", {**_ARGS, **change})

    assert sentence == f"Budget 'budget': {refusal}"
