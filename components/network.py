"""The network of a cluster: group, virtual network or a subnet that exists, closed by default, one way in."""

import dataclasses
from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native.network as azure_network
import pulumi_azure_native.resources as resources

from components import (
    access,
    bastion,
    checks,
    images,
    inputs,
    jump_host,
    machine,
    naming,
    networks,
    public_address,
    security_rules,
)
from providers.swarm import sdk

_LONGEST_NAME = checks.LONGEST_HOST_NAME - len("-jump")


class ClusterNetworkArgs(TypedDict):
    """What a `ClusterNetwork` takes."""

    location: str
    """The Azure region, such as westeurope."""
    address_space: str
    """The virtual network's IPv4 network in CIDR form."""
    operator_networks: Sequence[str]
    """The networks from which operators are let in: to the jump host, to Azure Bastion, or to the hosts themselves."""
    host_subnet: NotRequired[str]
    """The hosts' network inside the address space; default: all of it."""
    subnet_id: NotRequired[str]
    """The id of a subnet that exists, whose range `host_subnet` is: then no network, subnet and way out are made here,
    and every interface has the security group itself. Its owner sees to the way out. Default: a subnet of its own."""
    access: NotRequired[str]
    """The way in: jump (a host with a public address, the default), bastion, or private, which makes none."""
    proxy_command: NotRequired[str]
    """With private access: a command whose input and output lead to a host's SSH, with %h and %p for its name and
    port; default: hosts are reached directly, by their names."""
    open_ports: NotRequired[Sequence[int]]
    """TCP ports that clients on the internet may reach through the load balancer; default none."""
    jump_size: NotRequired[str]
    """The jump host's size; default the smallest."""
    jump_disk_type: NotRequired[str]
    """The kind of the jump host's disk, StandardSSD_LRS or Premium_LRS (the default)."""
    image: NotRequired[str]
    """The jump host's image, one with cloud-init; default debian-12."""
    encryption_at_host: NotRequired[bool]
    """Whether the jump host's caches and temporary disks are encrypted too; default no."""
    unattended_upgrades: NotRequired[bool]
    """Whether the jump host installs security upgrades as they come, without a restart; default no."""
    protect: NotRequired[bool]
    """Whether the resource group, and with it everything, is protected from `destroy`; default no."""


class ClusterNetwork(pulumi.ComponentResource):
    """Resource group, virtual network, subnet with security group and NAT gateway, SSH authority and way in."""

    resource_group_name: pulumi.Output[str]
    group_id: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    open_ports: list[int]
    authority: sdk.SshAuthority
    access: access.SshAccess
    place: machine.Place
    bastion_id: pulumi.Output[str] | None

    def __init__(self, name: str, args: ClusterNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        subnet_prefix = args.get("host_subnet", args["address_space"])
        ports = sorted(set(args.get("open_ports", ())))
        facts = {"location": args["location"], "hostSubnet": subnet_prefix, "openPorts": ports}
        super().__init__("azure-swarm:components:ClusterNetwork", name, facts, opts)
        self._vnet_name = f"{name}-vnet"
        self.open_ports = ports
        group = self._create_group(name, args)
        self.resource_group_name, self.group_id = group.name, group.id
        # What lives in the group goes with it: destroying is one call.
        self._inside = pulumi.ResourceOptions(parent=self, deleted_with=group)
        self.security_group_id = self._create_security_group(name, args, subnet_prefix).id
        own = None if args.get("subnet_id") else self._create_subnet(name, args, subnet_prefix)
        self.authority = sdk.SshAuthority(
            f"{name}-authority",
            {"comment": f"{pulumi.get_project()}-{pulumi.get_stack()}"},
            pulumi.ResourceOptions(parent=self),
        )
        self.place = self._make_place(group, args, own)
        self._open_way_in(name, args, own)
        outputs = {"resourceGroupName": group.name, "jumpAddress": self.access.jump_address or ""}
        self.register_outputs(outputs)

    def _create_group(self, name: str, args: ClusterNetworkArgs) -> resources.ResourceGroup:
        return resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=naming.make_group_name(name),
            location=args["location"],
            opts=pulumi.ResourceOptions(parent=self, protect=args.get("protect", False)),
        )

    def _make_place(
        self, group: resources.ResourceGroup, args: ClusterNetworkArgs, own: azure_network.Subnet | None
    ) -> machine.Place:
        location, subnet_id = args["location"], args.get("subnet_id", "")
        if own is not None:
            subnet = f"{self._vnet_name}/{args.get('host_subnet', args['address_space'])}"
            return machine.Place(group, group.name, location, subnet, own.id, self.authority)
        # Azure does not tell 'A' from 'a' in ids: to write one in another way is to move no host.
        subnet, existing = subnet_id.lower(), pulumi.Output.from_input(subnet_id)
        # The subnet is another's, with or without a security group of its own, so ours is on the interfaces.
        return machine.Place(group, group.name, location, subnet, existing, self.authority, self.security_group_id)

    def _open_way_in(self, name: str, args: ClusterNetworkArgs, own: azure_network.Subnet | None) -> None:
        self.bastion_id = None
        self.access = access.SshAccess(
            ca_public_key=self.authority.ca_public_key, operator_private_key=self.authority.operator_private_key
        )
        chosen, command = args.get("access", access.WayIn.JUMP), args.get("proxy_command", "")
        if chosen == access.WayIn.JUMP:
            jump = self._create_jump_host(name, args)
            self.access = dataclasses.replace(self.access, jump_address=jump.address, jump_name=jump.host_name)
        elif chosen == access.WayIn.BASTION and own is not None:
            made = self._create_bastion(name, args, own)
            self.bastion_id = made.resource_id
            self.access = dataclasses.replace(self.access, proxy_command=made.proxy_command)
        elif command:
            self.access = dataclasses.replace(self.access, proxy_command=command)

    def _create_bastion(self, name: str, args: ClusterNetworkArgs, own: azure_network.Subnet) -> bastion.Bastion:
        bastion_args: bastion.BastionArgs = {
            "place": self.place,
            "network_name": self._network_name,
            "address_space": args["address_space"],
            "operator_networks": args["operator_networks"],
            "hosts": own,
        }
        return bastion.Bastion(f"{name}-bastion", bastion_args, pulumi.ResourceOptions(parent=self))

    def _create_jump_host(self, name: str, args: ClusterNetworkArgs) -> jump_host.JumpHost:
        jump_args: jump_host.JumpHostArgs = {
            "place": self.place,
            "size": args.get("jump_size", inputs.SMALLEST_SIZE),
            "image": args.get("image", inputs.DEBIAN),
            "disk_type": args.get("jump_disk_type", inputs.DISK_TYPE),
            "encryption_at_host": args.get("encryption_at_host", False),
            "unattended_upgrades": args.get("unattended_upgrades", False),
        }
        return jump_host.JumpHost(f"{name}-jump", jump_args, pulumi.ResourceOptions(parent=self))

    def _create_subnet(self, name: str, args: ClusterNetworkArgs, prefix: str) -> azure_network.Subnet:
        location = args["location"]
        network = azure_network.VirtualNetwork(
            self._vnet_name,
            resource_group_name=self.resource_group_name,
            location=location,
            virtual_network_name=self._vnet_name,
            # Without `subnets`: given inline, even empty, they fight with the Subnet resource.
            address_space={"address_prefixes": [args["address_space"]]},
            opts=self._inside,
        )
        self._network_name = network.name
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
            security_rules=security_rules.make_host_rules(prefix, _list_ssh_sources(args), self.open_ports),
            opts=self._inside,
        )

    def _create_nat(self, name: str, location: str) -> azure_network.NatGateway:
        address = public_address.create_public_address(
            f"{name}-nat-ip", self.resource_group_name, location, self._inside
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
    inputs.refuse(who, "image", image, images.expected_cloud_init_image(image))
    disk_type = args.get("jump_disk_type", inputs.DISK_TYPE)
    inputs.refuse(who, "jump_disk_type", disk_type, checks.expected_disk_type(disk_type))
    inputs.check_size(who, "jump_size", size, image, disk_type)


def _check_networks(who: str, args: ClusterNetworkArgs) -> None:
    space, subnet = args["address_space"], args.get("host_subnet", args["address_space"])
    inputs.refuse(who, "address_space", space, checks.expected_address_space(space))
    inputs.refuse(who, "host_subnet", subnet, checks.expected_address_space(subnet))
    if not args.get("subnet_id"):
        inputs.refuse(who, "host_subnet", subnet, checks.expected_inside(subnet, space))
    _check_way_in(who, args, space, subnet)
    operators = inputs.check_list(who, "operator_networks", args["operator_networks"], "networks")
    inputs.refuse(who, "operator_networks", operators, None if operators else "a list of at least one network")
    for one in operators:
        inputs.refuse(who, "operator_networks", one, checks.expected_operator_network(one))
    inputs.refuse(who, "operator_networks", operators, networks.expected_apart(operators))


def _check_way_in(who: str, args: ClusterNetworkArgs, space: str, subnet: str) -> None:
    chosen, subnet_id, proxy = (
        args.get("access", access.WayIn.JUMP),
        args.get("subnet_id", ""),
        args.get("proxy_command", ""),
    )
    inputs.refuse(who, "access", chosen, checks.expected_way_in(chosen))
    inputs.refuse(who, "subnet_id", subnet_id, checks.expected_subnet_id(subnet_id))
    inputs.refuse(who, "proxy_command", proxy, checks.expected_proxy_command(proxy, chosen))
    inputs.refuse(who, "access", chosen, checks.expected_way_into(chosen, subnet_id))
    if chosen == access.WayIn.BASTION:
        inputs.refuse(who, "host_subnet", subnet, checks.expected_room_for_bastion(space, subnet))


def _list_ssh_sources(args: ClusterNetworkArgs) -> Sequence[str]:
    """Lists from where hosts take SSH: with Azure Bastion operators come from its own subnet."""
    if args.get("access") == access.WayIn.BASTION:
        return [checks.find_bastion_subnet(args["address_space"])]
    return args["operator_networks"]
