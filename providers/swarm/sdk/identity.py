"""SshAuthority, HostIdentity and RandomToken: made of randomness once, then kept in the state."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from providers.swarm.sdk import _wire


class SshAuthorityArgs(TypedDict):
    """What an `SshAuthority` takes."""

    comment: pulumi.Input[str]
    """The comment of the keys; a change makes new keys."""


class SshAuthority(pulumi.CustomResource):
    """An SSH certificate authority for host keys, and the operator's key pair; keys are in OpenSSH form."""

    ca_public_key: pulumi.Output[str]
    ca_private_key: pulumi.Output[str]
    operator_public_key: pulumi.Output[str]
    operator_private_key: pulumi.Output[str]

    def __init__(self, name: str, args: SshAuthorityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        outputs = ("caPublicKey", "caPrivateKey", "operatorPublicKey", "operatorPrivateKey")
        inputs = _wire.with_outputs(_wire.make_inputs(args), *outputs)
        opts = _wire.keep_secret(opts, "caPrivateKey", "operatorPrivateKey")
        super().__init__("swarm:index:SshAuthority", name, inputs, opts)
        self.ca_public_key = _wire.get_output(self, "caPublicKey")
        self.ca_private_key = _wire.get_output(self, "caPrivateKey")
        self.operator_public_key = _wire.get_output(self, "operatorPublicKey")
        self.operator_private_key = _wire.get_output(self, "operatorPrivateKey")


class HostIdentityArgs(TypedDict):
    """What a `HostIdentity` takes; every change makes a new key."""

    name: pulumi.Input[str]
    """The host's name; it becomes the certificate's key id."""
    principals: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The names by which the host may be known; at least one."""
    ca_private_key: pulumi.Input[str]
    """The authority's private key; always a secret."""


class HostIdentity(pulumi.CustomResource):
    """A host's SSH key pair and its certificate, in OpenSSH form; they reach the host in its user-data."""

    public_key: pulumi.Output[str]
    private_key: pulumi.Output[str]
    certificate: pulumi.Output[str]

    def __init__(self, name: str, args: HostIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = _wire.make_inputs(args, secrets=["caPrivateKey"])
        inputs = _wire.with_outputs(inputs, "publicKey", "privateKey", "certificate")
        super().__init__("swarm:index:HostIdentity", name, inputs, _wire.keep_secret(opts, "privateKey"))
        self.public_key = _wire.get_output(self, "publicKey")
        self.private_key = _wire.get_output(self, "privateKey")
        self.certificate = _wire.get_output(self, "certificate")


class RandomTokenArgs(TypedDict):
    """What a `RandomToken` takes."""

    length: NotRequired[pulumi.Input[int]]
    """How many characters; default 32. A change draws a new text."""


class RandomToken(pulumi.CustomResource):
    """A random text of letters, digits, '-' and '_' that stays the same for as long as the resource lives."""

    value: pulumi.Output[str]

    def __init__(self, name: str, args: RandomTokenArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = _wire.with_outputs(_wire.make_inputs(args), "value")
        super().__init__("swarm:index:RandomToken", name, inputs, _wire.keep_secret(opts, "value"))
        self.value = _wire.get_output(self, "value")
