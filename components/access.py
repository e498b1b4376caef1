"""How hosts are reached: the facts of SSH through the jump host, and what a cluster asks of a host."""

import dataclasses
import enum
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import pulumi

ADMIN_USER = "azureuser"


class WayIn(enum.StrEnum):
    """How operators, and the provider for them, come to the hosts."""

    JUMP = "jump"
    """Through a small host with a public address."""
    BASTION = "bastion"
    """Through Azure Bastion, by tunnels of az."""
    PRIVATE = "private"
    """By a way that is none of ours: from inside the network, over peering or a VPN, or by a proxy command."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SshAccess:
    """The way in. Without a jump host, hosts are reached directly; the private key becomes a secret."""

    ca_public_key: pulumi.Input[str]
    """The authority whose host certificates are trusted; nothing else is."""
    operator_private_key: pulumi.Input[str] = dataclasses.field(repr=False)
    """The operator's private key in OpenSSH form."""
    jump_address: pulumi.Input[str] | None = None
    """The jump host's address."""
    jump_name: str | None = None
    """The principal in the jump host's certificate."""
    proxy_command: pulumi.Input[str] | None = None
    """Instead of a jump host: a command whose input and output lead to a host's SSH, as OpenSSH's ProxyCommand."""
    user: str = ADMIN_USER
    """The user on jump host and hosts; it must be in the group docker and may use sudo."""


@runtime_checkable
class Host(Protocol):
    """What a `SwarmCluster` asks of a host: an Azure VM, or a machine that exists already."""

    @property
    def host_name(self) -> str:
        """Its name, known in previews: DNS name, computer name and certificate principal."""

    @property
    def zone(self) -> str:
        """The availability zone; empty for none."""

    @property
    def private_ip(self) -> pulumi.Input[str]:
        """The address on the subnet."""

    @property
    def access(self) -> SshAccess:
        """How to reach it."""

    @property
    def machine(self) -> Sequence[pulumi.Resource]:
        """What must exist before it can be reached."""

    @property
    def goes_with(self) -> pulumi.Resource | None:
        """The resource whose deletion takes the machine along; None where the machine outlives the stack."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExistingHost:
    """A machine that exists already; its sshd must show a host certificate of the authority in `access`."""

    host_name: str
    private_ip: pulumi.Input[str]
    access: SshAccess
    zone: str = ""
    machine: Sequence[pulumi.Resource] = ()
    goes_with: pulumi.Resource | None = None
