"""A set of hosts that Azure keeps apart in one datacentre, where there are no zones to spread them over."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native.compute as compute

from components import checks, inputs, network

# Three are not to be had in every region.
_FAULT_DOMAINS = 2
_UPDATE_DOMAINS = 5


class AvailabilitySetArgs(TypedDict):
    """What an `AvailabilitySet` takes."""

    network: "network.ClusterNetwork"
    """Where its hosts stand."""
    fault_domains: NotRequired[int]
    """Over how many racks hosts are spread, 1 to 3 and as many as the region has; default 2. A change makes a new set,
    and new hosts in it."""


class AvailabilitySet(pulumi.ComponentResource):
    """An availability set of managed disks: no two of its fault domains share power or switch."""

    set_name: str
    id: pulumi.Output[str]

    def __init__(self, name: str, args: AvailabilitySetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        who, domains = f"AvailabilitySet '{name}'", args.get("fault_domains", _FAULT_DOMAINS)
        inputs.check_keys(who, args, AvailabilitySetArgs)
        inputs.refuse(who, "name", name, checks.expected_host_name(name))
        inputs.check_kind(who, "network", args["network"], network.ClusterNetwork, "a ClusterNetwork")
        inputs.refuse(who, "fault_domains", domains, checks.expected_fault_domains(domains))
        super().__init__("azure-swarm:components:AvailabilitySet", name, {"faultDomains": domains}, opts)
        place = args["network"].place
        # Azure does not change the number in a set with members, so it is in the name, by which hosts know their set.
        self.set_name = f"{name}-{domains}"
        made = compute.AvailabilitySet(
            self.set_name,
            resource_group_name=place.resource_group_name,
            location=place.location,
            availability_set_name=self.set_name,
            platform_fault_domain_count=domains,
            platform_update_domain_count=_UPDATE_DOMAINS,
            # What managed disks ask for.
            sku={"name": "Aligned"},
            opts=pulumi.ResourceOptions(parent=self, deleted_with=place.resource_group),
        )
        self.id = made.id
        self.register_outputs({"setId": made.id})
