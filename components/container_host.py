"""A VM that runs Docker's engine; a member-to-be of a swarm."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

import cloud_init
from components import access, availability_set, checks, images, ingress, inputs, machine, network


class ContainerHostArgs(TypedDict):
    """What a `ContainerHost` takes."""

    network: "network.ClusterNetwork"
    """Where it stands."""
    size: NotRequired[str]
    """The VM size; default Standard_B2als_v2. A change makes a new host."""
    image: NotRequired[str]
    """debian-12 (the default), debian-13, ubuntu-24.04 or flatcar, each with or without ':version', or
    publisher:offer:sku:version, or the id of an image of one's own. A change makes a new host."""
    zone: NotRequired[str]
    """'1', '2' or '3'; default none. A change makes a new host."""
    availability_set: NotRequired["availability_set.AvailabilitySet"]
    """The set in which it is kept apart from others, in place of a zone; default none. A change makes a new host."""
    disk_gib: NotRequired[int]
    """The size of the OS disk in GiB, from 30 on; default 64. A change makes a new host."""
    disk_type: NotRequired[str]
    """The kind of the OS disk, StandardSSD_LRS or Premium_LRS (the default). A change makes a new host."""
    ingress: NotRequired["ingress.Ingress"]
    """The ingress whose connections it takes; default none."""
    encryption_at_host: NotRequired[bool]
    """Whether the host encrypts caches and temporary disks too, for which the subscription needs the feature
    EncryptionAtHost; default no. A change makes a new host."""
    docker_version: NotRequired[str]
    """The version of the engine, such as '28.5.1', which is installed from Docker's own repository and held; default
    the distribution's. A change makes a new host."""
    unattended_upgrades: NotRequired[bool]
    """Whether security upgrades of the distribution are installed as they come, without a restart; default no. A change
    makes a new host."""
    protect: NotRequired[bool]
    """Whether the machine, and with it the volumes on its disk, is protected from deletion; default no."""


class ContainerHost(pulumi.ComponentResource):
    """An immutable host: its name ends in its generation, and what cannot change in place makes a new one."""

    host_name: str
    zone: str
    private_ip: pulumi.Output[str]
    access: access.SshAccess
    machine: Sequence[pulumi.Resource]
    goes_with: pulumi.Resource | None
    resource_id: pulumi.Output[str]

    def __init__(self, name: str, args: ContainerHostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        size, given = args.get("size", inputs.HOST_SIZE), args.get("image", inputs.DEBIAN)
        zone, disk_gib = args.get("zone", ""), args.get("disk_gib", inputs.HOST_DISK_GIB)
        disk_type = args.get("disk_type", inputs.DISK_TYPE)
        _check(f"ContainerHost '{name}'", args, disk_gib)
        inputs.check_machine(f"ContainerHost '{name}'", name, size, given, disk_type)
        image = images.get_image(given)
        facts = {
            "size": size,
            "image": image.text,
            "zone": zone,
            "diskGib": disk_gib,
            "diskType": disk_type,
        }
        super().__init__("azure-swarm:components:ContainerHost", name, facts, opts)
        # After the call above, which puts an output of the component in place of an attribute named as a fact.
        self.zone = zone
        software = cloud_init.Software(args.get("docker_version", ""), args.get("unattended_upgrades", False))
        place = args["network"].place
        set_name = args["availability_set"].set_name if "availability_set" in args else ""
        shape = machine.add_generation(
            machine.Shape(
                name, size, image, zone, disk_gib, disk_type, args.get("encryption_at_host", False), set_name
            ),
            place,
            cloud_init.container_host_facts(access.ADMIN_USER, software, image.user_data),
        )
        self.host_name = shape.host_name
        made = machine.create_machine(
            self,
            place,
            shape,
            lambda keys: cloud_init.make_container_host(keys, access.ADMIN_USER, software, image.user_data),
            backend_pool_ids=[args["ingress"].pool_id] if "ingress" in args else [],
            availability_set_id=args["availability_set"].id if "availability_set" in args else None,
            protect=args.get("protect", False),
        )
        self.private_ip = made.private_ip
        self.access = args["network"].access
        self.machine = [made.virtual_machine]
        self.resource_id = made.virtual_machine.id
        self.goes_with = place.resource_group
        self.register_outputs({"hostName": self.host_name, "privateIp": self.private_ip})


def _check(who: str, args: ContainerHostArgs, disk_gib: object) -> None:
    inputs.check_keys(who, args, ContainerHostArgs)
    inputs.check_kind(who, "network", args["network"], network.ClusterNetwork, "a ClusterNetwork")
    if "ingress" in args:
        inputs.check_kind(who, "ingress", args["ingress"], ingress.Ingress, "an Ingress")
    if "availability_set" in args:
        given = args["availability_set"]
        inputs.check_kind(who, "availability_set", given, availability_set.AvailabilitySet, "an AvailabilitySet")
        inputs.refuse(who, "availability_set", given.set_name, checks.expected_spread(args.get("zone", ""), True))
    inputs.refuse(who, "disk_gib", disk_gib, checks.expected_disk_size(disk_gib))
    inputs.refuse(who, "zone", args.get("zone", ""), checks.expected_zone(args.get("zone", "")))
    version = args.get("docker_version", "")
    inputs.refuse(who, "docker_version", version, checks.expected_docker_version(version))
    own_engine = images.expected_docker_source(args.get("image", inputs.DEBIAN), version)
    inputs.refuse(who, "docker_version", version, own_engine)
    for key in ("protect", "encryption_at_host", "unattended_upgrades"):
        inputs.refuse(who, key, args.get(key, False), checks.expected_flag(args.get(key, False)))
