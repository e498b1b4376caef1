"""Locks, budgets, workspaces, diagnostic settings and key vaults, on a world without bodies."""

import datetime
import pathlib
from typing import Any

import pytest

from sandbox import arm
from tests.unit.sandbox.bare_azure import ADDRESS, ARM_GROUP, GROUP, NETWORK, Azure, code_of

LOCK = {"scope": f"{NETWORK}/publicIPAddresses/ip", "lockName": "ip-lock", "level": "CanNotDelete"}


def test_the_id_of_a_lock_begins_with_that_of_what_it_locks(azure: Azure) -> None:
    azure.create("PublicIPAddress", ADDRESS)
    made = azure.create("ManagementLock", LOCK)

    assert made.id == f"{NETWORK}/publicIPAddresses/ip/providers/Microsoft.Authorization/locks/ip-lock"
    assert made.outputs["type"] == "Microsoft.Authorization/locks"


@pytest.mark.parametrize(
    ("scope", "name", "resource_id"),
    [
        (LOCK["scope"], "PublicIPAddress", LOCK["scope"]),
        (LOCK["scope"], "ResourceGroup", ARM_GROUP),
        (ARM_GROUP, "PublicIPAddress", LOCK["scope"]),
    ],
)
def test_what_a_lock_is_on_around_or_inside_is_not_deleted(
    azure: Azure, scope: str, name: str, resource_id: str
) -> None:
    azure.create("PublicIPAddress", ADDRESS)
    lock = azure.create("ManagementLock", {**LOCK, "scope": scope})

    with pytest.raises(arm.ArmError) as caught:
        azure.delete(name, resource_id)

    assert code_of(caught) == "ScopeLocked"
    azure.delete("ManagementLock", lock.id)
    azure.delete(name, resource_id)
    assert azure.read(name, resource_id, {}) is None


def test_a_lock_on_what_is_not_there_is_refused(azure: Azure) -> None:
    with pytest.raises(arm.ArmError) as caught:
        azure.create("ManagementLock", LOCK)

    assert code_of(caught) == "InvalidResourceReference"


def test_a_lock_on_no_group_is_refused(azure: Azure) -> None:
    with pytest.raises(arm.ArmError) as caught:
        azure.create("ManagementLock", {**LOCK, "scope": "/subscriptions/x"})

    assert code_of(caught) == "InvalidScope"


MONTH = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-01T00:00:00Z")
BUDGET: dict[str, Any] = {
    "scope": ARM_GROUP,
    "budgetName": "budget",
    "amount": 100,
    "category": "Cost",
    "timeGrain": "Monthly",
    "timePeriod": {"startDate": MONTH},
}


def test_a_budget_begins_with_this_month(azure: Azure) -> None:
    with pytest.raises(arm.ArmError, match="Start date must be the first of this month"):
        azure.create("Budget", {**BUDGET, "timePeriod": {"startDate": "2020-01-01T00:00:00Z"}})


def test_a_budget_keeps_its_first_month(azure: Azure) -> None:
    made = azure.create("Budget", BUDGET)
    azure.update("Budget", made.id, {**BUDGET, "amount": 200})

    with pytest.raises(arm.ArmError, match="does not change"):
        azure.update("Budget", made.id, {**BUDGET, "timePeriod": {"startDate": "2020-01-01T00:00:00Z"}})


def test_a_budget_goes_with_its_group(azure: Azure) -> None:
    made = azure.create("Budget", BUDGET)
    azure.delete("ResourceGroup", ARM_GROUP)

    assert azure.read("Budget", made.id, {}) is None


WORKSPACE = f"{ARM_GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs"
SETTING: dict[str, Any] = {
    "resourceUri": LOCK["scope"],
    "name": "ip",
    "workspaceId": WORKSPACE,
    "metrics": [{"category": "AllMetrics", "enabled": True}],
}


def test_a_setting_sends_what_its_resource_has_to_a_workspace(azure: Azure) -> None:
    azure.create("PublicIPAddress", ADDRESS)
    azure.create("Workspace", {**GROUP, "workspaceName": "logs"})

    made = azure.create("DiagnosticSetting", SETTING)
    assert made.id == f"{LOCK['scope']}/providers/Microsoft.Insights/diagnosticSettings/ip"


def test_a_setting_needs_a_workspace(azure: Azure) -> None:
    azure.create("PublicIPAddress", ADDRESS)

    with pytest.raises(arm.ArmError) as caught:
        azure.create("DiagnosticSetting", SETTING)

    assert code_of(caught) == "InvalidResourceReference"


def test_a_security_group_has_no_metrics(azure: Azure) -> None:
    azure.create("Workspace", {**GROUP, "workspaceName": "logs"})
    group = azure.create("NetworkSecurityGroup", {**GROUP, "networkSecurityGroupName": "nsg"})

    with pytest.raises(arm.ArmError, match="Metrics are not supported"):
        azure.create("DiagnosticSetting", {**SETTING, "resourceUri": group.id})


VAULT: dict[str, Any] = {**GROUP, "vaultName": "keys", "properties": {"softDeleteRetentionInDays": 90}}
SECRET: dict[str, Any] = {
    "resourceGroupName": "rg",
    "vaultName": "keys",
    "secretName": "pass",
    "properties": {"value": "hidden-value", "contentType": "password"},
}


def test_a_vaults_secret_is_in_no_file_of_the_sandbox(azure: Azure, tmp_path: pathlib.Path) -> None:
    azure.create("Vault", VAULT)
    made = azure.create("VaultSecret", SECRET)

    assert made.id.endswith("/vaults/keys/secrets/pass")
    assert "hidden-value" not in (tmp_path / "resources.json").read_text(encoding="utf-8")
    found = azure.read("VaultSecret", made.id, SECRET)
    assert found is not None
    assert found.inputs["properties"] == SECRET["properties"]


def test_a_secret_needs_its_vault(azure: Azure) -> None:
    with pytest.raises(arm.ArmError) as caught:
        azure.create("VaultSecret", SECRET)

    assert code_of(caught) == "InvalidResourceReference"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vaultName": "a--b"}, "VaultNameNotValid"),
        ({"properties": {"enablePurgeProtection": False}}, "cannot be set to false"),
    ],
)
def test_a_vault_that_azure_refuses(azure: Azure, change: dict[str, Any], words: str) -> None:
    with pytest.raises(arm.ArmError, match=words):
        azure.create("Vault", {**VAULT, **change})


def test_a_vault_keeps_what_is_deleted_for_as_long_as_it_said_first(azure: Azure) -> None:
    made = azure.create("Vault", VAULT)

    with pytest.raises(arm.ArmError, match="can't be modified"):
        azure.update("Vault", made.id, {**VAULT, "properties": {"softDeleteRetentionInDays": 7}})
