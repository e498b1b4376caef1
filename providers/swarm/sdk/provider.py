"""The provider instance of a cluster: how its hosts are reached."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from providers.swarm.sdk import _wire


class ProviderArgs(TypedDict):
    """What a `Provider` takes."""

    user: pulumi.Input[str]
    """The user on the jump host and the hosts; it must be in the group docker and may use sudo."""
    operator_private_key: pulumi.Input[str]
    """The operator's private key in OpenSSH form; always a secret."""
    ca_public_key: pulumi.Input[str]
    """The authority whose host certificates are trusted; nothing else is."""
    managers: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The names of the wanted managers, the bootstrap one first."""
    jump_host: NotRequired[pulumi.Input[str]]
    """The jump host's address; hosts are reached directly when absent."""
    jump_port: NotRequired[pulumi.Input[int]]
    """The jump host's SSH port; default 22."""
    jump_name: NotRequired[pulumi.Input[str]]
    """The principal in the jump host's certificate; default the address."""
    max_unavailable: NotRequired[pulumi.Input[int]]
    """How many workers may be leaving at the same time, at least 1; default 4."""
    proxy_command: NotRequired[pulumi.Input[str]]
    """A command whose input and output lead to a host's SSH; %h and %p in it become the host's name and port."""


class Provider(pulumi.ProviderResource):
    """One cluster's connection facts. A change of them is an update in place and touches no resource.

    No version goes with it: the plugin comes from the checkout (`plugins.providers` in Pulumi.yaml).
    """

    def __init__(self, name: str, args: ProviderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("swarm", name, _wire.make_inputs(args, secrets=["operatorPrivateKey"]), opts)
