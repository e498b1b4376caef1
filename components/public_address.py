"""A public address that stays: Standard, as load balancers, NAT gateways and Bastion take no other."""

from collections.abc import Sequence

import pulumi
import pulumi_azure_native.network as azure_network


def create_public_address(
    name: str,
    group_name: pulumi.Input[str],
    location: str,
    opts: pulumi.ResourceOptions,
    zones: Sequence[str] = (),
) -> azure_network.PublicIPAddress:
    """Creates the address; without zones Azure puts it where it likes.

    It keeps the zones with which it was made, whatever is asked for later: Azure changes none, and another address
    would lose what clients know.
    """
    return azure_network.PublicIPAddress(
        name,
        resource_group_name=group_name,
        location=location,
        public_ip_address_name=name,
        sku={"name": "Standard"},
        public_ip_allocation_method="Static",
        zones=list(zones) or None,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["zones"])),
    )
