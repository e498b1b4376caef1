"""The rules, held against the record of an environment."""

import pytest

from policy import rule
from tests.unit.stacks import environments as deployed
from tools import environments, policy

_EVEN = "[odd-managers] swarm: The number of managers must be 1, 3, 5 or 7; there are 2."


@pytest.mark.parametrize("stack", environments.STACKS)
def test_an_environment_keeps_all_rules(stack: str) -> None:
    assert policy.find_breaches(deployed.deploy_environment(stack).resources) == []


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
    assert capsys.readouterr() == (f"{_EVEN}\n", f"Rules: 23; breaches in {stack}: 1.\n")


def test_a_refused_setting_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert policy.main(["--stack", "dev", "workers=-1"]) == 1
    assert capsys.readouterr().err == "azure-swarm: Pulumi.dev.yaml: azure-swarm:workers must be 0 or more; got -1.\n"
