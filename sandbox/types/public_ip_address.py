"""Public addresses: one of the sandbox's own block in 127.0.0.0/8, which is local to this machine."""

from providers import kit
from providers.kit.resource import Plain
from sandbox import addresses, arm
from sandbox.store import Record


class PublicIPAddress(arm.ArmType):
    """A static public address of sku Standard."""

    token = "azure-native:network:PublicIPAddress"
    description = "A public address."
    path = "/providers/Microsoft.Network/publicIPAddresses/{publicIpAddressName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "publicIpAddressName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "sku": kit.Property("object", "name: Standard.", replaces=True),
        "publicIPAllocationMethod": arm.string("Static."),
        "publicIPAddressVersion": arm.string("IPv4."),
        # azure-native asks for a change of it as an update, which Azure refuses.
        "zones": kit.Property("array", "Availability zones."),
        "tags": arm.TAGS,
    }
    only = {"publicIPAddressVersion": "IPv4"}
    outputs = {**arm.ArmType.outputs, "ipAddress": arm.string("The address.")}

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Gives it an address that no other one has."""
        if arm.look_up(inputs, "sku.name") != "Standard":
            text = "Basic SKU public addresses are retired; use Standard."
            raise arm.ArmError(400, "IPv4BasicSkuPublicIpCountLimitReached", text)
        if inputs.get("publicIPAllocationMethod") != "Static":
            text = f"Standard sku publicIp {record.id} must have AllocationMethod set to Static."
            raise arm.ArmError(400, "StandardSkuPublicIPAddressesMustBeStatic", text)
        if old is not None:
            _refuse_other_zones(old, inputs)
        if "address" in record.facts:
            return {}
        return {"address": addresses.take_public(self._store, self._home.address_block)}

    def describe(self, record: Record) -> Plain:
        """Tells the address."""
        return {"ipAddress": record.facts["address"]}

    def refuse_delete(self, record: Record) -> None:
        """Refuses while something refers to it."""
        users = self.users_of(record.id)
        if users:
            text = f"Public IP address {record.id} can not be deleted since it is still allocated to {users[0].id}."
            raise arm.ArmError(400, "PublicIPAddressCannotBeDeleted", text)


def _refuse_other_zones(old: Record, inputs: Plain) -> None:
    has, wanted = (_name_zones(one) for one in (old.inputs, inputs))
    if has != wanted:
        text = (
            f"Resource {old.id} has an existing availability zone constraint {has} and the request has availability "
            f"zone constraint {wanted}, which do not match. Zones cannot be added/updated/removed once the resource is "
            "created. The resource cannot be updated from regional to zonal or vice-versa."
        )
        raise arm.ArmError(400, "ResourceAvailabilityZonesCannotBeModified", text)


def _name_zones(inputs: Plain) -> str:
    return ", ".join(sorted(inputs.get("zones") or [])) or "NoZone"
