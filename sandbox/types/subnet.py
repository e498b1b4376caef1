"""Subnets: each is a bridge network of Docker with that very address range."""

import ipaddress

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm
from sandbox.store import Record


class Subnet(arm.ArmType):
    """A subnet."""

    token = "azure-native:network:Subnet"
    description = "A subnet."
    path = "/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}"
    has_body = True
    inputs = {
        "resourceGroupName": arm.GROUP,
        "virtualNetworkName": arm.string("The network's name.", required=True, replaces=True),
        "subnetName": arm.string("The name.", required=True, replaces=True),
        "addressPrefix": arm.string("The range in CIDR form.", required=True),
        "networkSecurityGroup": kit.Property("object", "The id of a security group."),
        "natGateway": kit.Property("object", "The id of a NAT gateway."),
        "defaultOutboundAccess": kit.Property(
            "boolean", "Whether there is a way out without a NAT gateway.", required=True
        ),
        "privateEndpointNetworkPolicies": arm.string("Without effect here."),
        "privateLinkServiceNetworkPolicies": arm.string("Without effect here."),
    }
    only = {"defaultOutboundAccess": False}

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks the range and the references."""
        network = self._require_network(record, inputs)
        _refuse_outside(record, inputs["addressPrefix"], network)
        self._refuse_second(record, network)
        for key in ("networkSecurityGroup", "natGateway"):
            if key in inputs:
                self.require(arm.id_of(inputs[key]))
        if old is not None and _moved(old, inputs) and self.users_of(record.id):
            text = f"IP prefix of subnet {record.name} is in use and cannot be changed."
            raise arm.ArmError(400, "InUsePrefixCannotBeDeleted", text)
        return {}

    async def embody(self, record: Record, inputs: Plain, old: Record | None) -> None:
        """Makes the network, anew when its range moved."""
        if old is not None and _moved(old, inputs):
            await self._world.remove(record)
        await self._world.create_subnet(record, inputs["addressPrefix"])

    def _require_network(self, record: Record, inputs: Plain) -> Record:
        network_id = record.id.partition("/subnets/")[0]
        if self._store.find(network_id) is None:
            text = f"The Resource 'Microsoft.Network/virtualNetworks/{inputs['virtualNetworkName']}' was not found."
            raise arm.ArmError(404, "ResourceNotFound", text)
        return self.require(network_id)

    def _refuse_second(self, record: Record, network: Record) -> None:
        # Docker's bridges do not route to each other, so two subnets could not talk as Azure's do.
        others = [one.name for one in self._store.list_of(self.token) if arm.refers(one.id, network.id)]
        if [name for name in others if name != record.name]:
            raise kit.ResourceError(
                f"The sandbox covers one subnet a virtual network; '{network.name}' has '{others[0]}' already."
            )

    def refuse_delete(self, record: Record) -> None:
        """Refuses while interfaces stand in it."""
        users = self.users_of(record.id)
        if users:
            text = f"Subnet {record.name} is in use by {users[0].id} and cannot be deleted."
            raise arm.ArmError(400, "InUseSubnetCannotBeDeleted", text)


def _moved(old: Record, inputs: Plain) -> bool:
    return bool(old.inputs["addressPrefix"] != inputs["addressPrefix"])


def _refuse_outside(record: Record, prefix: str, network: Record) -> None:
    spaces = [ipaddress.IPv4Network(space) for space in network.inputs["addressSpace"]["addressPrefixes"]]
    try:
        inside = any(ipaddress.IPv4Network(prefix).subnet_of(space) for space in spaces)
    except ValueError:
        inside = False
    if not inside:
        text = f"Subnet '{record.name}' is not valid in virtual network '{network.name}'."
        raise arm.ArmError(400, "NetcfgInvalidSubnet", text)
