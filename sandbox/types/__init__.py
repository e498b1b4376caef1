"""The covered azure-native types, one file each."""

from sandbox import home
from sandbox.arm import ArmType
from sandbox.store import Store
from sandbox.types.availability_set import AvailabilitySet
from sandbox.types.bastion_host import BastionHost
from sandbox.types.budget import Budget
from sandbox.types.diagnostic_setting import DiagnosticSetting
from sandbox.types.load_balancer import LoadBalancer
from sandbox.types.management_lock import ManagementLock
from sandbox.types.nat_gateway import NatGateway
from sandbox.types.network_interface import NetworkInterface
from sandbox.types.network_security_group import NetworkSecurityGroup
from sandbox.types.public_ip_address import PublicIPAddress
from sandbox.types.registry import Registry
from sandbox.types.resource_group import ResourceGroup
from sandbox.types.subnet import Subnet
from sandbox.types.vault import Vault
from sandbox.types.vault_secret import VaultSecret
from sandbox.types.virtual_machine import VirtualMachine
from sandbox.types.virtual_network import VirtualNetwork
from sandbox.types.workspace import Workspace
from sandbox.world import World

__all__ = ["make_types"]


def make_types(store: Store, world: World, place: home.Home) -> list[ArmType]:
    """Makes every covered type."""
    return [
        ResourceGroup(store, world, place),
        VirtualNetwork(store, world, place),
        Subnet(store, world, place),
        NetworkSecurityGroup(store, world, place),
        NatGateway(store, world, place),
        PublicIPAddress(store, world, place),
        LoadBalancer(store, world, place),
        NetworkInterface(store, world, place),
        AvailabilitySet(store, world, place),
        VirtualMachine(store, world, place),
        Registry(store, world, place),
        ManagementLock(store, world, place),
        BastionHost(store, world, place),
        Vault(store, world, place),
        VaultSecret(store, world, place),
        Budget(store, world, place),
        Workspace(store, world, place),
        DiagnosticSetting(store, world, place),
    ]
