"""The types of Azure that components make: their place in ARM, their API version, and how inputs become a body.

azure-native flattens: most of its inputs stand in `properties` on the wire to Azure, and so do those of the parts of a
network resource. A test compares the versions with what the SDK says it sends, and `tests/azure` judges the bodies by
Microsoft's own models.
"""

import dataclasses
import re
from collections.abc import Mapping

# The type that much else here asks about.
MACHINE = "azure-native:compute:VirtualMachine"
_NETWORK = "2024-05-01"
_COMPUTE = "2024-11-01"
_REGISTRY = "2023-01-01-preview"
_GROUPS = "2024-03-01"
_LOCKS = "2020-05-01"
_VAULTS = "2024-11-01"
_BUDGETS = "2024-08-01"
_WORKSPACES = "2023-09-01"
_DIAGNOSTICS = "2021-05-01-preview"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One type."""

    path: str
    """Provider, types and the inputs that hold the names, as in an id; empty for a resource group."""
    api_version: str
    """What azure-native sends."""
    scope: str = ""
    """The input with the id of what it is for; the type then stands beside that, whatever it is, and in no group."""
    beside: frozenset[str] = frozenset({"location", "tags"})
    """The inputs that stand beside `properties`; all others stand in it."""
    parts: frozenset[str] = frozenset()
    """The paths of the lists whose items have `properties` of their own."""
    renamed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """By path the name on the wire to Azure, where azure-native has another one."""
    public: frozenset[str] = frozenset()
    """The paths that are shown though the input around them is secret as a whole."""

    @property
    def name_inputs(self) -> list[str]:
        """The inputs that hold the names, the resource's own last."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def arm_type(self) -> str:
        """The type as templates have it: Microsoft.Network/virtualNetworks/subnets."""
        return re.sub(r"/{\w+}", "", self.path) or "Microsoft.Resources/resourceGroups"


TYPES: Mapping[str, ResourceType] = {
    "azure-native:resources:ResourceGroup": ResourceType(path="", api_version=_GROUPS),
    # Of `ArmTemplate`, which the program itself does not use.
    "azure-native:resources:DeploymentStackAtResourceGroup": ResourceType(
        path="Microsoft.Resources/deploymentStacks/{deploymentStackName}", api_version=_GROUPS
    ),
    "azure-native:network:VirtualNetwork": ResourceType(
        path="Microsoft.Network/virtualNetworks/{virtualNetworkName}", api_version=_NETWORK
    ),
    "azure-native:network:Subnet": ResourceType(
        path="Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
        api_version=_NETWORK,
        beside=frozenset(),
    ),
    "azure-native:network:NetworkSecurityGroup": ResourceType(
        path="Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}",
        api_version=_NETWORK,
        parts=frozenset({"securityRules"}),
    ),
    "azure-native:network:PublicIPAddress": ResourceType(
        path="Microsoft.Network/publicIPAddresses/{publicIpAddressName}",
        api_version=_NETWORK,
        beside=frozenset({"location", "tags", "sku", "zones"}),
    ),
    "azure-native:network:NatGateway": ResourceType(
        path="Microsoft.Network/natGateways/{natGatewayName}",
        api_version=_NETWORK,
        beside=frozenset({"location", "tags", "sku", "zones"}),
    ),
    "azure-native:network:LoadBalancer": ResourceType(
        path="Microsoft.Network/loadBalancers/{loadBalancerName}",
        api_version=_NETWORK,
        beside=frozenset({"location", "tags", "sku"}),
        parts=frozenset({"frontendIPConfigurations", "backendAddressPools", "probes", "loadBalancingRules"}),
    ),
    "azure-native:network:BastionHost": ResourceType(
        path="Microsoft.Network/bastionHosts/{bastionHostName}",
        api_version=_NETWORK,
        beside=frozenset({"location", "tags", "sku", "zones"}),
        parts=frozenset({"ipConfigurations"}),
    ),
    "azure-native:network:NetworkInterface": ResourceType(
        path="Microsoft.Network/networkInterfaces/{networkInterfaceName}",
        api_version=_NETWORK,
        parts=frozenset({"ipConfigurations"}),
    ),
    "azure-native:compute:AvailabilitySet": ResourceType(
        path="Microsoft.Compute/availabilitySets/{availabilitySetName}",
        api_version=_COMPUTE,
        beside=frozenset({"location", "tags", "sku"}),
    ),
    MACHINE: ResourceType(
        path="Microsoft.Compute/virtualMachines/{vmName}",
        api_version=_COMPUTE,
        beside=frozenset({"location", "tags", "zones", "identity", "plan"}),
        parts=frozenset({"networkProfile.networkInterfaces"}),
        public=frozenset({"osProfile.computerName", "osProfile.adminUsername", "osProfile.linuxConfiguration"}),
    ),
    "azure-native:containerregistry:Registry": ResourceType(
        path="Microsoft.ContainerRegistry/registries/{registryName}",
        api_version=_REGISTRY,
        beside=frozenset({"location", "tags", "sku", "identity"}),
    ),
    "azure-native:authorization:ManagementLockByScope": ResourceType(
        path="Microsoft.Authorization/locks/{lockName}", api_version=_LOCKS, scope="scope", beside=frozenset()
    ),
    "azure-native:keyvault:Vault": ResourceType(
        path="Microsoft.KeyVault/vaults/{vaultName}",
        api_version=_VAULTS,
        beside=frozenset({"location", "tags", "properties"}),
    ),
    "azure-native:keyvault:Secret": ResourceType(
        path="Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
        api_version=_VAULTS,
        beside=frozenset({"tags", "properties"}),
        renamed={"properties.attributes.expires": "exp"},
        public=frozenset({"properties.contentType", "properties.attributes"}),
    ),
    "azure-native:consumption:Budget": ResourceType(
        path="Microsoft.Consumption/budgets/{budgetName}", api_version=_BUDGETS, scope="scope", beside=frozenset()
    ),
    "azure-native:operationalinsights:Workspace": ResourceType(
        path="Microsoft.OperationalInsights/workspaces/{workspaceName}",
        api_version=_WORKSPACES,
    ),
    "azure-native:monitor:DiagnosticSetting": ResourceType(
        path="Microsoft.Insights/diagnosticSettings/{name}",
        api_version=_DIAGNOSTICS,
        scope="resourceUri",
        beside=frozenset(),
    ),
}
