"""NAT gateways: a subnet with one has a way out, one without has none."""

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm
from sandbox.store import Record


class NatGateway(arm.ArmType):
    """A NAT gateway."""

    token = "azure-native:network:NatGateway"
    description = "A NAT gateway."
    path = "/providers/Microsoft.Network/natGateways/{natGatewayName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "natGatewayName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "sku": arm.SKU,
        "publicIpAddresses": kit.Property("array", "Ids of public addresses."),
        "idleTimeoutInMinutes": kit.Property("integer", "4 to 120."),
        "zones": arm.ZONES,
        "tags": arm.TAGS,
    }

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks the addresses: without one there is no way out, and Azure takes the gateway all the same."""
        for reference in inputs.get("publicIpAddresses") or []:
            address = self.require(arm.id_of(reference))
            if arm.look_up(address.inputs, "sku.name") != "Standard":
                text = f"NAT gateway {record.id} needs public addresses of sku Standard; {address.id} is not."
                raise arm.ArmError(400, "NatGatewayAndPublicIpSkuMismatch", text)
        return {}

    def refuse_delete(self, record: Record) -> None:
        """Refuses while a subnet refers to it."""
        users = self.users_of(record.id)
        if users:
            text = f"NAT gateway {record.id} cannot be deleted because it is in use by subnet {users[0].id}."
            raise arm.ArmError(400, "InUseNatGatewayCannotBeDeleted", text)
