"""The network of a cluster: group, virtual network, host subnet, closed by default, egress by NAT, one way in."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_azure_native.network as azure_network
import pulumi_azure_native.resources as resources

import cloud_init
from components import access, checks, inputs, jump_host, machine, naming
from providers.swarm import sdk

_LONGEST_NAME = checks.LONGEST_HOST_NAME - len("-jump")


class ClusterNetworkArgs(TypedDict):
    """What a `ClusterNetwork` takes."""

    location: str
    """The Azure region, such as westeurope."""
    address_space: str
    """The virtual network's IPv4 network in CIDR form."""
    operator_networks: Sequence[str]
    """The networks from which SSH to the jump host is let in."""
    host_subnet: NotRequired[str]
    """The hosts' network inside the address space; default: all of it."""
    open_ports: NotRequired[Sequence[int]]
    """TCP ports that clients on the internet may reach through the load balancer; default none."""
    jump_size: NotRequired[str]
    """The jump host's size; default the smallest."""
    image: NotRequired[str]
    """The jump host's image; default Debian 12."""
    encryption_at_host: NotRequired[bool]
    """Whether the jump host's caches and temporary disks are encrypted too; default no."""
    unattended_upgrades: NotRequired[bool]
    """Whether the jump host installs security upgrades as they come, without a restart; default no."""
    protect: NotRequired[bool]
    """Whether the resource group, and with it everything, is protected from `destroy`; default no."""


class ClusterNetwork(pulumi.ComponentResource):
    """Resource group, virtual network, subnet with security group and NAT gateway, SSH authority and jump host."""

    resource_group_name: pulumi.Output[str]
    group_id: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    open_ports: list[int]
    authority: sdk.SshAuthority
    access: access.SshAccess
    place: machine.Place

    def __init__(self, name: str, args: ClusterNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        subnet_prefix = args.get("host_subnet", args["address_space"])
        ports = sorted(set(args.get("open_ports", ())))
        facts = {"location": args["location"], "hostSubnet": subnet_prefix, "openPorts": ports}
        super().__init__("azure-swarm:components:ClusterNetwork", name, facts, opts)
        self.open_ports = ports
        group = self._create_group(name, args)
        self.resource_group_name, self.group_id = group.name, group.id
        # What lives in the group goes with it: destroying is one call.
        self._inside = pulumi.ResourceOptions(parent=self, deleted_with=group)
        subnet = self._create_subnet(name, args, subnet_prefix)
        self.authority = sdk.SshAuthority(
            f"{name}-authority",
            {"comment": f"{pulumi.get_project()}-{pulumi.get_stack()}"},
            pulumi.ResourceOptions(parent=self),
        )
        self.place = machine.Place(group, group.name, args["location"], subnet.id, self.authority)
        jump = self._create_jump_host(name, args)
        self.access = access.SshAccess(
            jump_address=jump.address,
            jump_name=jump.host_name,
            ca_public_key=self.authority.ca_public_key,
            operator_private_key=self.authority.operator_private_key,
        )
        self.register_outputs({"resourceGroupName": group.name, "jumpAddress": jump.address})

    def _create_group(self, name: str, args: ClusterNetworkArgs) -> resources.ResourceGroup:
        return resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=naming.make_group_name(name),
            location=args["location"],
            opts=pulumi.ResourceOptions(parent=self, protect=args.get("protect", False)),
        )

    def _create_jump_host(self, name: str, args: ClusterNetworkArgs) -> jump_host.JumpHost:
        jump_args: jump_host.JumpHostArgs = {
            "place": self.place,
            "size": args.get("jump_size", inputs.SMALLEST_SIZE),
            "image": args.get("image", inputs.DEBIAN),
            "encryption_at_host": args.get("encryption_at_host", False),
            "unattended_upgrades": args.get("unattended_upgrades", False),
        }
        return jump_host.JumpHost(f"{name}-jump", jump_args, pulumi.ResourceOptions(parent=self))

    def _create_subnet(self, name: str, args: ClusterNetworkArgs, prefix: str) -> azure_network.Subnet:
        location = args["location"]
        self.security_group_id = self._create_security_group(name, args, prefix).id
        network = azure_network.VirtualNetwork(
            f"{name}-vnet",
            resource_group_name=self.resource_group_name,
            location=location,
            virtual_network_name=f"{name}-vnet",
            # Without `subnets`: given inline, even empty, they fight with the Subnet resource.
            address_space={"address_prefixes": [args["address_space"]]},
            opts=self._inside,
        )
        return azure_network.Subnet(
            f"{name}-hosts",
            resource_group_name=self.resource_group_name,
            virtual_network_name=network.name,
            subnet_name=f"{name}-hosts",
            address_prefix=prefix,
            network_security_group={"id": self.security_group_id},
            nat_gateway={"id": self._create_nat(name, location).id},
            # On by default at the API version that azure-native sends.
            default_outbound_access=False,
            opts=self._inside,
        )

    def _create_security_group(
        self, name: str, args: ClusterNetworkArgs, prefix: str
    ) -> azure_network.NetworkSecurityGroup:
        return azure_network.NetworkSecurityGroup(
            f"{name}-nsg",
            resource_group_name=self.resource_group_name,
            location=args["location"],
            network_security_group_name=f"{name}-nsg",
            security_rules=make_security_rules(prefix, args["operator_networks"], self.open_ports),
            opts=self._inside,
        )

    def _create_nat(self, name: str, location: str) -> azure_network.NatGateway:
        address = azure_network.PublicIPAddress(
            f"{name}-nat-ip",
            resource_group_name=self.resource_group_name,
            location=location,
            public_ip_address_name=f"{name}-nat-ip",
            sku={"name": "Standard"},
            public_ip_allocation_method="Static",
            opts=self._inside,
        )
        return azure_network.NatGateway(
            f"{name}-nat",
            resource_group_name=self.resource_group_name,
            location=location,
            nat_gateway_name=f"{name}-nat",
            sku={"name": "Standard"},
            public_ip_addresses=[{"id": address.id}],
            idle_timeout_in_minutes=4,
            opts=self._inside,
        )


def _check(name: str, args: ClusterNetworkArgs) -> None:
    who = f"ClusterNetwork '{name}'"
    inputs.check_keys(who, args, ClusterNetworkArgs)
    inputs.refuse(who, "name", name, checks.expected_host_name(name, _LONGEST_NAME))
    inputs.refuse(who, "location", args["location"], checks.expected_location(args["location"]))
    _check_networks(who, args)
    for port in inputs.check_list(who, "open_ports", args.get("open_ports", ()), "ports"):
        inputs.refuse(who, "open_ports", port, checks.expected_published_port(port))
    for key in ("protect", "encryption_at_host", "unattended_upgrades"):
        inputs.refuse(who, key, args.get(key, False), checks.expected_flag(args.get(key, False)))
    size, image = args.get("jump_size", inputs.SMALLEST_SIZE), args.get("image", inputs.DEBIAN)
    inputs.refuse(who, "jump_size", size, checks.expected_size(size))
    inputs.refuse(who, "image", image, checks.expected_image(image))


def _check_networks(who: str, args: ClusterNetworkArgs) -> None:
    space, subnet = args["address_space"], args.get("host_subnet", args["address_space"])
    inputs.refuse(who, "address_space", space, checks.expected_address_space(space))
    inputs.refuse(who, "host_subnet", subnet, checks.expected_address_space(subnet))
    inputs.refuse(who, "host_subnet", subnet, checks.expected_inside(subnet, space))
    operators = inputs.check_list(who, "operator_networks", args["operator_networks"], "networks")
    inputs.refuse(who, "operator_networks", operators, None if operators else "a list of at least one network")
    for one in operators:
        inputs.refuse(who, "operator_networks", one, checks.expected_operator_network(one))


def make_security_rules(
    subnet: str, operator_networks: Sequence[str], open_ports: Sequence[int]
) -> list[dict[str, Any]]:
    """Gives the inbound rules in order of priority; the last one closes what no rule opens.

    Swarm's own ports (https://docs.docker.com/engine/swarm/swarm-tutorial/#open-protocols-and-ports-between-the-hosts)
    and ESP, for encrypted overlays, are open inside the subnet. Azure's default rule that lets the whole virtual
    network in is shut by the last one, hence the explicit rule for the load balancer's probes.
    """
    opened = [str(port) for port in sorted(set(open_ports))]
    rules = [
        _rule("operator-ssh", "Tcp", list(operator_networks), ["22"]),
        _rule("inside-ssh", "Tcp", [subnet], ["22"]),
        _rule("swarm-management", "Tcp", [subnet], ["2377", "7946"]),
        _rule("swarm-gossip-and-overlay", "Udp", [subnet], ["7946", "4789"]),
        _rule("swarm-encrypted-overlay", "Esp", [subnet], ["*"]),
        _rule("probe", "Tcp", ["AzureLoadBalancer"], [str(cloud_init.READINESS_PORT)]),
        *([_rule("published", "Tcp", ["Internet"], opened)] if opened else []),
    ]
    numbered = [{**rule, "priority": 100 + 10 * index} for index, rule in enumerate(rules)]
    closed = _rule("closed", "*", ["*"], ["*"]) | {"access": "Deny", "priority": 4000}
    return [*numbered, closed]


def _rule(name: str, protocol: str, sources: list[str], ports: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": protocol,
        **_one_or_many("source_address_prefix", sources),
        "source_port_range": "*",
        "destination_address_prefix": "*",
        **_one_or_many("destination_port_range", ports),
    }


def _one_or_many(key: str, values: list[str]) -> dict[str, Any]:
    # Azure takes a service tag or `*` in the singular form only.
    if len(values) == 1:
        return {key: values[0]}
    return {f"{key}es" if key.endswith("x") else f"{key}s": values}
