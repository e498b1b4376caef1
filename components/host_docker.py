"""A Docker provider for one host: over SSH through the jump host, trusting the cluster's authority and nothing else."""

import hashlib
import os
import pathlib
import shlex
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_docker as docker

from components import access, private_registry


def create_provider(
    parent: pulumi.Resource,
    name: str,
    host: access.Host,
    registry: "private_registry.PrivateRegistry | None" = None,
) -> docker.Provider:
    """Creates the provider; with a registry it is logged in to that."""
    way = host.access
    facts = pulumi.Output.all(
        ca=way.ca_public_key,
        key=way.operator_private_key,
        jump_address=way.jump_address or "",
        jump_name=way.jump_name or way.jump_address or "",
        proxy_command=way.proxy_command or "",
        user=way.user,
    )
    args: dict[str, Any] = {} if registry is None else {"registry_auth": [_make_login(registry)]}
    return docker.Provider(
        name,
        host=f"ssh://{way.user}@{host.host_name}:22",
        # The key itself is in none of them; the path of its file is no secret.
        ssh_opts=pulumi.Output.unsecret(facts.apply(lambda found: make_options(found, keep_key(found["key"])))),
        opts=pulumi.ResourceOptions(parent=parent),
        **args,
    )


def _make_login(registry: "private_registry.PrivateRegistry") -> dict[str, pulumi.Input[str]]:
    return {"address": registry.server, "username": registry.username, "password": registry.password}


def make_options(facts: Mapping[str, str], key_file: pathlib.Path) -> list[str]:
    """Gives ssh's options; nothing of the user's own configuration, agent or known hosts takes part."""
    key = " ".join(facts["ca"].split()[:2])
    trust = [
        *("-F", "/dev/null"),
        *("-o", "IdentitiesOnly=yes"),
        *("-o", "IdentityAgent=none"),
        *("-i", str(key_file)),
        *("-o", f"KnownHostsCommand=/bin/echo @cert-authority * {key}"),
        *("-o", "UserKnownHostsFile=/dev/null"),
        *("-o", "StrictHostKeyChecking=yes"),
    ]
    if not facts["jump_address"]:
        return [*trust, "-o", f"ProxyCommand={facts['proxy_command']}"] if facts["proxy_command"] else trust
    alias = f"HostKeyAlias={facts['jump_name']}"
    jump = shlex.join(["ssh", *trust, "-o", alias, "-W", "%h:%p", f"{facts['user']}@{facts['jump_address']}"])
    return [*trust, "-o", f"ProxyCommand={jump}"]


def keep_key(private_key: str) -> pathlib.Path:
    """Keeps the operator's key where ssh finds it, readable by its owner alone; gives the file.

    ssh takes keys from files and agents only, and Docker's provider runs ssh by itself, also in a `destroy` that does
    not run the program. The folder is outside of the checkout and named by the key.
    """
    folder = _cache_folder() / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / hashlib.sha256(private_key.encode()).hexdigest()[:16]
    if not file.exists():
        written = folder / f"{file.name}.{os.getpid()}"
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
            opened.write(private_key if private_key.endswith("\n") else f"{private_key}\n")
        written.rename(file)
    return file


def _cache_folder() -> pathlib.Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(pathlib.Path.home() / ".cache")
    return pathlib.Path(os.environ.get("AZURE_SWARM_CACHE") or f"{home}/azure-swarm")
