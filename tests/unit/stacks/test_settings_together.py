"""Settings that go together, and the sentence where they do not."""

import pytest

from tests.unit.stacks import environments

_SUBNET_ID = (
    "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.Network/"
    "virtualNetworks/corp/subnets/swarm"
)


@pytest.mark.parametrize(
    ("managers", "workers", "refusal"),
    [
        (3, 0, "managers must be 1 where composeTarget is host; got 3."),
        (1, 2, "workers must be 0 where composeTarget is host; got 2."),
    ],
)
def test_one_host_without_a_swarm_is_one_host(managers: int, workers: int, refusal: str) -> None:
    config = environments.make_config("dev", composeTarget="host", managers=managers, workers=workers)

    assert environments.refusal_of_settings("dev", config) == f"Pulumi.dev.yaml: azure-swarm:{refusal}"


def test_zones_and_availability_sets_are_refused_together() -> None:
    config = environments.make_config("prod", availabilitySets=True)

    assert environments.refusal_of_settings("prod", config) == (
        "Pulumi.prod.yaml: azure-swarm:availabilitySets must be false where there are zones; got True."
    )


def test_flatcar_takes_no_version_of_docker() -> None:
    config = environments.make_config("dev", hostImage="flatcar", dockerSource="docker", dockerVersion="28.5.1")

    assert environments.refusal_of_settings("dev", config) == (
        "Pulumi.dev.yaml: azure-swarm:dockerVersion must be '' where the image is Flatcar's, which brings Docker's "
        "engine; got '28.5.1'."
    )


def test_a_subnet_that_exists_is_in_no_address_space_of_ours() -> None:
    chosen = environments.load_settings("dev", subnetId=_SUBNET_ID, hostSubnet="192.168.7.0/24")

    assert (chosen.subnet_id, chosen.host_subnet) == (_SUBNET_ID, "192.168.7.0/24")


def test_bastion_is_refused_beside_a_subnet_that_exists() -> None:
    config = environments.make_config("dev", subnetId=_SUBNET_ID, access="bastion")

    assert environments.refusal_of_settings("dev", config) == (
        "Pulumi.dev.yaml: azure-swarm:access must be jump or private with a subnet that exists: Bastion needs a subnet "
        "of its network besides; got 'bastion'."
    )


def test_hosts_leave_room_for_bastion() -> None:
    config = environments.make_config("dev", hostSubnet="10.80.255.0/24", access="bastion")

    assert environments.refusal_of_settings("dev", config) == (
        "Pulumi.dev.yaml: azure-swarm:hostSubnet must be clear of 10.80.255.192/26, which Azure Bastion takes; "
        "got '10.80.255.0/24'."
    )
