"""Virtual networks: an address space; its subnets are resources of their own."""

import ipaddress

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm
from sandbox.store import Record


class VirtualNetwork(arm.ArmType):
    """A virtual network."""

    token = "azure-native:network:VirtualNetwork"
    description = "A virtual network."
    path = "/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "virtualNetworkName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "addressSpace": kit.Property("object", "addressPrefixes in CIDR form.", required=True),
        "enableDdosProtection": kit.Property("boolean", "Whether floods are held off."),
        "enableVmProtection": kit.Property("boolean", "Without effect on Azure too."),
        "privateEndpointVNetPolicies": arm.string("Without effect here."),
        "tags": arm.TAGS,
    }
    only = {"enableDdosProtection": False, "enableVmProtection": False}

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks the address space. What subnets are there stays: `subnets` is not given."""
        for prefix in inputs["addressSpace"].get("addressPrefixes") or []:
            try:
                ipaddress.IPv4Network(prefix)
            except ValueError as error:
                text = f"The address prefix {prefix} in resource {record.id} is not formatted correctly: {error}."
                raise arm.ArmError(400, "InvalidAddressPrefixFormat", text) from error
        return {}

    def refuse_delete(self, record: Record) -> None:
        """Refuses while it has subnets in use."""
        subnets = [one for one in self._store.list_of("azure-native:network:Subnet") if arm.refers(one.id, record.id)]
        used = [one for one in subnets if self.users_of(one.id)]
        if used:
            text = f"Subnet {used[0].name} is in use and cannot be deleted."
            raise arm.ArmError(400, "InUseSubnetCannotBeDeleted", text)
