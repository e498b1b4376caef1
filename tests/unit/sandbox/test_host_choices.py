"""The choices of hosts in the sandbox: images, availability sets, and sizes that it has no room for."""

import pathlib
from typing import Any

import pytest

from sandbox import arm, capacity, home
from tests.unit.sandbox import bare_azure

_SET = {
    **bare_azure.GROUP,
    "availabilitySetName": "workers",
    "platformFaultDomainCount": 2,
    "platformUpdateDomainCount": 5,
    "sku": {"name": "Aligned"},
}
_SET_ID = f"{bare_azure.ARM_GROUP}/providers/Microsoft.Compute/availabilitySets/workers"
_IN_SET = {**bare_azure.MACHINE, "availabilitySet": {"id": _SET_ID}}


def code_of(error: pytest.ExceptionInfo[arm.ArmError]) -> str:
    return error.value.code


@pytest.mark.parametrize("version", ["latest", "0.20260914.2601"])
def test_debian_12_boots_in_whatever_version(azure: bare_azure.Azure, version: str) -> None:
    profile = {"imageReference": {"offer": "debian-12", "version": version}}

    assert azure.types["VirtualMachine"].check({**bare_azure.MACHINE, "storageProfile": profile}, {}).failures == ()


@pytest.mark.parametrize(
    ("reference", "came"),
    [
        ({"offer": "debian-13", "publisher": "Debian"}, "debian-13"),
        ({"offer": "flatcar-container-linux-corevm-amd64"}, "flatcar-container-linux-corevm-amd64"),
        ({"id": "/images/host"}, "/images/host"),
        ({}, "none"),
    ],
)
def test_another_image_is_refused_in_one_sentence(
    azure: bare_azure.Azure, reference: dict[str, str], came: str
) -> None:
    inputs = {**bare_azure.MACHINE, "storageProfile": {"imageReference": reference}}

    (failure,) = azure.types["VirtualMachine"].check(inputs, {}).failures
    assert (failure.path, failure.reason) == (
        "storageProfile.imageReference",
        f"the sandbox boots debian-12 only, which its node image is made of; got '{came}', whose place on Azure "
        "`make record` and `make arm` show",
    )


def test_a_machine_is_in_a_set_that_is_there(network: bare_azure.Azure) -> None:
    network.create("NetworkInterface", bare_azure.INTERFACE)
    network.create("AvailabilitySet", _SET)

    assert network.create("VirtualMachine", _IN_SET).outputs["name"] == "vm"


def test_a_set_that_is_not_there_is_refused(network: bare_azure.Azure) -> None:
    network.create("NetworkInterface", bare_azure.INTERFACE)

    with pytest.raises(arm.ArmError) as caught:
        network.create("VirtualMachine", _IN_SET)

    assert code_of(caught) == "InvalidResourceReference"


def test_a_machine_has_a_zone_or_a_set(network: bare_azure.Azure) -> None:
    network.create("NetworkInterface", bare_azure.INTERFACE)
    network.create("AvailabilitySet", _SET)

    with pytest.raises(arm.ArmError) as caught:
        network.create("VirtualMachine", {**_IN_SET, "zones": ["1"]})

    assert code_of(caught) == "InvalidParameter"


def test_a_machine_that_stays_does_not_change_its_set(network: bare_azure.Azure) -> None:
    network.create("NetworkInterface", bare_azure.INTERFACE)
    network.create("AvailabilitySet", _SET)
    made = network.create("VirtualMachine", _IN_SET)

    with pytest.raises(arm.ArmError) as caught:
        network.update("VirtualMachine", made.id, bare_azure.MACHINE)

    assert code_of(caught) == "PropertyChangeNotAllowed"


def test_a_set_with_a_machine_stays(network: bare_azure.Azure) -> None:
    network.create("NetworkInterface", bare_azure.INTERFACE)
    network.create("AvailabilitySet", _SET)
    network.create("VirtualMachine", _IN_SET)

    with pytest.raises(arm.ArmError) as caught:
        network.delete("AvailabilitySet", _SET_ID)

    assert code_of(caught) == "OperationNotAllowed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"platformFaultDomainCount": 4}, "InvalidParameter"),
        ({"platformUpdateDomainCount": 0}, "InvalidParameter"),
        ({"platformFaultDomainCount": 3}, "PropertyChangeNotAllowed"),
    ],
)
def test_a_set_keeps_its_counts(azure: bare_azure.Azure, change: dict[str, Any], code: str) -> None:
    made = azure.create("AvailabilitySet", _SET)

    with pytest.raises(arm.ArmError) as caught:
        azure.update("AvailabilitySet", made.id, {**_SET, **change})

    assert code_of(caught) == code


def test_a_size_without_room_is_refused_in_azures_words() -> None:
    with pytest.raises(arm.ArmError) as caught:
        capacity.refuse_unavailable(["Standard_B2als_v2"], bare_azure.MACHINE)

    assert str(caught.value) == (
        'Status=409 Code="SkuNotAvailable" Message="The requested VM size for resource \'Following SKUs have failed '
        "for Capacity Restrictions: Standard_B2als_v2' is currently not available in location 'westeurope'. Please try "
        "another size or deploy to a different location or different zone. See https://aka.ms/azureskunotavailable for "
        'details."'
    )


def test_a_size_may_lack_room_in_one_zone_only() -> None:
    in_zone = {**bare_azure.MACHINE, "zones": ["2"]}

    capacity.refuse_unavailable(["Standard_B2als_v2@3", "Standard_D2as_v5"], in_zone)
    with pytest.raises(arm.ArmError):
        capacity.refuse_unavailable(["Standard_B2als_v2@2"], in_zone)


def test_the_sizes_are_read_from_the_environment(tmp_path: pathlib.Path) -> None:
    found = home.find_home({"SANDBOX_UNAVAILABLE_SIZES": "Standard_D4as_v5 Standard_D2as_v5@3"}, tmp_path)

    assert found.unavailable_sizes == ("Standard_D4as_v5", "Standard_D2as_v5@3")
