"""The hosts over SSH, against an OpenSSH server on this machine.

Without /usr/sbin/sshd (Debian: openssh-server) the tests are skipped.
"""

import asyncio
import base64
import dataclasses
import json
import pathlib
import shlex
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import asyncssh
import pytest

from providers import kit
from providers.swarm import ssh_hosts, waiting
from providers.swarm.hosts import EngineError, HostUnreachable
from tests.provider import ssh_server

_HOST = ssh_server.HOST
_run, _way = ssh_server.run, ssh_server.make_way

# What netcat does, which not every machine has.
_RELAY = """
import os, socket, sys, threading
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def send():
    while chunk := os.read(0, 65536):
        connection.sendall(chunk)
threading.Thread(target=send, daemon=True).start()
while chunk := connection.recv(65536):
    os.write(1, chunk)
"""

pytestmark = pytest.mark.skipif(ssh_server.SSHD is None, reason="needs /usr/sbin/sshd (Debian: openssh-server)")

GiveUp = Callable[[ssh_hosts.SshHosts, str, pathlib.Path], Coroutine[Any, Any, None]]


async def _time_out(hosts: ssh_hosts.SshHosts, command: str, _mark: pathlib.Path) -> None:
    # Time enough to begin.
    with pytest.raises(HostUnreachable):
        await hosts.run(_HOST, command, seconds=1)


async def _cancel(hosts: ssh_hosts.SshHosts, command: str, mark: pathlib.Path) -> None:
    running = asyncio.ensure_future(hosts.run(_HOST, command))
    await waiting.wait_for("the command to begin", _probe(mark.exists), seconds=10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def _probe(holds: Callable[[], bool]) -> Callable[[waiting.Waiter], Coroutine[Any, Any, bool | None]]:
    async def probe(_waiter: waiting.Waiter) -> bool | None:
        return holds() or None

    return probe


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ssh_server.Server]:
    with ssh_server.serve(tmp_path_factory.mktemp("sshd")) as found:
        yield found


def test_a_command_runs_and_gives_its_output(server: ssh_server.Server) -> None:
    assert _run(server, lambda hosts: hosts.run(_HOST, "echo 'a  b' | tr a c")) == "c  b\n"


def test_the_address_of_the_host_is_told_by_its_sshd(server: ssh_server.Server) -> None:
    assert _run(server, lambda hosts: hosts.run(_HOST, 'echo "$SSH_CONNECTION"')).split()[2] == "127.0.0.1"


def test_a_failed_command_quotes_its_own_error(server: ssh_server.Server) -> None:
    with pytest.raises(kit.ResourceError) as caught:
        _run(server, lambda hosts: hosts.run(_HOST, "echo no luck >&2; exit 3"))

    assert str(caught.value) == "A command on host 'localhost' failed: no luck"
    assert not isinstance(caught.value, HostUnreachable)


def test_a_command_that_takes_too_long_is_given_up(server: ssh_server.Server) -> None:
    with pytest.raises(HostUnreachable) as caught:
        _run(server, lambda hosts: hosts.run(_HOST, "tail -f /dev/null", seconds=0.2))

    assert str(caught.value) == "Host 'localhost' did not finish a command within 0.2 s."


@pytest.mark.parametrize("give_up", [_time_out, _cancel])
def test_a_command_that_is_given_up_ends_on_the_host_too(
    server: ssh_server.Server, tmp_path: pathlib.Path, give_up: GiveUp
) -> None:
    mark = tmp_path / "pid"

    async def use(hosts: ssh_hosts.SshHosts) -> bool:
        await give_up(hosts, f"echo $$ > {mark}; exec tail -f /dev/null", mark)
        process = pathlib.Path(f"/proc/{mark.read_text().strip()}")
        return await waiting.wait_for("the command to end", _probe(lambda: not process.exists()), seconds=10)

    assert _run(server, use)


def test_the_engine_answers_through_the_connection(server: ssh_server.Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        engine = await hosts.engine(_HOST)
        # Pulumi hands a map over in any order; the text must be the same each time.
        auth = {"username": "u", "password": "p"}
        return await engine.request("POST", "/a/create", query={"x": "1 2"}, body={"b": "ü"}, registry_auth=auth)

    seen = _run(server, use)

    assert seen["path"] == "/a/create?x=1+2"
    assert json.loads(seen["body"]) == {"b": "ü"}
    assert seen["auth"] == base64.urlsafe_b64encode(b'{"password": "p", "username": "u"}').decode()


def test_the_engines_refusal_is_its_own_sentence(server: ssh_server.Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("GET", "/refuse")

    with pytest.raises(EngineError) as caught:
        _run(server, use)

    assert (caught.value.status, str(caught.value)) == (409, "rpc error: name conflicts")


def test_an_answer_without_a_body_is_none(server: ssh_server.Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("DELETE", "/nothing")

    assert _run(server, use) is None


def test_large_bodies_pass_in_both_directions(server: ssh_server.Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("POST", "/", body="x" * 5_000_000)

    assert len(_run(server, use)["body"]) == 5_000_002


def test_all_that_a_run_does_shares_one_connection(server: ssh_server.Server) -> None:
    before = server.logins()

    async def use(hosts: ssh_hosts.SshHosts) -> None:
        engines = await asyncio.gather(*(hosts.engine(_HOST) for _ in range(20)))
        asked = [engine.request("GET", "/x") for engine in engines]
        told = [hosts.run(_HOST, "true") for _ in range(5)]
        await asyncio.gather(*asked, *told)

    _run(server, use)

    assert server.logins() - before == 1


def test_all_that_ask_for_a_lost_host_share_one_attempt(server: ssh_server.Server) -> None:
    seen: list[int] = []

    async def use(hosts: ssh_hosts.SshHosts) -> list[Any]:
        asked = [asyncio.ensure_future(hosts.run(_HOST, "true")) for _ in range(5)]
        await asyncio.sleep(0)
        seen.append(len(hosts._dials))
        return await asyncio.gather(*asked, return_exceptions=True)

    failures = _run(dataclasses.replace(server, port=ssh_server.find_port()), use)

    assert [type(failure) for failure in failures] == [HostUnreachable] * 5
    assert len({id(failure) for failure in failures}) == len(seen) == 1


def test_one_who_gives_up_takes_the_connection_from_nobody(server: ssh_server.Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        first, second = (asyncio.ensure_future(hosts.run(_HOST, "echo in")) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert _run(server, use) == "in\n"


def test_a_connection_that_was_dropped_is_opened_anew(server: ssh_server.Server) -> None:
    before = server.logins()

    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        await (await hosts.engine(_HOST)).request("GET", "/x")
        await hosts.disconnect(_HOST)
        return await (await hosts.engine(_HOST)).request("GET", "/y")

    assert _run(server, use)["path"] == "/y"
    assert server.logins() - before == 2


def test_hosts_are_reached_through_the_jump_host_and_known_by_their_own_names(server: ssh_server.Server) -> None:
    way = _way(server, jump_host="127.0.0.1", jump_name=_HOST)

    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("GET", "/x"), await hosts.run(_HOST, "echo in")

    seen, told = _run(server, use, way)

    assert (seen["path"], told) == ("/x", "in\n")


def test_hosts_are_reached_through_a_proxy_command(server: ssh_server.Server) -> None:
    way = _way(server, proxy_command=f"{sys.executable} -c {shlex.quote(_RELAY)} %h %p")
    assert _run(server, lambda hosts: hosts.run(_HOST, "echo there"), way) == "there\n"


def test_a_proxy_command_that_fails_is_an_unreachable_host(server: ssh_server.Server) -> None:
    with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH"):
        _run(server, lambda hosts: hosts.run(_HOST, "true"), _way(server, proxy_command="false"))


def test_a_proxy_command_takes_the_hosts_name_and_port_in_any_word() -> None:
    made = ssh_hosts.make_proxy_command("gate --to=%h:%p '100%% sure'", "web-0", 22)

    assert made == ["gate", "--to=web-0:22", "100% sure"]


def test_a_jump_host_with_another_name_is_refused(server: ssh_server.Server) -> None:
    way = _way(server, jump_host="127.0.0.1", jump_name="jump-0")

    with pytest.raises(HostUnreachable, match="Host 'jump-0' cannot be reached over SSH"):
        _run(server, lambda hosts: hosts.run(_HOST, "true"), way)


def test_a_socket_that_nobody_listens_on_is_an_unreachable_engine(server: ssh_server.Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("GET", "/x")

    without = dataclasses.replace(server, docker_socket="/nowhere/docker.sock")
    with pytest.raises(HostUnreachable, match="The engine of host 'localhost' does not answer"):
        _run(without, use)


def test_a_closed_port_is_an_unreachable_host(server: ssh_server.Server) -> None:
    closed = dataclasses.replace(server, port=ssh_server.find_port())

    with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH"):
        _run(closed, lambda hosts: hosts.run(_HOST, "true"))


@pytest.mark.parametrize(
    ("principal", "certified"), [(_HOST, False), ("worker-9", True)], ids=["no certificate", "another name"]
)
def test_a_host_that_cannot_prove_its_name_is_refused(tmp_path: pathlib.Path, principal: str, certified: bool) -> None:
    with ssh_server.serve(tmp_path, principal=principal, certified=certified) as server:
        with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH"):
            _run(server, lambda hosts: hosts.run(_HOST, "true"))

    assert "Accepted publickey" not in server.log.read_text()


def test_a_host_of_another_authority_is_refused(server: ssh_server.Server) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()

    with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH"):
        _run(server, lambda hosts: hosts.run(_HOST, "true"), _way(server, ca_public_key=other))


def test_an_operator_key_that_is_none_says_so(server: ssh_server.Server) -> None:
    with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH: Invalid private key"):
        _run(
            server,
            lambda hosts: hosts.run(_HOST, "true"),
            _way(server, private_key="nonsense"),
        )


def test_ssh_keygen_reads_the_certificate_as_one_without_an_end(tmp_path: pathlib.Path) -> None:
    ssh_server.write_keys(tmp_path, "host-0")

    told = subprocess.run(
        ["ssh-keygen", "-L", "-f", str(tmp_path / "host-cert.pub")], check=True, capture_output=True, text=True
    ).stdout

    assert "host certificate" in told
    # With an end it would say "from ... to ...".
    assert "Valid: after " in told
    assert "host-0" in told
