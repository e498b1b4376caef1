"""What a platform team wants around an environment."""

import datetime

from arm import registrations
from tests.unit import deploying
from tests.unit.stacks import environments

_BUDGET = "azure-native:consumption:Budget"
_SETTING = "azure-native:monitor:DiagnosticSetting"


def _deploy(**changes: object) -> deploying.Deployed:
    return environments.deploy_changed("dev", applications=[], **changes)


def _list_tokens(stack: str) -> set[str]:
    return {one.token for one in registrations.list_of_azure(environments.deploy_environment(stack).resources)}


def test_dev_costs_and_keeps_nothing_for_operations() -> None:
    added = {"authorization", "consumption", "operationalinsights", "monitor"}

    assert [token for token in _list_tokens("dev") if token.split(":")[1] in added] == []


def test_a_budget_begins_with_this_month() -> None:
    made = _deploy(monthlyBudget=100, budgetContacts=["team@example.org"]).one(_BUDGET)

    month = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-01T00:00:00Z")
    assert made.inputs["timePeriod"] == {"startDate": month}
    assert made.inputs["amount"] == 100


def test_what_there_is_reports() -> None:
    prod, bare = environments.deploy_environment("prod"), _deploy(logAnalytics=True)

    assert [one.name for one in prod.all(_SETTING)] == [
        "edge-ip-diagnostics",
        "edge-lb-diagnostics",
        "net-nsg-diagnostics",
        "registry-diagnostics",
    ]
    assert bare.names(_SETTING) == ["net-nsg-diagnostics", "registry-diagnostics"]


def test_locks_come_after_the_settings_that_they_would_hold() -> None:
    prod = environments.deploy_environment("prod")
    lock = prod.one("azure-native:authorization:ManagementLockByScope", "registry-lock")

    assert set(prod.names(_SETTING)) <= set(lock.depends_on)


def test_a_vault_keeps_the_operators_key_and_the_registrys_password() -> None:
    made = _deploy(keyVault=True, secretExpiry="2099-11-30").all("azure-native:keyvault:Secret")

    assert {one.inputs["secretName"]: one.inputs["properties"]["value"] for one in made} == {
        "operator-ssh-key": "operator-private",
        "registry-password": "pass-word",
    }


def test_a_vault_reports_and_is_locked_as_the_registry_is() -> None:
    made = _deploy(keyVault=True, secretExpiry="2099-11-30", logAnalytics=True, lock=True)

    assert "vault-diagnostics" in made.names(_SETTING)
    assert "vault-lock" in made.names("azure-native:authorization:ManagementLockByScope")
