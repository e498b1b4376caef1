"""Availability sets: state only, since every machine of a sandbox is on this one."""

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm
from sandbox.store import Record

_UPDATE_DOMAINS = 20
_FAULT_DOMAINS = 3


class AvailabilitySet(arm.ArmType):
    """An availability set."""

    token = "azure-native:compute:AvailabilitySet"
    description = "An availability set; keeps nothing apart here."
    path = "/providers/Microsoft.Compute/availabilitySets/{availabilitySetName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "availabilitySetName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "platformFaultDomainCount": kit.Property("integer", "Racks.", required=True),
        "platformUpdateDomainCount": kit.Property("integer", "Groups that are restarted in turn.", required=True),
        "sku": kit.Property("object", "name: Aligned.", required=True),
        "tags": arm.TAGS,
    }
    only = {"sku": {"name": "Aligned"}}

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks the counts, which do not change."""
        for key, most in (
            ("platformFaultDomainCount", _FAULT_DOMAINS),
            ("platformUpdateDomainCount", _UPDATE_DOMAINS),
        ):
            if not 1 <= inputs[key] <= most:
                text = f"The value {inputs[key]} of {key} must be from 1 to {most}."
                raise arm.ArmError(400, "InvalidParameter", text)
            if old is not None and old.inputs[key] != inputs[key]:
                raise arm.ArmError(409, "PropertyChangeNotAllowed", f"Changing property '{key}' is not allowed.")
        return {}

    def refuse_delete(self, record: Record) -> None:
        """Refuses while a machine is in it."""
        users = self.users_of(record.id)
        if users:
            text = f"Availability Set '{record.name}' cannot be deleted while it has virtual machines: {users[0].id}."
            raise arm.ArmError(409, "OperationNotAllowed", text)
