"""Makes the user-data of container hosts and jump hosts for cloud-init.

What differs between hosts of one kind is their keys alone; the rest is the same text for every host, so that it can
be hashed into the generation without an unknown value.
"""

import dataclasses
import importlib.resources
from collections.abc import Mapping
from typing import Any

import yaml

from cloud_init import hardening
from cloud_init.software import PLAIN, Software

READINESS_PORT = 9180

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
    """A host's name and SSH identity, and the public key of the operator, who may log in.

    The identity is an ed25519 key pair in OpenSSH form and the certificate of the cluster's authority.
    """

    name: str
    private: str = dataclasses.field(repr=False)
    public: str
    certificate: str
    operator: str


def make_container_host(keys: HostKeys, user: str, software: Software = PLAIN) -> str:
    """Gives the user-data of a host that runs Docker; `user` is the admin user that Azure's agent makes."""
    return _render(keys, container_host_facts(user, software))


def make_jump_host(keys: HostKeys, software: Software = PLAIN) -> str:
    """Gives the user-data of a host that only forwards SSH."""
    return _render(keys, jump_host_facts(software))


def container_host_facts(user: str, software: Software = PLAIN) -> dict[str, Any]:
    """Gives all of a container host's user-data that is the same for every host; it goes into the generation."""
    return {
        "write_files": [
            *_plain_files({**hardening.make_host_files(), **software.make_files(), **software.make_engine_files()}),
            _file("/etc/systemd/system/swarm-ready.socket", _SOCKET),
            _file("/etc/systemd/system/swarm-ready.service", _SERVICE),
            _file("/usr/local/lib/azure-swarm/readiness.py", read_file("readiness.py")),
        ],
        "runcmd": [
            *software.list_engine_commands(user),
            hardening.make_command([*hardening.HOST_PACKAGES, *software.list_packages()]),
        ],
    }


def jump_host_facts(software: Software = PLAIN) -> dict[str, Any]:
    """Gives all of a jump host's user-data that is the same for every one."""
    return {
        "write_files": _plain_files({**hardening.make_jump_files(), **software.make_files()}),
        "runcmd": [hardening.make_command([*hardening.JUMP_PACKAGES, *software.list_packages()])],
    }


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


def _plain_files(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [_file(path, text, "0755" if path.endswith(".sh") else "0644") for path, text in texts.items()]


def _file(path: str, content: str, permissions: str = "0644") -> dict[str, str]:
    return {"path": path, "content": content, "permissions": permissions}


def read_file(name: str) -> str:
    """Gives the text of a file that hosts get."""
    return importlib.resources.files("cloud_init").joinpath("files", name).read_text(encoding="utf-8")
