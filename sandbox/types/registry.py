"""Container registries: Debian's docker-registry with TLS and one account."""

import re

from providers import kit
from providers.kit.resource import Plain
from sandbox import addresses, arm
from sandbox.store import Record

_NAME = re.compile(r"[a-zA-Z0-9]{5,50}")
_SKUS = ("Basic", "Standard", "Premium")


class Registry(arm.ArmType):
    """A container registry."""

    token = "azure-native:containerregistry:Registry"
    description = "A container registry."
    path = "/providers/Microsoft.ContainerRegistry/registries/{registryName}"
    has_body = True
    inputs = {
        "resourceGroupName": arm.GROUP,
        "registryName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "sku": kit.Property("object", "name: Basic, Standard or Premium.", required=True),
        "adminUserEnabled": kit.Property("boolean", "Whether there is an account.", default=False),
        "zoneRedundancy": arm.string("Fixed when it is made; without effect here."),
        "networkRuleBypassOptions": arm.string("Without effect here."),
        "publicNetworkAccess": arm.string("Whether it is reached from the internet."),
        "anonymousPullEnabled": kit.Property("boolean", "Whether images are pulled without an account."),
        "tags": arm.TAGS,
    }
    only = {"publicNetworkAccess": "Enabled", "anonymousPullEnabled": False}
    outputs = {**arm.ArmType.outputs, "loginServer": arm.string("Where to log in.")}

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks name and tier, and what does not change."""
        if not _NAME.fullmatch(record.name):
            text = f"The registry name {record.name} must be 5 to 50 alphanumeric characters."
            raise arm.ArmError(400, "RegistryNameInvalid", text)
        if arm.look_up(inputs, "sku.name") not in _SKUS:
            text = f"The sku must be one of {', '.join(_SKUS)}; got {arm.look_up(inputs, 'sku.name')!r}."
            raise arm.ArmError(400, "InvalidSku", text)
        if old is not None and old.inputs.get("zoneRedundancy") != inputs.get("zoneRedundancy"):
            # Azure's own words for it were not found.
            raise arm.ArmError(409, "PropertyChangeNotAllowed", "Changing property 'zoneRedundancy' is not allowed.")
        return {"address": record.facts.get("address") or addresses.take_public(self._store, self._home.address_block)}

    async def embody(self, record: Record, inputs: Plain, old: Record | None) -> None:
        """Starts the registry, unless it runs."""
        await self._world.create_registry(record)

    def describe(self, record: Record) -> Plain:
        """Tells the server, an address on which operator and hosts reach it alike."""
        return {"loginServer": record.facts["address"]}

    async def list_credentials(self, arguments: Plain) -> Plain:
        """Answers listRegistryCredentials. Azure gives two passwords; htpasswd has one an account."""
        registry = self.require(self.make_id(arguments))
        if not registry.inputs.get("adminUserEnabled"):
            text = f"The admin user of registry {registry.name} is disabled."
            raise arm.ArmError(400, "UnAuthorizedForCredentialOperations", text)
        password = self._world.password_of(registry)
        return {"username": registry.name, "passwords": [{"name": "password", "value": password}]}
