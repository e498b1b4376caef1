"""Rules of machines: who may log in, what boots, what is left behind."""

import base64
import binascii
import json
from collections.abc import Iterator

from components import checks
from policy import rule

_MACHINE = "azure-native:compute:VirtualMachine"
# Its images have no signed boot chain: https://github.com/flatcar/Flatcar/issues/1249.
_WITHOUT_TRUSTED_LAUNCH = "kinvolk"
_EXTENSIONS = (
    "azure-native:compute:VirtualMachineExtension",
    "azure-native:compute:VirtualMachineRunCommandByVirtualMachine",
)


def find_password_login(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a machine that takes a password, or has no key."""
    linux = rule.look_up(inputs, "osProfile.linuxConfiguration")
    if rule.look_up(linux, "disablePasswordAuthentication") is not True or rule.look_up(
        inputs, "osProfile.adminPassword"
    ):
        yield "Set disablePasswordAuthentication, and no adminPassword."
    if not rule.look_up(linux, "ssh.publicKeys"):
        yield "Give the machine an SSH key in linuxConfiguration.ssh.publicKeys."


def find_untrusted_launch(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a machine that boots what nobody signed, unless it is one of Flatcar's, which cannot."""
    if _is_flatcar(inputs):
        return
    profile = rule.look_up(inputs, "securityProfile")
    switches = ("uefiSettings.secureBootEnabled", "uefiSettings.vTpmEnabled")
    launched = rule.look_up(profile, "securityType") in ("TrustedLaunch", "ConfidentialVM")
    if not launched or not all(rule.look_up(profile, path) for path in switches):
        yield "Set securityType to TrustedLaunch, with secureBootEnabled and vTpmEnabled."


def _is_flatcar(inputs: rule.Inputs) -> bool:
    """Tells by the publisher, or, since an image by its id has none, by user-data that only Ignition reads."""
    publisher = rule.look_up(inputs, "storageProfile.imageReference.publisher")
    if str(publisher).lower() == _WITHOUT_TRUSTED_LAUNCH:
        return True
    try:
        config = json.loads(base64.b64decode(rule.look_up(inputs, "osProfile.customData") or ""))
    except ValueError:
        return False
    return isinstance(config, dict) and "ignition" in config


def find_orphan_disk(inputs: rule.Inputs) -> Iterator[str]:
    """Finds an OS disk that is no managed one, or that stays, and costs, when the machine goes."""
    disk = rule.look_up(inputs, "storageProfile.osDisk")
    if not rule.look_up(disk, "managedDisk") or rule.look_up(disk, "vhd"):
        yield "Make the OS disk a managedDisk, without a vhd."
    if rule.look_up(disk, "deleteOption") != "Delete":
        yield "Set the OS disk's deleteOption to Delete."


def find_bad_user_data(inputs: rule.Inputs) -> Iterator[str]:
    """Finds user-data that Azure refuses, or that holds a secret beside the host's own key."""
    text = rule.look_up(inputs, "osProfile.customData")
    if text is None:
        return
    try:
        decoded = base64.b64decode(text, validate=True).decode(errors="replace")
    except binascii.Error:
        yield "Encode customData in base64."
        return
    expected = checks.expected_user_data(decoded)
    if expected is not None:
        yield f"customData must be {expected}."


def find_unencrypted_host(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a machine whose caches and temporary disk are readable where it runs."""
    if rule.look_up(inputs, "securityProfile.encryptionAtHost") is not True:
        yield "Set encryptionAtHost, for which the subscription needs the feature of that name."


def find_extension(inputs: rule.Inputs) -> Iterator[str]:
    """Finds any extension."""
    kind = inputs.get("type") or "a run command"
    yield f"Do in user-data what the extension '{kind}' does: it runs as root on a living host, past its generation."


RULES = (
    rule.Rule(
        "keys-only",
        "Machines take SSH keys and no passwords (CKV_AZURE_1, 149, 178).",
        (_MACHINE,),
        find_password_login,
    ),
    rule.Rule(
        "trusted-launch",
        "Machines boot what is signed, with a virtual TPM (MCSB PV-4), but for Flatcar, which has none of it.",
        (_MACHINE,),
        find_untrusted_launch,
    ),
    rule.Rule(
        "disks-go-with-machines",
        "OS disks are managed and go with their machine: hosts are replaced often (CKV_AZURE_92).",
        (_MACHINE,),
        find_orphan_disk,
    ),
    rule.Rule(
        "no-secrets-in-user-data",
        "User-data fits into 64 KiB and holds no secret but the host's own key (CKV_AZURE_45).",
        (_MACHINE,),
        find_bad_user_data,
    ),
    rule.Rule(
        "encryption-at-host",
        "Machines encrypt caches and temporary disks too (CKV_AZURE_97, 151, MCSB DP-4).",
        (_MACHINE,),
        find_unencrypted_host,
    ),
    rule.Rule("no-extensions", "Hosts have no extensions (CKV_AZURE_50).", _EXTENSIONS, find_extension),
)
