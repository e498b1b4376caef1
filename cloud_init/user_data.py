"""Makes the user-data of container hosts and jump hosts.

What differs between hosts of one kind is their keys alone; the rest is the same text for every host, so that it can
be hashed into the generation without an unknown value.
"""

import dataclasses
import importlib.resources
from collections.abc import Mapping
from typing import Any

import yaml

READINESS_PORT = 9180

_SSHD = """\
# Keys only. Forwarding stays on for the operator: the provider reaches Docker's socket through it.
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
X11Forwarding no
AllowAgentForwarding no
MaxStartups 100:30:200
MaxSessions 100
"""

_DAEMON = '{"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "5"}, "live-restore": false}\n'

_SOCKET = f"""\
[Unit]
Description=Readiness answers for the load balancer
[Socket]
ListenStream=0.0.0.0:{READINESS_PORT}
[Install]
WantedBy=sockets.target
"""

_SERVICE = """\
[Unit]
Description=Readiness answers for the load balancer
[Service]
ExecStart=/usr/bin/python3 /usr/local/lib/azure-swarm/readiness.py
DynamicUser=yes
Restart=always
"""


@dataclasses.dataclass(frozen=True)
class HostKeys:
    """A host's SSH identity: an ed25519 key pair in OpenSSH form and the certificate of the cluster's authority."""

    private: str
    public: str
    certificate: str


def make_container_host(keys: HostKeys, user: str) -> str:
    """Gives the user-data of a host that runs Docker; `user` is the admin user that Azure makes."""
    return _render(keys, container_host_facts(user))


def make_jump_host(keys: HostKeys) -> str:
    """Gives the user-data of a host that only forwards SSH."""
    return _render(keys, jump_host_facts())


def container_host_facts(user: str) -> dict[str, Any]:
    """Gives all of a container host's user-data that is the same for every host; it goes into the generation."""
    return {
        "write_files": [
            _file("/etc/ssh/sshd_config.d/50-azure-swarm.conf", _SSHD),
            _file("/etc/docker/daemon.json", _DAEMON),
            _file("/etc/systemd/system/swarm-ready.socket", _SOCKET),
            _file("/etc/systemd/system/swarm-ready.service", _SERVICE),
            _file("/usr/local/lib/azure-swarm/readiness.py", _read("readiness.py")),
            _file("/usr/local/lib/azure-swarm/install-docker.sh", _read("install-docker.sh"), "0755"),
        ],
        "runcmd": [["/usr/local/lib/azure-swarm/install-docker.sh", user]],
    }


def jump_host_facts() -> dict[str, Any]:
    """Gives all of a jump host's user-data that is the same for every one."""
    return {"write_files": [_file("/etc/ssh/sshd_config.d/50-azure-swarm.conf", _SSHD)]}


def _render(keys: HostKeys, facts: Mapping[str, Any]) -> str:
    document = {
        # The minimal images have no locales package; without this cloud-init reports an error.
        "locale": False,
        "ssh_deletekeys": True,
        "ssh_genkeytypes": [],
        "ssh_keys": {
            "ed25519_private": keys.private,
            "ed25519_public": keys.public,
            "ed25519_certificate": keys.certificate,
        },
        **facts,
    }
    return "#cloud-config\n" + yaml.safe_dump(document, sort_keys=True)


def _file(path: str, content: str, permissions: str = "0644") -> dict[str, str]:
    return {"path": path, "content": content, "permissions": permissions}


def _read(name: str) -> str:
    return importlib.resources.files("cloud_init").joinpath("files", name).read_text(encoding="utf-8")
