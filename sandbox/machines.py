"""A virtual machine as a container: what it is created from; pure. What was proved stands in the facts of the project.

No `--privileged`: the capability SYS_RESOURCE may be missing, and the list says what a booting Linux asks for.
"""

import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import yaml

from providers import kit
from sandbox import arm

Plain = dict[str, Any]

# What systemd, the engine in the machine and its networks ask for.
_CAPABILITIES = (
    "SYS_ADMIN NET_ADMIN NET_RAW SYS_MODULE SYS_PTRACE SYS_CHROOT MKNOD SETFCAP SYS_NICE SYS_TIME SYS_BOOT "
    "DAC_READ_SEARCH IPC_LOCK SYSLOG LINUX_IMMUTABLE AUDIT_CONTROL SYS_TTY_CONFIG LEASE"
)
_SEED = "/var/lib/cloud/seed/nocloud"
_PRIVATE = 0o600
_USER_DATA_BYTES = 65_535
_OFFER = "debian-12"
# Its packet filter, as it was last: run before the machine's own init, so that no boot begins without one.
_FILTER = "/var/lib/sandbox/filter"
_ENTRYPOINT = "/usr/local/sbin/sandbox-entrypoint"
_DOCKER_SITE = b"download.docker.com"


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a machine's container goes: its names, image, labels, network of Docker and address there."""

    container: str
    image: str
    labels: dict[str, str]
    network: str
    address: str
    volume: str


def decode_user_data(inputs: Plain) -> bytes:
    """Gives the decoded custom data. Raises `ArmError` when Azure would refuse it."""
    try:
        content = base64.b64decode(inputs["osProfile"].get("customData") or "", validate=True)
    except binascii.Error as error:
        raise _make_data_error() from error
    if len(content) > _USER_DATA_BYTES:
        raise _make_data_error()
    return content


def _make_data_error() -> arm.ArmError:
    message = "Custom data in OSProfile must be in Base64 encoding and with a maximum length of 87380 characters."
    return arm.ArmError(400, "InvalidParameter", message)


def container_body(computer_name: str, place: Place) -> Plain:
    """Gives the body of Docker's ContainerCreate."""
    endpoint = {"IPAMConfig": {"IPv4Address": place.address}, "Aliases": [computer_name]}
    return {
        "Image": place.image,
        "Hostname": computer_name,
        "Labels": place.labels,
        "StopSignal": "SIGRTMIN+3",
        "Entrypoint": ["sh", "-euc", f"sh -eu {_FILTER}\nexec {_ENTRYPOINT}"],
        "HostConfig": _host_config(place),
        "NetworkingConfig": {"EndpointsConfig": {place.network: endpoint}},
    }


def _host_config(place: Place) -> Plain:
    return {
        "NetworkMode": place.network,
        "CapAdd": _CAPABILITIES.split(),
        "SecurityOpt": ["seccomp=unconfined", "apparmor=unconfined"],
        # systempaths=unconfined in the words of the API: systemd and the engine write below /proc/sys.
        "MaskedPaths": [],
        "ReadonlyPaths": [],
        "CgroupnsMode": "private",
        # A machine that restarts itself comes back; one that is killed or stopped from outside stays away.
        "RestartPolicy": {"Name": "on-failure"},
        "Tmpfs": {"/run": "exec", "/run/lock": "", "/tmp": "exec"},
        "Mounts": [
            # The engine in the machine needs a file system below it that takes overlays.
            {
                "Type": "volume",
                "Source": place.volume,
                "Target": "/var/lib/docker",
                "VolumeOptions": {"Labels": place.labels},
            },
            {"Type": "bind", "Source": "/lib/modules", "Target": "/lib/modules", "ReadOnly": True},
        ],
        # Answers from a registry come back to an address in 127.0.0.0/8 (sandbox/rules.py).
        "Sysctls": {"net.ipv4.conf.all.route_localnet": "1"},
    }


def refuse_other_engine(name: str, user_data: bytes) -> None:
    """Raises a sentence for user-data that wants an engine which the image does not hold."""
    if _DOCKER_SITE in user_data:
        raise kit.ResourceError(
            f"Machine '{name}': a host of the sandbox has Debian's engine in its image and installs none from "
            f"{_DOCKER_SITE.decode()}; set dockerSource to debian here."
        )


def expected_image(reference: Mapping[str, Any]) -> str | None:
    """Tells which images machines are made of here, when the given one is another; versions are all the same."""
    if reference.get("offer") == _OFFER:
        return None
    came = reference.get("offer") or next(iter(reference.values()), "none")
    return (
        f"the sandbox boots {_OFFER} only, which its node image is made of; got {came!r}, whose place on Azure "
        "`make record` and `make arm` show"
    )


def seed_files(vm_name: str, os_profile: Plain, user_data: bytes) -> dict[str, tuple[bytes, int]]:
    """Gives the files that cloud-init reads: the user-data as it is, and what Azure's agent would provide.

    The instance id is the machine's name, so that a machine made anew boots as a new one on its own new disk.
    """
    keys = [key["keyData"] for key in (_ssh(os_profile).get("publicKeys") or [])]
    meta = {"instance-id": vm_name, "local-hostname": os_profile["computerName"], "public-keys": keys}
    return {
        f"{_SEED}/meta-data": (json.dumps(meta).encode(), _PRIVATE),
        f"{_SEED}/user-data": (user_data or b"#cloud-config\n{}\n", _PRIVATE),
        "/etc/cloud/cloud.cfg.d/91-admin.cfg": (_admin(os_profile["adminUsername"]), _PRIVATE),
    }


def filter_file(script: str) -> dict[str, tuple[bytes, int]]:
    """Gives the file with the packet filter of the first boot."""
    return {_FILTER: (script.encode(), _PRIVATE)}


def render_filtering(script: str) -> str:
    """Gives the script that puts another packet filter in place, now and for the next boots."""
    return (
        f"umask 077\nmkdir -p {_FILTER.rpartition('/')[0]}\ncat > {_FILTER}.new <<'FILTER'\n{script}FILTER\n"
        f"mv {_FILTER}.new {_FILTER}\nsh -eu {_FILTER}\n"
    )


def _ssh(os_profile: Plain) -> Plain:
    found: Plain = (os_profile.get("linuxConfiguration") or {}).get("ssh") or {}
    return found


def _admin(name: str) -> bytes:
    user = {
        "name": name,
        "gecos": name,
        "shell": "/bin/bash",
        "lock_passwd": True,
        "sudo": ["ALL=(ALL) NOPASSWD:ALL"],
    }
    return yaml.safe_dump({"system_info": {"default_user": user}}).encode()
