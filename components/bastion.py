"""Azure Bastion: a way in to hosts without a machine of ours that has a public address."""

from collections.abc import Sequence
from typing import TypedDict

import pulumi
import pulumi_azure_native.network as azure_network

from components import checks, inputs, machine, public_address, security_rules

# Azure knows Bastion's subnet by this name.
_SUBNET = "AzureBastionSubnet"
_PROXY = "tools/bastion-proxy"


class BastionArgs(TypedDict):
    """What a `Bastion` takes."""

    place: machine.Place
    """The group, and the subnet of the hosts."""
    network_name: pulumi.Input[str]
    """The virtual network's name."""
    address_space: str
    """Its IPv4 network in CIDR form; the last /26 of it becomes Bastion's subnet."""
    operator_networks: Sequence[str]
    """The networks from which operators are let in."""
    hosts: pulumi.Resource
    """The hosts' subnet: two subnets of one network cannot be made at once."""


class Bastion(pulumi.ComponentResource):
    """Bastion's own subnet with a security group, and a Standard host with tunnels."""

    proxy_command: pulumi.Output[str]
    resource_id: pulumi.Output[str]

    def __init__(self, name: str, args: BastionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(f"Bastion '{name}'", args)
        super().__init__("azure-swarm:components:Bastion", name, {}, opts)
        place = args["place"]
        self._inside = pulumi.ResourceOptions(parent=self, deleted_with=place.resource_group)
        subnet = self._create_subnet(name, args)
        address = public_address.create_public_address(
            f"{name}-ip", place.resource_group_name, place.location, self._inside
        )
        bastion = azure_network.BastionHost(
            name,
            resource_group_name=place.resource_group_name,
            location=place.location,
            bastion_host_name=name,
            # Basic has no tunnels, which is what az's native client needs.
            sku={"name": "Standard"},
            enable_tunneling=True,
            ip_configurations=[
                {"name": "bastion", "subnet": {"id": subnet.id}, "public_ip_address": {"id": address.id}}
            ],
            opts=self._inside,
        )
        self.resource_id = bastion.id
        group = bastion.id.apply(lambda found: str(found).partition("/providers/")[0])
        self.proxy_command = pulumi.Output.concat(_PROXY, " ", name, " ", group, " %h %p")
        self.register_outputs({})

    def _create_subnet(self, name: str, args: BastionArgs) -> azure_network.Subnet:
        place = args["place"]
        group = azure_network.NetworkSecurityGroup(
            f"{name}-nsg",
            resource_group_name=place.resource_group_name,
            location=place.location,
            network_security_group_name=f"{name}-nsg",
            security_rules=security_rules.make_bastion_rules(args["operator_networks"]),
            opts=self._inside,
        )
        return azure_network.Subnet(
            f"{name}-subnet",
            resource_group_name=place.resource_group_name,
            virtual_network_name=args["network_name"],
            subnet_name=_SUBNET,
            address_prefix=checks.find_bastion_subnet(args["address_space"]),
            network_security_group={"id": group.id},
            default_outbound_access=False,
            opts=pulumi.ResourceOptions.merge(self._inside, pulumi.ResourceOptions(depends_on=[args["hosts"]])),
        )


def _check(who: str, args: BastionArgs) -> None:
    inputs.check_keys(who, args, BastionArgs)
    inputs.check_kind(who, "place", args["place"], machine.Place, "a Place")
    space = args["address_space"]
    inputs.refuse(who, "address_space", space, checks.expected_address_space(space))
    for one in inputs.check_list(who, "operator_networks", args["operator_networks"], "networks"):
        inputs.refuse(who, "operator_networks", one, checks.expected_operator_network(one))
