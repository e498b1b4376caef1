"""The azure-native types on a world without bodies: ids, addresses, and what Azure would refuse."""

import base64
import datetime
import pathlib
from typing import Any

import pytest

from providers import kit
from sandbox import arm, home
from sandbox.store import Store
from sandbox.types import make_types
from sandbox.world import NoWorld
from tests.doubles import virtual_time

GROUP = {"resourceGroupName": "rg", "location": "westeurope"}
ARM_GROUP = f"/subscriptions/{home.SUBSCRIPTION}/resourceGroups/rg"
NETWORK = f"{ARM_GROUP}/providers/Microsoft.Network"
SUBNET_ID = f"{NETWORK}/virtualNetworks/net/subnets/hosts"
STANDARD = {"sku": {"name": "Standard"}}
ADDRESS = {**GROUP, **STANDARD, "publicIpAddressName": "ip", "publicIPAllocationMethod": "Static"}
INTERFACE = {
    **GROUP,
    "networkInterfaceName": "nic",
    "ipConfigurations": [{"name": "primary", "subnet": {"id": SUBNET_ID}}],
}
MACHINE: dict[str, Any] = {
    **GROUP,
    "vmName": "vm",
    "hardwareProfile": {"vmSize": "Standard_B2als_v2"},
    "networkProfile": {"networkInterfaces": [{"id": f"{NETWORK}/networkInterfaces/nic"}]},
    "osProfile": {
        "computerName": "vm",
        "adminUsername": "azureuser",
        "customData": base64.b64encode(b"#cloud-config\n").decode(),
    },
    "storageProfile": {"imageReference": {"offer": "debian-12"}},
}
CONTEXT = kit.Context("it", "urn", 0, lambda _text: None, lambda _text: None)


class Azure:
    """The types by their short names, on one store."""

    def __init__(self, folder: pathlib.Path) -> None:
        place = home.Home(folder, "azsw-test", "/nowhere")
        listed = make_types(Store(folder / "resources.json"), NoWorld(), place)
        self.types: dict[str, arm.ArmType] = {type(one).__name__: one for one in listed}

    def create(self, name: str, inputs: dict[str, Any]) -> kit.Created:
        checked = self.types[name].check(inputs, {})
        assert checked.failures == ()
        return virtual_time.run_in_real_time(self.types[name].create(CONTEXT, checked.inputs))

    def update(self, name: str, resource_id: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return virtual_time.run_in_real_time(
            self.types[name].update(CONTEXT, resource_id, {}, self.types[name].check(inputs, {}).inputs)
        )

    def read(self, name: str, resource_id: str, state: dict[str, Any]) -> kit.Observed | None:
        return virtual_time.run_in_real_time(self.types[name].read(CONTEXT, resource_id, state))

    def delete(self, name: str, resource_id: str) -> None:
        virtual_time.run_in_real_time(self.types[name].delete(CONTEXT, resource_id, {}))


@pytest.fixture
def azure(tmp_path: pathlib.Path) -> Azure:
    made = Azure(tmp_path)
    made.create("ResourceGroup", GROUP)
    return made


@pytest.fixture
def network(azure: Azure) -> Azure:
    azure.create(
        "VirtualNetwork",
        {**GROUP, "virtualNetworkName": "net", "addressSpace": {"addressPrefixes": ["10.80.0.0/16"]}},
    )
    azure.create(
        "Subnet",
        {
            "resourceGroupName": "rg",
            "virtualNetworkName": "net",
            "subnetName": "hosts",
            "addressPrefix": "10.80.1.0/29",
            "defaultOutboundAccess": False,
        },
    )
    return azure


def code_of(error: pytest.ExceptionInfo[arm.ArmError]) -> str:
    return error.value.code


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
