"""A key vault in which a team finds what `pulumi up` drew for it."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native.authorization as authorization
import pulumi_azure_native.keyvault as keyvault

from components import checks, inputs, naming, network, networks

# How long Azure keeps what is deleted, and the name of a deleted vault from everybody; it cannot be changed.
_KEPT_DAYS = 90


@dataclasses.dataclass(frozen=True, kw_only=True)
class KeptSecret:
    """A secret, and what kind of thing it is, in words."""

    value: pulumi.Input[str] = dataclasses.field(repr=False)
    content_type: str


class KeyVaultArgs(TypedDict):
    """What a `KeyVault` takes."""

    network: "network.ClusterNetwork"
    """The network whose resource group it joins."""
    operator_networks: Sequence[str]
    """The networks from which secrets are read, one of them public: private ones are left out, since a vault does not
    see them."""
    secrets: Mapping[str, KeptSecret]
    """The secrets by name."""
    expires: datetime.date
    """The day by which the secrets are to be renewed."""
    vault_name: NotRequired[str]
    """The name, unique in all of Azure; default: derived from organization, project and stack."""
    protect: NotRequired[bool]
    """Whether the vault is protected from `destroy`; default no."""


class KeyVault(pulumi.ComponentResource):
    """A vault that is read with roles, from named networks, and whose contents cannot be purged."""

    resource_id: pulumi.Output[str]

    def __init__(self, name: str, args: KeyVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(f"KeyVault '{name}'", args)
        vault_name = args.get("vault_name") or naming.make_vault_name(name)
        super().__init__("azure-swarm:components:KeyVault", name, {"vaultName": vault_name}, opts)
        vault = self._create_vault(name, vault_name, args)
        self.resource_id = vault.id
        for key, secret in args["secrets"].items():
            self._create_secret(f"{name}-{key}", key, secret, vault, args)
        self.register_outputs({"vaultName": vault_name})

    def _create_vault(self, name: str, vault_name: str, args: KeyVaultArgs) -> keyvault.Vault:
        place, protect = args["network"].place, args.get("protect", False)
        client = authorization.get_client_config_output(opts=pulumi.InvokeOutputOptions(parent=self))
        return keyvault.Vault(
            name,
            resource_group_name=place.resource_group_name,
            location=place.location,
            vault_name=vault_name,
            properties={
                "sku": {"family": "A", "name": "standard"},
                "tenant_id": client.tenant_id,
                # Azure's default is its older list of policies.
                "enable_rbac_authorization": True,
                "enable_soft_delete": True,
                "soft_delete_retention_in_days": _KEPT_DAYS,
                "enable_purge_protection": True,
                "public_network_access": "Enabled",
                "network_acls": {
                    "default_action": "Deny",
                    "bypass": "None",
                    "ip_rules": [{"value": one} for one in networks.list_public_networks(args["operator_networks"])],
                },
            },
            # What is protected must not go with its group in silence either.
            opts=pulumi.ResourceOptions(
                parent=self, protect=protect, deleted_with=None if protect else place.resource_group
            ),
        )

    def _create_secret(
        self, name: str, key: str, secret: KeptSecret, vault: keyvault.Vault, args: KeyVaultArgs
    ) -> keyvault.Secret:
        end = datetime.datetime.combine(args["expires"], datetime.time(), datetime.UTC)
        return keyvault.Secret(
            name,
            resource_group_name=args["network"].place.resource_group_name,
            vault_name=vault.name,
            secret_name=key,
            properties={
                "value": pulumi.Output.secret(secret.value),
                "content_type": secret.content_type,
                "attributes": {"enabled": True, "expires": int(end.timestamp())},
            },
            # It is made by the resource manager, and deleted past the firewall only: it goes with its vault.
            opts=pulumi.ResourceOptions(parent=self, deleted_with=vault),
        )


def _check(who: str, args: KeyVaultArgs) -> None:
    inputs.check_keys(who, args, KeyVaultArgs)
    inputs.check_kind(who, "network", args["network"], network.ClusterNetwork, "a ClusterNetwork")
    name, protect = args.get("vault_name", ""), args.get("protect", False)
    inputs.refuse(who, "vault_name", name, checks.expected_vault_name(name))
    inputs.refuse(who, "protect", protect, checks.expected_flag(protect))
    inputs.check_kind(who, "expires", args["expires"], datetime.date, "a date")
    for one in inputs.check_list(who, "operator_networks", args["operator_networks"], "networks"):
        inputs.refuse(who, "operator_networks", one, checks.expected_operator_network(one))
    readers = list(args["operator_networks"])
    inputs.refuse(who, "operator_networks", readers, networks.expected_public_network(readers))
    for key, secret in args["secrets"].items():
        inputs.refuse(who, "secrets", key, checks.expected_secret_name(key))
        inputs.check_kind(who, f"secrets[{key}]", secret, KeptSecret, "a KeptSecret")
