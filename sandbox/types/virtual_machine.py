"""Virtual machines: containers that boot systemd and run their user-data."""

import binascii
import re

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm, capacity, fabric, machines
from sandbox.store import Record

_SIZE = re.compile(r"Standard_(?:[BDEF]\d+[a-z]*|[BDEF]\d+-\d+[a-z]*)(_v\d)?")
# Azure answers a change of these with PropertyChangeNotAllowed; azure-native previews it as an update all the same.
_FIXED = (
    "osProfile.customData",
    "osProfile.adminUsername",
    "osProfile.computerName",
    "osProfile.linuxConfiguration",
    "storageProfile.imageReference",
    "storageProfile.osDisk.createOption",
    "zones",
    "availabilitySet",
    "securityProfile.securityType",
)


class VirtualMachine(arm.ArmType):
    """A Linux machine with one interface."""

    token = fabric.MACHINE
    description = "A virtual machine."
    path = "/providers/Microsoft.Compute/virtualMachines/{vmName}"
    # A machine that does not run is lost: that is what a killed container stands for.
    has_body = True
    inputs = {
        "resourceGroupName": arm.GROUP,
        "vmName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "zones": kit.Property("array", "One availability zone."),
        "availabilitySet": kit.Property("object", "id; without effect here."),
        "hardwareProfile": kit.Property("object", "vmSize.", required=True),
        "networkProfile": kit.Property("object", "networkInterfaces.", required=True),
        "osProfile": kit.Property("object", "Names, keys and custom data.", required=True),
        "storageProfile": kit.Property("object", "Image and OS disk.", required=True),
        "securityProfile": kit.Property("object", "Without effect here."),
        "diagnosticsProfile": kit.Property("object", "Without effect here."),
        "tags": arm.TAGS,
    }

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses images that no body here could be made of."""
        checked = super().check(inputs, old_inputs)
        image = arm.look_up(inputs, "storageProfile.imageReference")
        expected = machines.expected_image(image) if isinstance(image, dict) else None
        return kit.Checked(
            checked.inputs,
            (*checked.failures, *([kit.Failure("storageProfile.imageReference", expected)] if expected else [])),
        )

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks what Azure checks."""
        _refuse_bad_size(inputs)
        self._refuse_bad_spread(inputs)
        machines.decode_user_data(inputs)
        interface = self._only_interface(record, inputs)
        if old is not None:
            _refuse_fixed(old, inputs)
        else:
            capacity.refuse_unavailable(self._home.unavailable_sizes, inputs)
        return {"userData": _digest(inputs), "interface": interface.id}

    async def embody(self, record: Record, inputs: Plain, old: Record | None) -> None:
        """Boots; what changes on a living machine has no effect here."""
        if old is None:
            await self._world.create_machine(record, inputs, self.require(record.facts["interface"]))

    def _refuse_bad_spread(self, inputs: Plain) -> None:
        together = arm.id_of(inputs.get("availabilitySet"))
        if together:
            self.require(together)
        if together and inputs.get("zones"):
            text = "The property 'availabilitySet' cannot be used together with property 'zones'."
            raise arm.ArmError(400, "InvalidParameter", text)

    def _only_interface(self, record: Record, inputs: Plain) -> Record:
        listed = inputs["networkProfile"].get("networkInterfaces") or []
        if len(listed) != 1:
            raise kit.ResourceError(f"The sandbox covers one interface a machine; '{record.name}' has {len(listed)}.")
        interface = self.require(arm.id_of(listed[0]))
        users = [one for one in self.users_of(interface.id) if one.id != record.id]
        if users:
            text = f"Network Interface {interface.id} is used by existing resource {users[0].id}."
            raise arm.ArmError(400, "NicInUse", text)
        return interface

    def without_secrets(self, inputs: Plain) -> Plain:
        """Leaves the user-data out: the host's private key stands in it."""
        profile = {key: value for key, value in inputs["osProfile"].items() if key != "customData"}
        return {**inputs, "osProfile": profile}

    def with_secrets(self, inputs: Plain, state: Plain) -> Plain:
        """Takes the user-data from the state."""
        kept = arm.look_up(state, "osProfile.customData")
        return {**inputs, "osProfile": {**inputs["osProfile"], "customData": kept}} if kept is not None else inputs


def _digest(inputs: Plain) -> str:
    return str(binascii.crc32(machines.decode_user_data(inputs)))


def _refuse_bad_size(inputs: Plain) -> None:
    size = inputs["hardwareProfile"].get("vmSize") or ""
    if not _SIZE.fullmatch(size):
        text = f"The value {size} provided for the VM size is not valid."
        raise arm.ArmError(400, "InvalidParameter", text)


def _refuse_fixed(old: Record, inputs: Plain) -> None:
    without = {**inputs, "osProfile": {k: v for k, v in inputs["osProfile"].items() if k != "customData"}}
    path = arm.changed(old.inputs, without, _FIXED)
    if path is None and old.facts.get("userData") != _digest(inputs):
        path = "osProfile.customData"
    if path is not None:
        raise arm.ArmError(409, "PropertyChangeNotAllowed", f"Changing property '{path}' is not allowed.")
