"""Puts the environment's tags on everything on Azure that takes tags."""

from collections.abc import Mapping

import pulumi

# What takes tags. Subnets, locks, budgets and diagnostic settings do not, and the secrets of a key vault take 15, fewer
# than may be chosen. Tests compare this with azure-native and with what `arm` knows of the types.
TAGGED = frozenset(
    {
        "azure-native:resources:ResourceGroup",
        "azure-native:resources:DeploymentStackAtResourceGroup",
        "azure-native:network:VirtualNetwork",
        "azure-native:network:NetworkSecurityGroup",
        "azure-native:network:PublicIPAddress",
        "azure-native:network:NatGateway",
        "azure-native:network:LoadBalancer",
        "azure-native:network:BastionHost",
        "azure-native:network:NetworkInterface",
        "azure-native:compute:AvailabilitySet",
        "azure-native:compute:VirtualMachine",
        "azure-native:containerregistry:Registry",
        "azure-native:keyvault:Vault",
        "azure-native:operationalinsights:Workspace",
    }
)


def make_tags(own: Mapping[str, str]) -> dict[str, str]:
    """Gives the tags of this environment: project and stack, and its own, which come first.

    Azure does not tell 'Project' from 'project'.
    """
    taken = {name.lower() for name in own}
    ours = {"project": pulumi.get_project(), "environment": pulumi.get_stack()}
    return {**{name: value for name, value in ours.items() if name not in taken}, **own}


def put_tags_on_everything(tags: Mapping[str, str]) -> None:
    """Puts tags on every resource that the program declares from here on."""

    def put(given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if given.type_ not in TAGGED:
            return None
        return pulumi.ResourceTransformationResult({**given.props, "tags": dict(tags)}, given.opts)

    pulumi.runtime.register_stack_transformation(put)
