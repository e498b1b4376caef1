"""What an environment costs a month."""

import json
from typing import Any

import pytest

from arm import costs, registrations
from tests.unit.stacks import environments as deployed
from tools import cost, environments

_PRICES: dict[str, Any] = {
    "hoursPerMonth": 100,
    "perHour": {"Standard_A": 0.5, "public address": 0.01},
    "perMonth": {"Premium SSD": {32: 5.0, 64: 9.0}, "Standard SSD": {64: 4.0}, "Basic": 5.0},
}


def _machine(size: str = "Standard_A", gib: int = 64, kind: str = "Premium_LRS") -> registrations.Registration:
    disk = {"diskSizeGB": gib, "managedDisk": {"storageAccountType": kind}}
    inputs = {"hardwareProfile": {"vmSize": size}, "storageProfile": {"osDisk": disk}}
    return registrations.Registration(token="azure-native:compute:VirtualMachine", name="web", inputs=inputs)


def test_machines_and_disks_are_counted() -> None:
    assert costs.list_costs([_machine(gib=33), _machine(), _machine(kind="StandardSSD_LRS")], _PRICES) == [
        costs.Cost("Premium SSD of 64 GiB", 2, 18.0),
        costs.Cost("Standard SSD of 64 GiB", 1, 4.0),
        costs.Cost("Standard_A", 3, 150.0),
    ]


@pytest.mark.parametrize(
    ("machine", "what"),
    [(_machine("Standard_Z"), "Standard_Z an hour"), (_machine(gib=65), "a disk of 65 GiB")],
)
def test_what_has_no_price_is_refused(machine: registrations.Registration, what: str) -> None:
    with pytest.raises(costs.PriceError) as refused:
        costs.list_costs([machine], _PRICES)

    assert str(refused.value) == f"docs/prices.yaml must have a price of {what}; it has none."


def test_a_table_has_a_column_for_each_environment() -> None:
    table = costs.print_table({"dev": [costs.Cost("disk", 2, 18.0)], "prod": [costs.Cost("gate", 1, 0.5)]}, "USD")

    assert table == (
        "| USD a month | dev | prod |\n| --- | --: | --: |\n| disk | 18.00 (2) |  |\n| gate |  | 0.50 (1) |\n"
        "| all | 18 | 0 |\n"
    )


def test_the_guide_has_the_costs_of_every_environment() -> None:
    prices = cost.read_prices()
    found = {
        stack: costs.list_costs(deployed.deploy_environment(stack).resources, prices) for stack in environments.STACKS
    }

    guide = (environments.ROOT / "docs/azure.md").read_text(encoding="utf-8")
    assert costs.print_table(found, prices["currency"]) in guide


def test_the_command_says_of_when_the_prices_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cost.main(["--stack", "dev", "applications=[]"]) == 0

    printed = capsys.readouterr()
    assert "| NAT gateway | 32.85 (1) |" in printed.out
    assert printed.err == "Prices of 2026-11-25, eastus, from docs/prices.yaml.\n"


def test_a_size_without_a_price_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cost.main(["--stack", "dev", "jumpSize=Standard_F2", "applications=[]"]) == 1
    assert capsys.readouterr().err == (
        "azure-swarm: docs/prices.yaml must have a price of Standard_F2 an hour; it has none.\n"
    )


@pytest.mark.parametrize("stack", environments.STACKS)
def test_every_size_that_an_environment_may_fall_back_to_has_a_price(stack: str) -> None:
    chosen = environments.load_settings(stack)
    sizes = {*chosen.manager_fallback_sizes, *chosen.worker_fallback_sizes}

    assert sizes - set(cost.read_prices()["perHour"]) == set()
    assert len(sizes) > 1


def test_a_workspace_is_counted_at_its_daily_cap() -> None:
    inputs = {"workspaceCapping": {"dailyQuotaGb": 2}}
    workspace = registrations.Registration(
        token="azure-native:operationalinsights:Workspace", name="logs", inputs=inputs
    )

    assert costs.list_costs([workspace], {"hoursPerMonth": 240, "perGigabyte": {"Log Analytics": 3.0}}) == [
        costs.Cost("Log Analytics of 2 GB a day, its cap", 1, 60.0)
    ]


def test_bastion_costs_by_the_hour(capsys: pytest.CaptureFixture[str]) -> None:
    assert cost.main(["--stack", "dev", "access=bastion", "applications=[]"]) == 0

    assert "| Azure Bastion, Standard | 211.70 (1) |" in capsys.readouterr().out


def test_costs_can_be_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cost.main(["--json", "--stack", "dev"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert (told["stack"], told["currency"]) == ("dev", "USD")
    assert told["month"] == sum(one["month"] for one in told["costs"])
