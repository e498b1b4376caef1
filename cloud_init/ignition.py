"""Makes the Ignition config of container hosts on Flatcar, which has no cloud-init.

It says what the cloud-init user-data says, in another form (https://coreos.github.io/ignition/configuration-v3_3/):
Docker's engine is in the image, `/usr` cannot be written to, and there is no Python and no apt. Ignition runs once,
before the system starts; a machine whose config it cannot apply does not boot.
"""

import json
import urllib.parse
from collections.abc import Sequence
from typing import Any

from cloud_init import hardening, user_data
from cloud_init.software import PLAIN, Software

_VERSION = "3.3.0"
_HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
# Where a file of other hosts stands here; the script that puts them into effect is of no use before the first boot.
_ELSEWHERE = {
    "/etc/ssh/sshd_config.d/50-azure-swarm.conf": "/etc/ssh/sshd_config",
    "/usr/local/lib/azure-swarm/sysctl-kernel.conf": "/etc/sysctl.d/61-azure-swarm-kernel.conf",
}
_LEFT_OUT = ("/usr/local/lib/azure-swarm/harden.sh",)
_READINESS = "/opt/azure-swarm/readiness.sh"

# It takes the place of the image's file: whether that one includes others depends on the release.
_SSHD_BASE = f"""\
HostKey {_HOST_KEY}
HostCertificate {_HOST_KEY}-cert.pub
AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys.d/ignition
Subsystem sftp internal-sftp
UseDNS no
UsePAM yes
PrintLastLog no
PrintMotd no
"""

_SOCKET = f"""\
[Unit]
Description=Readiness answers for the load balancer
[Socket]
ListenStream=0.0.0.0:{user_data.READINESS_PORT}
Accept=yes
[Install]
WantedBy=sockets.target
"""

_SERVICE = f"""\
[Unit]
Description=Readiness answer for the load balancer
CollectMode=inactive-or-failed
[Service]
ExecStart={_READINESS}
StandardInput=socket
StandardError=journal
DynamicUser=yes
LogLevelMax=warning
"""


def container_host_facts(user: str, software: Software = PLAIN) -> dict[str, Any]:
    """Gives all of a container host's config that is the same for every host; it goes into the generation."""
    return {
        "ignition": {"version": _VERSION},
        "passwd": {"users": [{"name": user, "groups": ["docker", "sudo"]}]},
        "storage": {"files": [*_list_hardening_files(), *_list_own_files(user)]},
        "systemd": {"units": _list_units(software)},
    }


def make_container_host(keys: user_data.HostKeys, user: str, software: Software = PLAIN) -> str:
    """Gives the config of a host that runs Docker; `user` logs in with the operator's key, and may use sudo."""
    facts = container_host_facts(user, software)
    (account,) = facts["passwd"]["users"]
    account["sshAuthorizedKeys"] = [keys.operator]
    facts["storage"]["files"] += [
        _file("/etc/hostname", f"{keys.name}\n"),
        _file(_HOST_KEY, keys.private, "0600"),
        _file(f"{_HOST_KEY}.pub", f"{keys.public}\n"),
        _file(f"{_HOST_KEY}-cert.pub", f"{keys.certificate}\n"),
    ]
    return json.dumps(facts, sort_keys=True)


def _list_hardening_files() -> list[dict[str, Any]]:
    texts = {_ELSEWHERE.get(path, path): text for path, text in hardening.make_host_files().items()}
    texts["/etc/ssh/sshd_config"] = _SSHD_BASE + texts["/etc/ssh/sshd_config"]
    return [_file(path, text) for path, text in texts.items() if path not in _LEFT_OUT]


def _list_own_files(user: str) -> list[dict[str, Any]]:
    return [
        _file(f"/etc/sudoers.d/{user}", f"{user} ALL=(ALL) NOPASSWD: ALL\n", "0440"),
        _file(_READINESS, user_data.read_file("readiness.sh"), "0755"),
    ]


def _list_units(software: Software) -> Sequence[dict[str, Any]]:
    return [
        # Docker starts with its first client otherwise, and a swarm's tasks would wait for one after a restart.
        {"name": "docker.service", "enabled": True},
        {"name": "swarm-ready.socket", "enabled": True, "contents": _SOCKET},
        {"name": "swarm-ready@.service", "contents": _SERVICE},
        # Flatcar upgrades as a whole, for its next start. None restarts by itself, with nothing drained.
        {"name": "update-engine.service", "mask": not software.unattended_upgrades},
        {"name": "locksmithd.service", "mask": True},
    ]


def _file(path: str, content: str, permissions: str = "0644") -> dict[str, Any]:
    # What is in the image already would stop the boot, were it not to be overwritten.
    source = f"data:,{urllib.parse.quote(content)}"
    return {"path": path, "mode": int(permissions, 8), "overwrite": True, "contents": {"source": source}}
