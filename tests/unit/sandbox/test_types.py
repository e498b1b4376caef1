"""The azure-native types on a world without bodies: ids, addresses, and what Azure would refuse."""

import base64
import pathlib

import pytest

from providers import kit
from sandbox import arm
from tests.unit.sandbox.bare_azure import (
    ADDRESS,
    ARM_GROUP,
    GROUP,
    INTERFACE,
    MACHINE,
    NETWORK,
    SUBNET_ID,
    Azure,
    code_of,
)


def test_ids_are_those_of_azure(network: Azure) -> None:
    assert network.create("NetworkInterface", INTERFACE).id == f"{NETWORK}/networkInterfaces/nic"


def test_the_first_four_addresses_of_a_subnet_are_azures_own(network: Azure) -> None:
    made = network.create("NetworkInterface", INTERFACE)

    assert made.outputs["ipConfigurations"][0]["privateIPAddress"] == "10.80.1.4"


def test_a_full_subnet_refuses(network: Azure) -> None:
    for number in range(3):
        network.create("NetworkInterface", {**INTERFACE, "networkInterfaceName": f"nic-{number}"})

    with pytest.raises(arm.ArmError) as caught:
        network.create("NetworkInterface", INTERFACE)

    assert code_of(caught) == "SubnetIsFull"


def test_public_addresses_are_local_to_this_machine_and_differ(azure: Azure) -> None:
    one = azure.create("PublicIPAddress", ADDRESS).outputs["ipAddress"]
    other = azure.create("PublicIPAddress", {**ADDRESS, "publicIpAddressName": "ip2"}).outputs["ipAddress"]

    assert one.startswith("127.")
    assert one != other


def test_nothing_is_made_in_a_group_that_is_not_there(azure: Azure) -> None:
    with pytest.raises(arm.ArmError) as caught:
        azure.create("PublicIPAddress", {**ADDRESS, "resourceGroupName": "other"})

    assert str(caught.value) == (
        'Status=404 Code="ResourceGroupNotFound" Message="Resource group \'other\' could not be found."'
    )


def test_what_is_there_is_not_created_again(azure: Azure) -> None:
    azure.create("PublicIPAddress", ADDRESS)

    with pytest.raises(kit.ResourceError, match="cannot create already existing resource"):
        azure.create("PublicIPAddress", ADDRESS)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("customData", base64.b64encode(b"#cloud-config\nlocale: false\n").decode()),
        ("computerName", "other"),
        ("adminUsername", "other"),
    ],
)
def test_a_change_that_azure_refuses_is_refused_in_its_words(network: Azure, path: str, value: str) -> None:
    network.create("NetworkInterface", INTERFACE)
    made = network.create("VirtualMachine", MACHINE)

    with pytest.raises(arm.ArmError) as caught:
        network.update("VirtualMachine", made.id, {**MACHINE, "osProfile": {**MACHINE["osProfile"], path: value}})

    assert str(caught.value) == (
        f'Status=409 Code="PropertyChangeNotAllowed" Message="Changing property \'osProfile.{path}\' is not allowed."'
    )


_ZONES = ["1", "2", "3"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ([], _ZONES, "NoZone and the request has availability zone constraint 1, 2, 3"),
        (_ZONES, [], "1, 2, 3 and the request has availability zone constraint NoZone"),
    ],
)
def test_the_zones_of_an_address_are_fixed_when_it_is_made(
    azure: Azure, old: list[str], new: list[str], told: str
) -> None:
    made = azure.create("PublicIPAddress", {**ADDRESS, "zones": old})

    with pytest.raises(arm.ArmError) as caught:
        azure.update("PublicIPAddress", made.id, {**ADDRESS, "zones": new})

    assert str(caught.value) == (
        f'Status=400 Code="ResourceAvailabilityZonesCannotBeModified" Message="Resource {made.id} has an existing '
        f"availability zone constraint {told}, which do not match. Zones cannot be added/updated/removed once the "
        'resource is created. The resource cannot be updated from regional to zonal or vice-versa."'
    )


def test_a_change_of_an_addresss_zones_is_an_update_as_with_azure_native(azure: Azure) -> None:
    changes = azure.types["PublicIPAddress"].diff({**ADDRESS, "zones": _ZONES}, ADDRESS)

    assert [change.replace for change in changes.values()] == [False]


def test_the_zones_of_a_registry_are_fixed_when_it_is_made(azure: Azure) -> None:
    registry = {**GROUP, "registryName": "images", "sku": {"name": "Premium"}, "zoneRedundancy": "Enabled"}
    made = azure.create("Registry", registry)

    with pytest.raises(arm.ArmError) as caught:
        azure.update("Registry", made.id, {**registry, "zoneRedundancy": "Disabled"})

    assert code_of(caught) == "PropertyChangeNotAllowed"
    assert azure.update("Registry", made.id, {**registry, "sku": {"name": "Standard"}})["name"] == "images"


def test_the_store_never_holds_the_user_data(network: Azure, tmp_path: pathlib.Path) -> None:
    network.create("NetworkInterface", INTERFACE)
    network.create("VirtualMachine", MACHINE)

    assert "customData" not in (tmp_path / "resources.json").read_text()
    assert (tmp_path / "resources.json").stat().st_mode & 0o777 == 0o600


def test_a_read_takes_the_user_data_from_the_state(network: Azure) -> None:
    network.create("NetworkInterface", INTERFACE)
    made = network.create("VirtualMachine", MACHINE)

    found = network.read("VirtualMachine", made.id, MACHINE)

    assert found is not None
    assert found.inputs["osProfile"]["customData"] == MACHINE["osProfile"]["customData"]


@pytest.mark.parametrize(
    ("name", "resource_id", "code"),
    [
        ("NetworkInterface", f"{NETWORK}/networkInterfaces/nic", "NicInUse"),
        ("Subnet", SUBNET_ID, "InUseSubnetCannotBeDeleted"),
        ("VirtualNetwork", f"{NETWORK}/virtualNetworks/net", "InUseSubnetCannotBeDeleted"),
    ],
)
def test_what_is_in_use_is_not_deleted(network: Azure, name: str, resource_id: str, code: str) -> None:
    network.create("NetworkInterface", INTERFACE)
    network.create("VirtualMachine", MACHINE)

    with pytest.raises(arm.ArmError) as caught:
        network.delete(name, resource_id)

    assert code_of(caught) == code


def test_a_group_takes_everything_in_it_along(network: Azure) -> None:
    network.create("NetworkInterface", INTERFACE)

    network.delete("ResourceGroup", ARM_GROUP)

    assert network.read("Subnet", SUBNET_ID, {}) is None


def test_what_azure_adds_to_an_interface_is_no_change(network: Azure) -> None:
    made = network.create("NetworkInterface", INTERFACE)

    assert network.types["NetworkInterface"].diff({**INTERFACE, **made.outputs}, INTERFACE) == {}


def test_a_property_that_is_not_covered_is_refused_by_name(azure: Azure) -> None:
    checked = azure.types["PublicIPAddress"].check({**ADDRESS, "ddosSettings": {}}, {})

    assert [failure.path for failure in checked.failures] == ["ddosSettings"]
    assert "got 'ddosSettings'" in checked.failures[0].reason


def test_a_value_that_is_not_covered_is_refused_with_the_one_that_is(azure: Azure) -> None:
    inputs = {
        "resourceGroupName": "rg",
        "virtualNetworkName": "net",
        "subnetName": "hosts",
        "addressPrefix": "10.80.1.0/24",
        "defaultOutboundAccess": True,
    }

    checked = azure.types["Subnet"].check(inputs, {})

    assert [failure.reason for failure in checked.failures] == [
        "the sandbox covers defaultOutboundAccess: False only; got True"
    ]


def test_two_rules_of_one_priority_conflict(azure: Azure) -> None:
    rule = {"name": "a", "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "priority": 100}

    with pytest.raises(arm.ArmError) as caught:
        azure.create(
            "NetworkSecurityGroup",
            {**GROUP, "networkSecurityGroupName": "nsg", "securityRules": [rule, {**rule, "name": "b"}]},
        )

    assert code_of(caught) == "SecurityRuleConflict"


def test_a_subnet_outside_its_network_is_refused(network: Azure) -> None:
    inputs = {
        "resourceGroupName": "rg",
        "virtualNetworkName": "net",
        "subnetName": "hosts",
        "addressPrefix": "10.90.1.0/24",
        "defaultOutboundAccess": False,
    }

    with pytest.raises(arm.ArmError) as caught:
        network.update("Subnet", SUBNET_ID, inputs)

    assert code_of(caught) == "NetcfgInvalidSubnet"


GUARD = {"networkSecurityGroup": {"id": f"{NETWORK}/networkSecurityGroups/nsg"}}


def test_an_interface_may_have_the_security_group_that_its_subnet_has_not(network: Azure) -> None:
    network.create("NetworkSecurityGroup", {**GROUP, "networkSecurityGroupName": "nsg"})
    network.create("NetworkInterface", {**INTERFACE, **GUARD})

    with pytest.raises(arm.ArmError) as caught:
        network.delete("NetworkSecurityGroup", GUARD["networkSecurityGroup"]["id"])

    assert code_of(caught) == "InUseNetworkSecurityGroupCannotBeDeleted"


def test_security_groups_on_both_are_not_covered(network: Azure) -> None:
    network.create("NetworkSecurityGroup", {**GROUP, "networkSecurityGroupName": "nsg"})
    subnet = {**GUARD, "addressPrefix": "10.80.1.0/29", "defaultOutboundAccess": False}
    names = {"resourceGroupName": "rg", "virtualNetworkName": "net", "subnetName": "hosts"}
    network.update("Subnet", SUBNET_ID, {**names, **subnet})

    with pytest.raises(kit.ResourceError) as refused:
        network.create("NetworkInterface", {**INTERFACE, **GUARD})

    assert str(refused.value) == (
        "The sandbox covers a security group on an interface or on its subnet, not on both; 'nic' has one, and so has "
        "'hosts'."
    )


def test_bastion_is_refused_in_previews_too(azure: Azure) -> None:
    (failure,) = azure.types["BastionHost"].check({**GROUP, "bastionHostName": "b"}, {}).failures

    assert failure.reason.startswith("the sandbox has no Azure Bastion")
