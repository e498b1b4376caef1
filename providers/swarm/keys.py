"""SshAuthority, HostIdentity and RandomToken: what is made of randomness once and then only remembered."""

import datetime
import secrets

import asyncssh

from providers import kit
from providers.kit.resource import Plain

_KEY_TYPE = "ssh-ed25519"
_SHORTEST_TOKEN = 8


class _Remembered(kit.ResourceType):
    """A resource that lives in the state alone: nothing to look at, nothing to remove."""

    async def read(self, context: kit.Context, resource_id: str, state: Plain) -> kit.Observed | None:
        """Gives back the state."""
        return kit.Observed(resource_id, state, {key: state[key] for key in self.inputs if key in state})

    async def update(self, context: kit.Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Keeps the outputs: whatever matters replaces."""
        return {key: state[key] for key in self.outputs if key in state}

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """Forgets."""


class SshAuthority(_Remembered):
    """One authority a cluster: it signs host keys; beside it stands the operator's key pair."""

    token = "swarm:index:SshAuthority"
    description = "An SSH certificate authority for host keys, and the operator's key pair."
    inputs = {"comment": kit.Property("string", "The comment of the keys.", required=True, replaces=True)}
    outputs = {
        "caPublicKey": kit.Property("string", "The authority's public key in OpenSSH form."),
        "caPrivateKey": kit.Property("string", "The authority's private key in OpenSSH form.", secret=True),
        "operatorPublicKey": kit.Property("string", "The operator's public key in OpenSSH form."),
        "operatorPrivateKey": kit.Property("string", "The operator's private key in OpenSSH form.", secret=True),
    }

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Makes two ed25519 key pairs."""
        authority = asyncssh.generate_private_key(_KEY_TYPE, comment=f"{inputs['comment']}-ca")
        operator = asyncssh.generate_private_key(_KEY_TYPE, comment=inputs["comment"])
        return kit.Created(
            inputs["comment"],
            {
                "caPublicKey": _public(authority),
                "caPrivateKey": _private(authority),
                "operatorPublicKey": _public(operator),
                "operatorPrivateKey": _private(operator),
            },
        )


class HostIdentity(_Remembered):
    """A host's key pair and the certificate by which it is known; it goes into the host's user-data."""

    token = "swarm:index:HostIdentity"
    description = "A host's SSH key pair, signed by the authority."
    inputs = {
        "name": kit.Property("string", "The host's name; the certificate's key id.", required=True, replaces=True),
        "principals": kit.Property("array", "The names it may be known by.", required=True, replaces=True),
        "caPrivateKey": kit.Property("string", "The authority's key.", required=True, replaces=True, secret=True),
    }
    outputs = {
        "publicKey": kit.Property("string", "The public key in OpenSSH form."),
        "privateKey": kit.Property("string", "The private key in OpenSSH form.", secret=True),
        "certificate": kit.Property("string", "The host certificate in OpenSSH form."),
    }

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses an empty list of principals: OpenSSH takes it for every name there is."""
        checked = super().check(inputs, old_inputs)
        if checked.inputs.get("principals") != []:
            return checked
        failure = kit.Failure("principals", "'principals' must hold at least one name; got none")
        return kit.Checked(checked.inputs, (*checked.failures, failure))

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Makes an ed25519 key pair and signs it; the certificate holds for as long as the host, without an end."""
        authority = _import_authority(inputs["caPrivateKey"])
        key = asyncssh.generate_private_key(_KEY_TYPE, comment=inputs["name"])
        certificate = authority.generate_host_certificate(
            key,
            inputs["name"],
            principals=list(inputs["principals"]),
            # Clocks differ: a host that boots a little in the past must be believed.
            valid_after=datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1),
            comment=inputs["name"],
        )
        outputs = {
            "publicKey": _public(key),
            "privateKey": _private(key),
            "certificate": certificate.export_certificate().decode().strip(),
        }
        return kit.Created(inputs["name"], outputs)


class RandomToken(_Remembered):
    """A random text that stays the same for as long as the resource lives: a password nobody has to choose."""

    token = "swarm:index:RandomToken"
    description = "A random text of letters, digits, '-' and '_'."
    inputs = {"length": kit.Property("integer", "How many characters.", default=32, replaces=True)}
    outputs = {"value": kit.Property("string", "The text.", secret=True)}

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses a text so short that it could be guessed."""
        checked = super().check(inputs, old_inputs)
        length = checked.inputs.get("length")
        if not isinstance(length, int) or length >= _SHORTEST_TOKEN:
            return checked
        failure = kit.Failure("length", f"'length' must be {_SHORTEST_TOKEN} or more; got {length}")
        return kit.Checked(checked.inputs, (*checked.failures, failure))

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Draws the text."""
        length = inputs["length"]
        return kit.Created(context.name, {"value": secrets.token_urlsafe(length)[:length]})


def _import_authority(text: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(text)
    except asyncssh.KeyImportError as error:
        raise kit.ResourceError("The value of 'caPrivateKey' is no OpenSSH private key.") from error


def _public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


def _private(key: asyncssh.SSHKey) -> str:
    return key.export_private_key().decode()
