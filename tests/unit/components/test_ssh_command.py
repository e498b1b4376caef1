"""The command line of a session on a host."""

import pathlib
import subprocess

import pytest

from components import access, ssh_command
from tests.unit import deploying

_TRUST = "KnownHostsCommand=/bin/echo @cert-authority * ssh-ed25519 AAAA"
_SESSION = ssh_command.Session(
    user="azureuser",
    host_name="manager-0-3fa9c1",
    ca_public_key="ssh-ed25519 AAAA a comment",
    jump_address="203.0.113.7",
    jump_name="net-jump-c2f280",
)


@pytest.fixture
def stubs(tmp_path: pathlib.Path) -> pathlib.Path:
    """Gives a folder of commands that stand for the real ones; `ssh` prints its words, one a line."""
    _write_stub(tmp_path / "ssh-agent", 'exec "$@"')
    _write_stub(tmp_path / "ssh-add", f"cat > {tmp_path}/key")
    _write_stub(tmp_path / "pulumi", 'echo "$@"')
    _write_stub(tmp_path / "ssh", "printf '%s\\n' \"$@\"")
    return tmp_path


def _write_stub(path: pathlib.Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def _run(stubs: pathlib.Path, command: str) -> list[str]:
    environment = {"PATH": f"{stubs}:/usr/bin:/bin"}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_session_trusts_the_authority_and_nothing_else(stubs: pathlib.Path) -> None:
    words = _run(stubs, ssh_command.render(_SESSION, "pulumi key"))

    assert words[:6] == ["-o", _TRUST, "-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes"]
    assert words[-1] == "azureuser@manager-0-3fa9c1"


def test_a_proxy_command_is_openssh_s_own(stubs: pathlib.Path) -> None:
    session = ssh_command.Session(
        user="azureuser", host_name="manager-0", ca_public_key="ssh-ed25519 AAAA", proxy_command="gate --to %h %p"
    )
    words = _run(stubs, ssh_command.render(session, "pulumi key"))

    assert words[6:] == ["-o", "ProxyCommand=gate --to %h %p", "azureuser@manager-0"]


def test_the_jump_host_is_trusted_by_its_own_name(stubs: pathlib.Path) -> None:
    words = _run(stubs, ssh_command.render(_SESSION, "pulumi key"))

    jump = words[7].removeprefix("ProxyCommand=")
    assert _run(stubs, jump)[:2] == ["-o", _TRUST]
    assert _run(stubs, jump)[6:] == [
        "-o",
        "HostKeyAlias=net-jump-c2f280",
        "-W",
        "%h:%p",
        "azureuser@203.0.113.7",
    ]


def test_the_key_goes_into_an_agent(stubs: pathlib.Path) -> None:
    _run(stubs, ssh_command.render(_SESSION, "pulumi the key"))

    assert (stubs / "key").read_text() == "the key\n"


def test_further_words_go_to_the_host(stubs: pathlib.Path) -> None:
    words = _run(stubs, f"{ssh_command.render(_SESSION, 'pulumi key')} docker node ls")

    assert words[-4:] == ["azureuser@manager-0-3fa9c1", "docker", "node", "ls"]


def test_a_host_without_a_jump_host_is_reached_directly(stubs: pathlib.Path) -> None:
    direct = ssh_command.Session(user="admin", host_name="one", ca_public_key="ssh-ed25519 AAAA")

    words = _run(stubs, ssh_command.render(direct, "pulumi key"))

    assert words[6:] == ["admin@one"]


def test_the_key_is_read_from_the_output_of_the_stack(stubs: pathlib.Path) -> None:
    way = access.SshAccess(ca_public_key="ssh-ed25519 AAAA", operator_private_key="key")
    commands: list[str] = []
    deploying.deploy(lambda: ssh_command.make_ssh_command(way, "one", "operatorKey").apply(commands.append))

    _run(stubs, commands[0])

    assert (stubs / "key").read_text() == "stack output operatorKey --show-secrets --stack dev\n"
