"""The dev environment made by hand: what by_hand.sh needs before it starts, and the removal of what it made."""

import contextlib
import ipaddress
import os
import pathlib
from collections.abc import Iterator

import asyncssh

import cloud_init
from sandbox import home, machines
from sandbox.images import names
from tests.bench import running
from tests.e2e import environment

_SCRIPT = pathlib.Path(__file__).with_name("by_hand.sh")
_USER = "azureuser"
_HOSTS = ("manager-0", "worker-0", "worker-1")


@contextlib.contextmanager
def prepare(folder: pathlib.Path, prefix: str, network: ipaddress.IPv4Network) -> Iterator[dict[str, str]]:
    """Writes each machine's files and gives the script's variables; removes at the end what carries the prefix."""
    files = folder / "files"
    _write_files(files)
    registry = home.Home(folder, prefix, "").address_block
    variables = {
        **os.environ,
        "HAND_PREFIX": prefix,
        "HAND_NETWORK": str(network.network_address).rpartition(".")[0],
        "HAND_REGISTRY": f"{registry}.1",
        "HAND_FILES": str(files),
        "NODE_IMAGE": names.node_image(),
        "SERVICES_IMAGE": names.services_image(),
    }
    try:
        yield variables
    finally:
        environment.sweep(environment.Environment(folder, folder, prefix))
        _remove_images(f"{registry}.1:5000/*/*")


def run(variables: dict[str, str]) -> float:
    """Runs the script and gives its seconds."""
    return running.time_command([str(_SCRIPT)], _SCRIPT.parent, variables)


def _write_files(folder: pathlib.Path) -> None:
    authority, operator = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    public = operator.export_public_key().decode().strip()
    for name in (*_HOSTS, "jump"):
        profile = {
            "computerName": name,
            "adminUsername": _USER,
            "linuxConfiguration": {"ssh": {"publicKeys": [{"keyData": public}]}},
        }
        user_data = _make_user_data(name, authority)
        for path, (content, mode) in machines.seed_files(name, profile, user_data.encode()).items():
            place = folder / name / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            place.chmod(mode)


def _make_user_data(name: str, authority: asyncssh.SSHKey) -> str:
    key = asyncssh.generate_private_key("ssh-ed25519")
    certificate = authority.generate_host_certificate(key, name, principals=[name])
    keys = cloud_init.HostKeys(
        name=name,
        private=key.export_private_key().decode(),
        public=key.export_public_key().decode(),
        certificate=certificate.export_certificate().decode(),
        operator=authority.export_public_key().decode(),
    )
    return cloud_init.make_container_host(keys, _USER) if name in _HOSTS else cloud_init.make_jump_host(keys)


def _remove_images(reference: str) -> None:
    listed = environment.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", reference).split()
    if listed:
        environment.docker("image", "rm", *listed)
