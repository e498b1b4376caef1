"""What to do when Azure has no room for a host."""

import pytest

from tests.unit.stacks import environments
from tools import capacity, facts, pulumi_cli

_HOST = "urn:pulumi:prod::azure-swarm::azure-swarm:components:ContainerHost$azure-native:compute:VirtualMachine::"
_AZURE = facts.Commands("prod", "azure")
_AGAIN = "then make up STACK=prod CLOUD=azure"


@pytest.fixture(autouse=True)
def project_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(environments.ROOT)


@pytest.mark.parametrize(
    "code",
    [
        "SkuNotAvailable",
        "AllocationFailed",
        "ZonalAllocationFailed",
        "OverconstrainedAllocationRequest",
        "OverconstrainedZonalAllocationRequest",
    ],
)
def test_every_code_of_azures_is_found(code: str) -> None:
    errors = [pulumi_cli.Error(f"{_HOST}worker-2-0a1b2c", f'Status=409 Code="{code}" Message="no"')]

    assert capacity.find_shortages(errors) == {"worker-2": code}


@pytest.mark.parametrize(
    ("urn", "message"),
    [
        (f"{_HOST}worker-2-0a1b2c", 'Code="OperationNotAllowed" Message="quota"'),
        (f"{_HOST}worker-2-0a1b2c", 'Code="NotSkuNotAvailableAtAll"'),
        ("urn:pulumi:prod::azure-swarm::azure-native:network:NetworkInterface::n", 'Code="SkuNotAvailable"'),
        ("", "SkuNotAvailable"),
    ],
)
def test_nothing_else_is_taken_for_it(urn: str, message: str) -> None:
    assert capacity.find_shortages([pulumi_cli.Error(urn, message)]) == {}


def test_the_next_size_is_taken_by_one_command() -> None:
    chosen = environments.load_settings("prod")

    assert capacity.advise("worker-2", "SkuNotAvailable", chosen, _AZURE) == (
        "Azure has no room for worker-2, Standard_D4as_v5 in zone 3 of westeurope (SkuNotAvailable). The next of "
        "workerFallbackSizes is Standard_D4s_v5: pulumi config set --path hostSizes.worker-2 Standard_D4s_v5 --stack "
        f"prod, {_AGAIN}"
    )


def test_after_a_fall_back_comes_the_next_one() -> None:
    chosen = environments.load_settings("prod", hostSizes={"manager-0": "Standard_D2s_v5"})

    assert "The next of managerFallbackSizes is Standard_D2ads_v5: " in capacity.advise(
        "manager-0", "AllocationFailed", chosen, _AZURE
    )


def test_after_the_last_one_somebody_has_to_think() -> None:
    chosen = environments.load_settings("prod", hostSizes={"manager-0": "Standard_D2ads_v5"})

    assert capacity.advise("manager-0", "AllocationFailed", chosen, _AZURE) == (
        "Azure has no room for manager-0, Standard_D2ads_v5 in zone 1 of westeurope (AllocationFailed). No size of "
        f"managerFallbackSizes is left: add one, or choose another zone or region, {_AGAIN}"
    )


def test_a_size_that_is_in_no_list_falls_back_to_the_first() -> None:
    chosen = environments.load_settings("dev", hostSizes={"worker-0": "Standard_F2"})

    assert "Standard_F2 in westeurope (SkuNotAvailable). The next of workerFallbackSizes is Standard_B2ls_v2: " in (
        capacity.advise("worker-0", "SkuNotAvailable", chosen, facts.Commands("dev", "azure"))
    )


def test_the_jump_host_has_a_setting_of_its_own() -> None:
    assert capacity.advise("net-jump", "SkuNotAvailable", environments.load_settings("prod"), _AZURE) == (
        f"Azure has no room for net-jump (SkuNotAvailable): set jumpSize to another size, {_AGAIN}"
    )


def test_no_size_is_tried_twice_when_a_list_holds_the_roles_own() -> None:
    sizes = {"workerSize": "Standard_D2as_v5", "hostSizes": {"worker-0": "Standard_B2ls_v2"}}
    chosen = environments.load_settings("dev", **sizes)

    assert "No size of workerFallbackSizes is left" in (
        capacity.advise("worker-0", "SkuNotAvailable", chosen, facts.Commands("dev", "azure"))
    )
