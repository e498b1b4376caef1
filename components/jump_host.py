"""The one machine with a public address: SSH from named networks, nothing else."""

from typing import NotRequired, TypedDict

import pulumi

import cloud_init
from components import checks, images, inputs, machine, public_address


class JumpHostArgs(TypedDict):
    """What a `JumpHost` takes."""

    place: machine.Place
    """The group, subnet and authority."""
    size: NotRequired[str]
    """The VM size; default Standard_B2ats_v2, the smallest that is not retiring."""
    image: NotRequired[str]
    """An image with cloud-init; default debian-12."""
    disk_type: NotRequired[str]
    """The kind of the OS disk, StandardSSD_LRS or Premium_LRS (the default)."""
    encryption_at_host: NotRequired[bool]
    """Whether the host encrypts caches and temporary disks too; default no."""
    unattended_upgrades: NotRequired[bool]
    """Whether security upgrades of the distribution are installed as they come, without a restart; default no."""


class JumpHost(pulumi.ComponentResource):
    """A small VM through which operators and the provider enter."""

    host_name: str
    address: pulumi.Output[str]

    def __init__(self, name: str, args: JumpHostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        who = f"JumpHost '{name}'"
        inputs.check_keys(who, args, JumpHostArgs)
        inputs.check_kind(who, "place", args["place"], machine.Place, "a Place")
        size, given = args.get("size", inputs.SMALLEST_SIZE), args.get("image", inputs.DEBIAN)
        disk_type = args.get("disk_type", inputs.DISK_TYPE)
        inputs.check_machine(who, name, size, given, disk_type)
        inputs.refuse(who, "image", given, images.expected_cloud_init_image(given))
        image = images.get_image(given)
        encrypted = args.get("encryption_at_host", False)
        upgraded = args.get("unattended_upgrades", False)
        for key, flag in (("encryption_at_host", encrypted), ("unattended_upgrades", upgraded)):
            inputs.refuse(who, key, flag, checks.expected_flag(flag))
        super().__init__("azure-swarm:components:JumpHost", name, {"size": size, "image": image.text}, opts)
        place, software = args["place"], cloud_init.Software(unattended_upgrades=upgraded)
        shape = machine.add_generation(
            machine.Shape(name, size, image, "", inputs.JUMP_DISK_GIB, disk_type, encrypted),
            place,
            cloud_init.jump_host_facts(software),
        )
        self.host_name = shape.host_name
        # The address has a generation too: two interfaces cannot hold one address while hosts are replaced.
        inside = pulumi.ResourceOptions(parent=self, deleted_with=place.resource_group)
        public = public_address.create_public_address(
            f"{self.host_name}-ip", place.resource_group_name, place.location, inside
        )
        made = machine.create_machine(
            self,
            place,
            shape,
            lambda keys: cloud_init.make_jump_host(keys, software),
            public_address_id=public.id,
        )
        # The address is of use only when the machine behind it exists.
        self.address = pulumi.Output.all(public.ip_address, made.virtual_machine.id).apply(lambda found: str(found[0]))
        self.register_outputs({"hostName": self.host_name, "address": self.address})
