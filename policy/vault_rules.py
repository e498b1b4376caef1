"""Rules of key vaults: what is lost for good, who comes to it, how long a secret lives."""

from collections.abc import Iterator

from policy import rule

_VAULT = "azure-native:keyvault:Vault"
_SECRET = "azure-native:keyvault:Secret"


def find_purgeable_vault(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a vault whose contents can be deleted for good."""
    kept = rule.look_up(inputs, "properties.enablePurgeProtection") is True
    # Soft delete is on where nothing is said, and cannot be turned off any more.
    if not kept or rule.look_up(inputs, "properties.enableSoftDelete") is False:
        yield "Set enablePurgeProtection, and leave enableSoftDelete on."


def find_open_vault(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a vault to which the whole internet comes."""
    shut = rule.look_up(inputs, "properties.publicNetworkAccess") == "Disabled"
    if not shut and rule.look_up(inputs, "properties.networkAcls.defaultAction") != "Deny":
        yield "Set networkAcls.defaultAction to Deny, and name the networks that are let in."


def find_vault_without_roles(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a vault with access policies, by which whoever may write to it gives himself all rights."""
    if rule.look_up(inputs, "properties.enableRbacAuthorization") is not True:
        yield "Set enableRbacAuthorization: Azure's default is access policies."


def find_endless_secret(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a secret that nobody has to renew, or of which nobody knows what it is."""
    if not rule.look_up(inputs, "properties.attributes.expires"):
        yield "Give the secret a day on which it ends, in attributes.expires."
    if not rule.look_up(inputs, "properties.contentType"):
        yield "Say in contentType what the secret is."


RULES = (
    rule.Rule(
        "nothing-is-purged",
        "Key vaults keep for a while what is deleted in them (CKV_AZURE_42, 110, 111).",
        (_VAULT,),
        find_purgeable_vault,
    ),
    rule.Rule(
        "vaults-are-closed", "Key vaults let in named networks only (CKV_AZURE_109, 189).", (_VAULT,), find_open_vault
    ),
    rule.Rule(
        "vaults-with-roles",
        "Key vaults are read with roles, not with access policies (CIS 8.3.6).",
        (_VAULT,),
        find_vault_without_roles,
    ),
    rule.Rule(
        "secrets-end",
        "Secrets in key vaults say what they are and when they end (CKV_AZURE_41, 114).",
        (_SECRET,),
        find_endless_secret,
    ),
)
