"""Secrets of key vaults: state only, and their value in no file of the sandbox."""

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm
from sandbox.store import Record


class VaultSecret(arm.ArmType):
    """A secret in a key vault."""

    token = "azure-native:keyvault:Secret"
    description = "A secret in a key vault."
    path = "/providers/Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "vaultName": arm.string("The vault's name.", required=True, replaces=True),
        "secretName": arm.string("The name.", required=True, replaces=True),
        "properties": kit.Property("object", "Value, content type, attributes.", required=True, secret=True),
        "tags": arm.TAGS,
    }

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Refuses a secret of a vault that is not there."""
        self.require(record.id.partition("/secrets/")[0])
        return {}

    def without_secrets(self, inputs: Plain) -> Plain:
        """Leaves the value out."""
        return {**inputs, "properties": {k: v for k, v in inputs["properties"].items() if k != "value"}}

    def with_secrets(self, inputs: Plain, state: Plain) -> Plain:
        """Takes the value from the state."""
        kept = arm.look_up(state, "properties.value")
        return {**inputs, "properties": {**inputs["properties"], "value": kept}} if kept is not None else inputs
