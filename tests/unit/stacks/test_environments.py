"""The settings of the environments, and what follows from them for a host."""

import pathlib

import pytest

from stacks import settings
from tests.unit.stacks import environments

_DEV = settings.Settings(
    location="westeurope",
    address_space="10.80.0.0/16",
    host_subnet="10.80.1.0/24",
    operator_networks=("203.0.113.0/24",),
    managers=1,
    workers=2,
    max_unavailable=4,
    manager_size="Standard_B2als_v2",
    worker_size="Standard_B2als_v2",
    jump_size="Standard_B2ats_v2",
    jump_image="debian-12",
    manager_fallback_sizes=("Standard_B2ls_v2", "Standard_D2as_v5"),
    worker_fallback_sizes=("Standard_B2ls_v2", "Standard_D2as_v5"),
    host_sizes={},
    zones=(),
    availability_sets=False,
    drained_hosts=(),
    host_image="debian-12",
    host_disk_gib=64,
    host_disk_type="StandardSSD_LRS",
    registry_sku="Basic",
    registry_name="",
    encryption_at_host=False,
    docker_source="debian",
    docker_version="",
    unattended_upgrades=False,
    protect=False,
    tags={},
    lock=False,
    monthly_budget=0,
    budget_contacts=(),
    log_analytics=False,
    log_retention_days=30,
    log_daily_gb=1,
    key_vault=False,
    key_vault_name="",
    secret_expiry=None,
    access="jump",
    proxy_command="",
    subnet_id="",
    compose_target="swarm",
    compose_dialect="auto",
    compose_strict=False,
    compose_allow_outside=False,
    applications=(settings.Application("shop", pathlib.Path("apps/shop/compose.yaml")),),
)


def test_dev_is_one_manager_and_two_workers() -> None:
    assert environments.load_settings("dev") == _DEV


def test_test_is_dev_on_other_sizes() -> None:
    dev, test = environments.load_settings("dev"), environments.load_settings("test")

    assert (test.managers, test.workers) == (dev.managers, dev.workers)
    assert test.manager_size != dev.manager_size
    assert test.worker_size != dev.worker_size


def test_prod_is_three_and_three_over_three_zones_and_protected() -> None:
    prod = environments.load_settings("prod")

    assert (prod.managers, prod.workers) == (3, 3)
    assert prod.zones == ("1", "2", "3")
    assert prod.protect


def test_no_two_environments_share_addresses() -> None:
    spaces = {environments.load_settings(stack).address_space for stack in ("dev", "test", "prod")}

    assert len(spaces) == 3


@pytest.mark.parametrize(("index", "zone"), [(0, "1"), (1, "3"), (2, "1"), (3, "3")])
def test_a_host_is_always_in_the_same_zone(index: int, zone: str) -> None:
    assert environments.load_settings("dev", zones=["1", "3"]).zone(index) == zone


def test_a_host_without_zones_is_in_none() -> None:
    assert environments.load_settings("dev").zone(5) == ""


def test_a_host_has_its_own_size_or_that_of_its_role() -> None:
    chosen = environments.load_settings("prod", hostSizes={"worker-2": "Standard_D4s_v5"})

    assert [chosen.size("worker", index) for index in (1, 2)] == ["Standard_D4as_v5", "Standard_D4s_v5"]
    assert chosen.size("manager", 2) == "Standard_D2as_v5"
