"""Settings that do not fit each other, and the sentence for each."""

import datetime
from typing import Any

import pytest

from components import errors
from stacks import combinations
from tests.unit.stacks import environments

_VAULT = {"keyVault": True, "secretExpiry": "2099-11-30"}
_X64 = "a size of x64 processors, as those of the image are; the letter p stands for Arm"
_GEN_2 = "an image of generation 2, such as Debian:debian-12:12-gen2:latest: Azure launches no other one trusted"
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
        ({"managerSize": "Standard_D2ps_v5"}, f"managerSize must be {_X64}; got 'Standard_D2ps_v5'."),
        ({"workerSize": "Standard_D2ps_v5"}, f"workerSize must be {_X64}; got 'Standard_D2ps_v5'."),
        ({"jumpSize": "Standard_B2pts_v2"}, f"jumpSize must be {_X64}; got 'Standard_B2pts_v2'."),
        (
            {"workerFallbackSizes": ["Standard_D2as_v5", "Standard_D2ps_v5"]},
            f"workerFallbackSizes[1] must be {_X64}; got 'Standard_D2ps_v5'.",
        ),
        (
            {"hostSizes": {"worker-1": "Standard_D2ps_v5"}},
            f"hostSizes.worker-1 must be {_X64}; got 'Standard_D2ps_v5'.",
        ),
        (
            {"hostDiskType": "Premium_LRS", "managerFallbackSizes": ["Standard_D2a_v4"]},
            "managerFallbackSizes[0] must be a size with the letter s, which takes Premium disks, where the disk is "
            "Premium_LRS; got 'Standard_D2a_v4'.",
        ),
        ({"hostImage": "Debian:debian-12:12:latest"}, f"hostImage must be {_GEN_2}; got 'Debian:debian-12:12:latest'."),
        ({"jumpImage": "Debian:debian-12:12:latest"}, f"jumpImage must be {_GEN_2}; got 'Debian:debian-12:12:latest'."),
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


def test_the_sizes_of_a_role_without_hosts_may_be_any() -> None:
    image = "Debian:debian-12:12-arm64:latest"
    changes = {"hostImage": image, "workers": 0, "managerSize": "Standard_D2ps_v5", "managerFallbackSizes": []}
    chosen = environments.load_settings("dev", **changes)

    assert chosen.worker_size == "Standard_B2als_v2"
