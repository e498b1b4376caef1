"""Key vaults: state only. What Azure keeps of a deleted vault, its name above all, is not shown here."""

import re

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm
from sandbox.store import Record

_NAME = re.compile(r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]")


class Vault(arm.ArmType):
    """A key vault."""

    token = "azure-native:keyvault:Vault"
    description = "A key vault; answers nobody here."
    path = "/providers/Microsoft.KeyVault/vaults/{vaultName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "vaultName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "properties": kit.Property("object", "Tenant, sku, firewall.", required=True),
        "tags": arm.TAGS,
    }

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks the name, and what cannot be taken back."""
        properties = inputs["properties"]
        if not _NAME.fullmatch(record.name):
            text = f"The vault name '{record.name}' is invalid. A vault's name must be between 3-24 characters."
            raise arm.ArmError(400, "VaultNameNotValid", text)
        if properties.get("enablePurgeProtection") is False:
            text = 'The property "enablePurgeProtection" cannot be set to false.'
            raise arm.ArmError(400, "BadRequest", text)
        if old is not None and arm.changed(old.inputs, inputs, ("properties.softDeleteRetentionInDays",)):
            text = 'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.'
            raise arm.ArmError(400, "BadRequest", text)
        return {}
