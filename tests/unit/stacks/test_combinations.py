"""Settings that do not fit each other, and the sentence for each."""

import datetime
from typing import Any

import pytest

from components import errors
from stacks import combinations
from tests.unit.stacks import environments

_VAULT = {"keyVault": True, "secretExpiry": "2099-11-30"}
_MANY = [f"team-{index}@example.org" for index in range(51)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"operatorNetworks": ["203.0.113.0/24", "203.0.0.0/16"]},
            "operatorNetworks must be a list in which no two overlap, as 203.0.113.0/24 and 203.0.0.0/16 do; "
            "got ['203.0.113.0/24', '203.0.0.0/16'].",
        ),
        (
            {**_VAULT, "operatorNetworks": ["10.9.0.0/16", "192.168.7.0/24"]},
            "operatorNetworks must be a list with a public network for the key vault, whose firewall knows no private "
            "ones; got ['10.9.0.0/16', '192.168.7.0/24'].",
        ),
        ({"secretExpiry": "2099-11-30"}, "secretExpiry must be '' where keyVault is false; got '2099-11-30'."),
        ({"keyVault": True}, "secretExpiry must be a day such as '2027-11-30' where keyVault is true; got ''."),
        (
            {"budgetContacts": ["team@example.org"]},
            "budgetContacts must be [] where monthlyBudget is 0; got ['team@example.org'].",
        ),
        (
            {"monthlyBudget": 100, "budgetContacts": _MANY},
            f"budgetContacts must be at most 50 e-mail addresses; got {errors.show(_MANY)}.",
        ),
    ],
)
def test_settings_that_do_not_fit_are_refused_by_file_and_key(changes: dict[str, Any], refusal: str) -> None:
    sentence = environments.refusal_of_settings("dev", environments.make_config("dev", **changes))

    assert sentence == f"Pulumi.dev.yaml: azure-swarm:{refusal}"


@pytest.mark.parametrize("today", ["2099-11-30", "2099-12-01"])
def test_a_day_that_is_not_to_come_is_refused_since_the_secrets_would_be_dead(today: str) -> None:
    chosen = environments.load_settings("dev", **_VAULT)

    (refused,) = combinations.list_refusals(chosen, datetime.date.fromisoformat(today))

    assert refused == (
        "secretExpiry",
        f"a day after {today}, since the secrets in the key vault say that they end on it",
        "2099-11-30",
    )


def test_a_day_to_come_is_taken() -> None:
    chosen = environments.load_settings("dev", **_VAULT)

    assert list(combinations.list_refusals(chosen, datetime.date(2099, 11, 29))) == []


def test_today_is_what_the_clock_says() -> None:
    config = environments.make_config("dev", keyVault=True, secretExpiry="2020-01-01")

    assert environments.refusal_of_settings("dev", config).startswith(
        "Pulumi.dev.yaml: azure-swarm:secretExpiry must be a day after 20"
    )
