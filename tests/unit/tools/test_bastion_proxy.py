"""The proxy command through Azure Bastion, with a stand-in for az that listens where az would."""

import pathlib
import subprocess
import sys

import pytest

from tools import environments

_PROXY = environments.ROOT / "tools/bastion-proxy"
_GROUP = "/subscriptions/0a/resourceGroups/azure-swarm-dev-net"
# Answers every line with the same in capitals, and says which words it was started with and its process.
_TUNNEL = """#!{python}
import os, pathlib, socket, sys
folder = pathlib.Path({folder!r})
folder.joinpath("words").write_text("\\n".join(sys.argv[1:]))
folder.joinpath("process").write_text(str(os.getpid()))
print("Opening tunnel on port", flush=True)
with socket.create_server(("127.0.0.1", int(sys.argv[-1]))) as server:
    connection, _ = server.accept()
    with connection, connection.makefile("rwb") as stream:
        for line in stream:
            stream.write(line.upper())
            stream.flush()
    server.accept()
"""


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """Gives a folder with an az."""
    _write(tmp_path, _TUNNEL.format(python=sys.executable, folder=str(tmp_path)))
    return tmp_path


def _write(folder: pathlib.Path, text: str) -> None:
    (folder / "az").write_text(text)
    (folder / "az").chmod(0o755)


def _run(folder: pathlib.Path, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": f"{folder}:/usr/bin:/bin"}
    command = [sys.executable, str(_PROXY), *words]
    return subprocess.run(command, input=given, env=environment, capture_output=True, text=True, timeout=60)


def test_what_goes_in_comes_out_at_the_host(folder: pathlib.Path) -> None:
    done = _run(folder, "net-bastion", _GROUP, "manager-0", "22", given="hello\nhost\n")

    assert (done.returncode, done.stdout) == (0, "HELLO\nHOST\n")


def test_az_is_asked_for_a_tunnel_to_the_machine_of_that_name(folder: pathlib.Path) -> None:
    _run(folder, "net-bastion", _GROUP, "manager-0", "22")

    *words, _port = (folder / "words").read_text().splitlines()
    assert words == [
        *("network", "bastion", "tunnel", "--name", "net-bastion"),
        *("--resource-group", "azure-swarm-dev-net", "--subscription", "0a"),
        *("--target-resource-id", f"{_GROUP}/providers/Microsoft.Compute/virtualMachines/manager-0"),
        *("--resource-port", "22", "--port"),
    ]


def test_the_tunnel_ends_with_the_connection(folder: pathlib.Path) -> None:
    _run(folder, "net-bastion", _GROUP, "manager-0", "22", given="bye\n")

    assert not pathlib.Path(f"/proc/{(folder / 'process').read_text()}").exists()


def test_an_az_that_fails_is_quoted(folder: pathlib.Path) -> None:
    _write(folder, "#!/bin/sh\necho 'Please run az login' >&2\nexit 1\n")

    done = _run(folder, "net-bastion", _GROUP, "manager-0", "22")

    assert done.returncode == 1
    assert done.stderr == (
        "Please run az login\nAzure Bastion 'net-bastion' opened no tunnel to 'manager-0'; az says why above.\n"
    )


def test_other_words_are_answered_with_the_usage(folder: pathlib.Path) -> None:
    done = _run(folder, "net-bastion")

    assert done.returncode == 2
    assert "tools/bastion-proxy BASTION GROUP-ID HOST PORT" in done.stderr


def test_it_tells_what_it_is_for() -> None:
    done = subprocess.run([sys.executable, str(_PROXY), "--help"], capture_output=True, text=True)

    assert (done.returncode, done.stdout.partition(":")[0]) == (
        0,
        "Leads stdin and stdout to a port of a host through Azure Bastion",
    )
