"""Azure Bastion, which the sandbox does not have: it is refused before anything is made."""

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm

_SENTENCE = (
    "the sandbox has no Azure Bastion, whose tunnels az opens through Azure itself; set access to jump or private here"
)


class BastionHost(arm.ArmType):
    """A Bastion host."""

    token = "azure-native:network:BastionHost"
    description = "Azure Bastion; refused here."
    path = "/providers/Microsoft.Network/bastionHosts/{bastionHostName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "bastionHostName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "sku": arm.SKU,
        "enableTunneling": kit.Property("boolean", "Whether az opens tunnels."),
        "ipConfigurations": kit.Property("array", "Subnet and public address."),
        "tags": arm.TAGS,
    }

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses it, in previews too."""
        return kit.Checked(inputs, (kit.Failure("bastionHostName", _SENTENCE),))
