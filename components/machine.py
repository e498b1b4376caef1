"""What every VM of ours has: an SSH identity, a network interface and the machine itself.

A machine is immutable: what Azure refuses to change (such as customData, image, zone, subnet) is hashed into the
generation that ends `host_name`, so a change makes a new machine beside the old one.
"""

import base64
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import pulumi
import pulumi_azure_native.compute as compute
import pulumi_azure_native.network as azure_network

import cloud_init
from components import access, checks, errors, images, inputs
from providers.swarm import sdk

_OS_DISK = {
    "create_option": "FromImage",
    "caching": "ReadWrite",
    # The default, Detach, leaves an orphan disk for every replaced host (pulumi-azure-native#787).
    "delete_option": "Delete",
}
_LINUX = {"disable_password_authentication": True, "provision_vm_agent": True}


@dataclasses.dataclass(frozen=True)
class Place:
    """Where machines are made: the group, the subnet and the authority that signs their host keys.

    `subnet` tells the subnet from others in plain text, since no preview knows the id of one that is yet to be made.
    Where the subnet is another's, every interface has the security group `interface_group_id`.
    """

    resource_group: pulumi.Resource
    resource_group_name: pulumi.Output[str]
    location: str
    subnet: str
    subnet_id: pulumi.Output[str]
    authority: sdk.SshAuthority
    interface_group_id: pulumi.Output[str] | None = None


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a machine is: name, size, image, zone, disk in GiB; `add_generation` completes the name.

    Encryption at host takes in what is not yet written to the disks; Azure refuses it until the subscription has the
    feature Microsoft.Compute/EncryptionAtHost.
    """

    host_name: str
    size: str
    image: images.Image
    zone: str
    disk_gib: int
    disk_type: str = inputs.DISK_TYPE
    encryption_at_host: bool = False
    set_name: str = ""


@dataclasses.dataclass(frozen=True)
class Machine:
    """The resources of one machine."""

    interface: azure_network.NetworkInterface
    virtual_machine: compute.VirtualMachine

    @property
    def private_ip(self) -> pulumi.Output[str]:
        """The address of the interface on its subnet."""
        address: pulumi.Output[str] = self.interface.ip_configurations.apply(
            lambda found: str(found[0].private_ip_address)
        )
        return address


def create_machine(
    parent: pulumi.Resource,
    place: Place,
    shape: Shape,
    user_data: Callable[[cloud_init.HostKeys], str],
    *,
    public_address_id: pulumi.Input[str] | None = None,
    backend_pool_ids: Sequence[pulumi.Input[str]] = (),
    availability_set_id: pulumi.Input[str] | None = None,
    protect: bool = False,
) -> Machine:
    """Creates identity, interface and VM under `parent`; a protected VM is never deleted, so never replaced either."""
    identity = _create_identity(parent, place, shape)
    interface = _create_interface(parent, place, shape, public_address_id, backend_pool_ids)
    custom_data = pulumi.Output.all(
        name=shape.host_name,
        private=identity.private_key,
        public=identity.public_key,
        certificate=identity.certificate,
        operator=place.authority.operator_public_key,
    ).apply(lambda keys: encode_user_data(shape.host_name, user_data(cloud_init.HostKeys(**keys))))
    machine = compute.VirtualMachine(
        shape.host_name,
        resource_group_name=place.resource_group_name,
        location=place.location,
        vm_name=shape.host_name,
        zones=[shape.zone] if shape.zone else None,
        availability_set={"id": availability_set_id} if availability_set_id is not None else None,
        hardware_profile={"vm_size": shape.size},
        network_profile={"network_interfaces": [{"id": interface.id, "primary": True}]},
        os_profile=_make_os_profile(place, shape, pulumi.Output.secret(custom_data)),
        storage_profile=_make_storage_profile(shape),
        security_profile=_make_security_profile(shape),
        plan=shape.image.plan,
        diagnostics_profile={"boot_diagnostics": {"enabled": True}},
        opts=pulumi.ResourceOptions(parent=parent, deleted_with=place.resource_group, protect=protect),
    )
    return Machine(interface, machine)


def encode_user_data(host_name: str, text: str) -> str:
    """Gives user-data as Azure takes it. Raises a `ComponentError`, without the text, for what should not go there."""
    expected = checks.expected_user_data(text)
    if expected is not None:
        raise errors.ComponentError(f"Machine '{host_name}': user_data must be {expected}.")
    return base64.b64encode(text.encode()).decode()


def add_generation(shape: Shape, place: Place, user_data: object) -> Shape:
    """Gives the shape under its full name, `user_data` being what is the same for every host of its kind.

    All that Azure refuses to change on a machine or its interface is hashed into it, or changes on a stopped one only:
    every value is plain, and a constant counts like a setting, so that a new one makes new machines too.
    """
    facts = {
        "location": place.location,
        "subnet": place.subnet,
        "size": shape.size,
        "zone": shape.zone,
        "availabilitySet": shape.set_name,
        "user": access.ADMIN_USER,
        "linux": _LINUX,
        "storage": _make_storage_profile(shape),
        "security": _make_security_profile(shape),
        "plan": shape.image.plan,
        "userData": user_data,
    }
    return dataclasses.replace(shape, host_name=f"{shape.host_name}-{cloud_init.make_generation(facts)}")


def _make_security_profile(shape: Shape) -> dict[str, Any] | None:
    uefi = {"secure_boot_enabled": True, "v_tpm_enabled": True}
    trusted = {"security_type": "TrustedLaunch", "uefi_settings": uefi} if shape.image.trusted_launch else {}
    return {**trusted, **({"encryption_at_host": True} if shape.encryption_at_host else {})} or None


def _create_identity(parent: pulumi.Resource, place: Place, shape: Shape) -> sdk.HostIdentity:
    return sdk.HostIdentity(
        f"{shape.host_name}-identity",
        {
            "name": shape.host_name,
            "principals": [shape.host_name],
            "ca_private_key": place.authority.ca_private_key,
        },
        pulumi.ResourceOptions(parent=parent),
    )


def _create_interface(
    parent: pulumi.Resource,
    place: Place,
    shape: Shape,
    public_address_id: pulumi.Input[str] | None,
    backend_pool_ids: Sequence[pulumi.Input[str]],
) -> azure_network.NetworkInterface:
    return azure_network.NetworkInterface(
        f"{shape.host_name}-nic",
        resource_group_name=place.resource_group_name,
        location=place.location,
        network_interface_name=f"{shape.host_name}-nic",
        ip_configurations=[
            {
                "name": "primary",
                "subnet": {"id": place.subnet_id},
                "private_ip_allocation_method": "Dynamic",
                "public_ip_address": {"id": public_address_id} if public_address_id is not None else None,
                # By NIC: pools of addresses come back empty (pulumi-azure-native#3601).
                "load_balancer_backend_address_pools": [{"id": pool} for pool in backend_pool_ids] or None,
            }
        ],
        network_security_group={"id": place.interface_group_id} if place.interface_group_id is not None else None,
        enable_ip_forwarding=False,
        opts=pulumi.ResourceOptions(parent=parent, deleted_with=place.resource_group),
    )


def _make_os_profile(place: Place, shape: Shape, custom_data: pulumi.Output[str]) -> dict[str, Any]:
    user = access.ADMIN_USER
    key = {"path": f"/home/{user}/.ssh/authorized_keys", "key_data": place.authority.operator_public_key}
    return {
        "computer_name": shape.host_name,
        "admin_username": user,
        "custom_data": custom_data,
        "linux_configuration": {**_LINUX, "ssh": {"public_keys": [key]}},
    }


def _make_storage_profile(shape: Shape) -> dict[str, Any]:
    return {
        "image_reference": dict(shape.image.reference),
        "os_disk": {
            **_OS_DISK,
            "disk_size_gb": shape.disk_gib,
            "managed_disk": {"storage_account_type": shape.disk_type},
        },
    }
