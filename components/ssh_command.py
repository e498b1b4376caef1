"""The `ssh` command line to a host: through the jump host, trusting the cluster's authority and nothing else."""

import dataclasses
import shlex
from collections.abc import Sequence

import pulumi

from components import access


@dataclasses.dataclass(frozen=True, kw_only=True)
class Session:
    """The plain facts of a session; without a jump address the host is reached directly."""

    user: str
    host_name: str
    ca_public_key: str
    jump_address: str = ""
    jump_name: str = ""
    proxy_command: str = ""


def make_ssh_command(way: access.SshAccess, host_name: str, key_output: str) -> pulumi.Output[str]:
    """Gives a command that works as it stands in the project's folder.

    The operator's key goes from the stack's output `key_output` into an agent that lives as long as the session; no
    file holds it.
    """
    key_command = f"pulumi stack output {key_output} --show-secrets --stack {shlex.quote(pulumi.get_stack())}"
    session = pulumi.Output.all(
        user=way.user,
        host_name=host_name,
        ca_public_key=way.ca_public_key,
        jump_address=way.jump_address or "",
        jump_name=way.jump_name or way.jump_address or "",
        proxy_command=way.proxy_command or "",
    )
    return session.apply(lambda facts: render(Session(**facts), key_command))


def render(session: Session, key_command: str) -> str:
    """Gives the command line; further words at its end go to the host."""
    trust = [
        *("-o", f"KnownHostsCommand=/bin/echo @cert-authority * {_bare_key(session.ca_public_key)}"),
        *("-o", "UserKnownHostsFile=/dev/null"),
        *("-o", "StrictHostKeyChecking=yes"),
    ]
    proxy = _make_jump(session, trust) if session.jump_address else session.proxy_command
    way = ["-o", f"ProxyCommand={proxy}"] if proxy else []
    command = shlex.join(["ssh", *trust, *way, f"{session.user}@{session.host_name}"])
    return shlex.join(["ssh-agent", "sh", "-c", f'{key_command} | ssh-add -q - && exec {command} "$@"', "ssh"])


def _make_jump(session: Session, trust: Sequence[str]) -> str:
    alias = f"HostKeyAlias={session.jump_name}"
    return shlex.join(["ssh", *trust, "-o", alias, "-W", "%h:%p", f"{session.user}@{session.jump_address}"])


def _bare_key(public_key: str) -> str:
    # Type and key, without the comment.
    return " ".join(public_key.split()[:2])
