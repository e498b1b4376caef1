"""The rules, held against the record of an environment."""

from typing import Any

import pytest

from policy import rule
from tests.unit.stacks import environments as deployed
from tools import policy

_EVEN = "[odd-managers] swarm: The number of managers must be 1, 3, 5 or 7; there are 2."


@pytest.mark.parametrize("stack", ["test", "prod"])
def test_an_environment_keeps_all_rules(stack: str) -> None:
    assert policy.find_breaches(deployed.deploy_environment(stack).resources) == []


def test_dev_breaks_the_one_rule_that_asks_something_of_the_subscription() -> None:
    found = policy.find_breaches(deployed.deploy_environment("dev").resources)

    assert {one.rule for one in found} == {"encryption-at-host"}
    assert [one.resource.rpartition("-")[0] for one in found] == ["manager-0", "net-jump", "worker-0", "worker-1"]


@pytest.mark.parametrize(
    "changes",
    [
        {"access": "bastion"},
        {"access": "private"},
        {"hostImage": "flatcar"},
        {"hostImage": "flatcar=/CommunityGalleries/ours-1/Images/flatcar/Versions/1.0.0"},
        {"keyVault": True, "secretExpiry": "2099-11-30"},
        {
            "subnetId": "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/shared/providers/"
            "Microsoft.Network/virtualNetworks/corp/subnets/swarm"
        },
    ],
)
def test_every_choice_keeps_all_rules(changes: dict[str, Any]) -> None:
    chosen = deployed.deploy_changed("test", applications=[], **changes)

    assert policy.find_breaches(chosen.resources) == []


def test_a_breach_says_rule_resource_and_what_to_change() -> None:
    breach = rule.Breach("odd-managers", "swarm", "The number of managers must be 1, 3, 5 or 7; there are 2.")

    assert str(breach) == _EVEN
    assert str(rule.Breach("one-way-in", "", "Leave one.")) == "[one-way-in] Leave one."


@pytest.mark.parametrize(("stack", "code"), [("dev", 0), ("test", 1), ("prod", 1)])
def test_a_breach_fails_but_in_dev(
    stack: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    breach = rule.Breach("odd-managers", "swarm", "The number of managers must be 1, 3, 5 or 7; there are 2.")
    monkeypatch.setattr(policy, "find_breaches", lambda _: [breach])

    assert policy.main(["--stack", stack, "applications=[]"]) == code
    assert capsys.readouterr() == (f"{_EVEN}\n", f"Rules: 29; breaches in {stack}: 1.\n")


def test_a_refused_setting_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert policy.main(["--stack", "dev", "workers=-1"]) == 1
    assert capsys.readouterr().err == "azure-swarm: On the command line: workers must be 0 or more; got -1.\n"
