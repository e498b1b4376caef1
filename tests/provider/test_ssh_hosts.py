"""The hosts over SSH against a real OpenSSH server on this machine, with host certificates of an authority of ours.

An HTTP server on a unix socket plays the engine. Without /usr/sbin/sshd (Debian: openssh-server) the tests are skipped.
"""

import asyncio
import base64
import contextlib
import dataclasses
import getpass
import http.server
import json
import pathlib
import shlex
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import asyncssh
import pytest

from providers import kit
from providers.swarm import keys, ssh_hosts
from providers.swarm.hosts import EngineError, HostUnreachable
from tests.doubles import virtual_time

_SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
_CONTEXT = kit.Context("it", "urn:it", 0, print, print)
# A name that resolves to this machine everywhere.
_HOST = "localhost"

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

pytestmark = pytest.mark.skipif(_SSHD is None, reason="needs /usr/sbin/sshd (Debian: openssh-server)")


class _EngineHandler(http.server.BaseHTTPRequestHandler):
    """Answers as little as is asked for: what came in, an error, or nothing."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode()
        if self.path.startswith("/refuse"):
            return self._send(409, json.dumps({"message": "rpc error: name conflicts"}))
        if self.path.startswith("/nothing"):
            return self._send(200, "")
        seen = {"path": self.path, "body": body, "auth": self.headers.get("X-Registry-Auth", "")}
        return self._send(200, json.dumps(seen))

    do_GET = do_POST = do_DELETE = _answer

    def _send(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def address_string(self) -> str:
        return "engine"

    def log_message(self, *_arguments: object) -> None:
        return


class _EngineServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


@dataclasses.dataclass(frozen=True)
class Server:
    """A running sshd and what a client needs to know of it."""

    port: int
    ca_public_key: str
    operator_key: str
    docker_socket: str
    log: pathlib.Path

    def logins(self) -> int:
        """Counts the logins so far."""
        return self.log.read_text().count("Accepted publickey")


def _make(type_: kit.ResourceType, inputs: dict[str, Any]) -> dict[str, Any]:
    return virtual_time.run_in_real_time(type_.create(_CONTEXT, inputs)).outputs


def _write_keys(folder: pathlib.Path, principal: str) -> dict[str, Any]:
    authority = _make(keys.SshAuthority(), {"comment": "test"})
    wish = {"name": principal, "principals": [principal], "caPrivateKey": authority["caPrivateKey"]}
    identity = _make(keys.HostIdentity(), wish)
    (folder / "host").write_text(identity["privateKey"])
    (folder / "host").chmod(0o600)
    (folder / "host-cert.pub").write_text(identity["certificate"] + "\n")
    (folder / "authorized").write_text(authority["operatorPublicKey"] + "\n")
    (folder / "authorized").chmod(0o600)
    return authority


def _find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _configure(folder: pathlib.Path, port: int, *, certified: bool) -> pathlib.Path:
    lines = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {folder}/host",
        f"AuthorizedKeysFile {folder}/authorized",
        f"PidFile {folder}/pid",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
        "PasswordAuthentication no",
        "MaxSessions 100",
        *([f"HostCertificate {folder}/host-cert.pub"] if certified else []),
    ]
    path = folder / "config"
    path.write_text("\n".join(lines) + "\n")
    return path


@contextlib.contextmanager
def _serve(folder: pathlib.Path, *, principal: str = _HOST, certified: bool = True) -> Iterator[Server]:
    authority, port = _write_keys(folder, principal), _find_port()
    config, log = _configure(folder, port, certified=certified), folder / "log"
    if getpass.getuser() == "root":
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    assert _SSHD is not None
    process = subprocess.Popen([_SSHD, "-D", "-f", str(config), "-E", str(log)])
    engine = _EngineServer(str(folder / "docker.sock"), _EngineHandler)
    threading.Thread(target=engine.serve_forever, daemon=True).start()
    try:
        _await_listening(log, process)
        public, private = authority["caPublicKey"], authority["operatorPrivateKey"]
        yield Server(port, public, private, str(folder / "docker.sock"), log)
    finally:
        engine.shutdown()
        engine.server_close()
        process.terminate()
        process.wait(timeout=10)


def _await_listening(log: pathlib.Path, process: "subprocess.Popen[bytes]") -> None:
    clock = threading.Event()
    for _ in range(100):
        if log.exists() and "Server listening" in log.read_text():
            return
        assert process.poll() is None, log.read_text()
        clock.wait(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _serve(tmp_path_factory.mktemp("sshd")) as found:
        yield found


def _way(server: Server, **changes: Any) -> ssh_hosts.Way:
    way = ssh_hosts.Way(
        jump_host=None,
        jump_port=server.port,
        jump_name="",
        user=getpass.getuser(),
        private_key=server.operator_key,
        ca_public_key=server.ca_public_key,
    )
    return dataclasses.replace(way, **changes)


def _run(
    server: Server, use: Callable[[ssh_hosts.SshHosts], Coroutine[Any, Any, Any]], way: ssh_hosts.Way | None = None
) -> Any:
    async def main() -> Any:
        hosts = ssh_hosts.SshHosts(way or _way(server), port=server.port, docker_socket=server.docker_socket)
        try:
            return await use(hosts)
        finally:
            await hosts.close()

    return virtual_time.run_in_real_time(main())


def test_a_command_runs_and_gives_its_output(server: Server) -> None:
    assert _run(server, lambda hosts: hosts.run(_HOST, "echo 'a  b' | tr a c")) == "c  b\n"


def test_the_address_of_the_host_is_told_by_its_sshd(server: Server) -> None:
    assert _run(server, lambda hosts: hosts.run(_HOST, 'echo "$SSH_CONNECTION"')).split()[2] == "127.0.0.1"


def test_a_failed_command_quotes_its_own_error(server: Server) -> None:
    with pytest.raises(kit.ResourceError) as caught:
        _run(server, lambda hosts: hosts.run(_HOST, "echo no luck >&2; exit 3"))

    assert str(caught.value) == "A command on host 'localhost' failed: no luck"
    assert not isinstance(caught.value, HostUnreachable)


def test_a_command_that_takes_too_long_is_given_up(server: Server) -> None:
    with pytest.raises(HostUnreachable) as caught:
        _run(server, lambda hosts: hosts.run(_HOST, "tail -f /dev/null", seconds=0.2))

    assert str(caught.value) == "Host 'localhost' did not finish a command within 0.2 s."


def test_the_engine_answers_through_the_connection(server: Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        engine = await hosts.engine(_HOST)
        # Pulumi hands a map over in any order; the text must be the same each time.
        auth = {"username": "u", "password": "p"}
        return await engine.request("POST", "/a/create", query={"x": "1 2"}, body={"b": "ü"}, registry_auth=auth)

    seen = _run(server, use)

    assert seen["path"] == "/a/create?x=1+2"
    assert json.loads(seen["body"]) == {"b": "ü"}
    assert seen["auth"] == base64.urlsafe_b64encode(b'{"password": "p", "username": "u"}').decode()


def test_the_engines_refusal_is_its_own_sentence(server: Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("GET", "/refuse")

    with pytest.raises(EngineError) as caught:
        _run(server, use)

    assert (caught.value.status, str(caught.value)) == (409, "rpc error: name conflicts")


def test_an_answer_without_a_body_is_none(server: Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("DELETE", "/nothing")

    assert _run(server, use) is None


def test_large_bodies_pass_in_both_directions(server: Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("POST", "/", body="x" * 5_000_000)

    assert len(_run(server, use)["body"]) == 5_000_002


def test_all_that_a_run_does_shares_one_connection(server: Server) -> None:
    before = server.logins()

    async def use(hosts: ssh_hosts.SshHosts) -> None:
        engines = await asyncio.gather(*(hosts.engine(_HOST) for _ in range(20)))
        asked = [engine.request("GET", "/x") for engine in engines]
        told = [hosts.run(_HOST, "true") for _ in range(5)]
        await asyncio.gather(*asked, *told)

    _run(server, use)

    assert server.logins() - before == 1


def test_all_that_ask_for_a_lost_host_share_one_attempt(server: Server) -> None:
    seen: list[int] = []

    async def use(hosts: ssh_hosts.SshHosts) -> list[Any]:
        asked = [asyncio.ensure_future(hosts.run(_HOST, "true")) for _ in range(5)]
        await asyncio.sleep(0)
        seen.append(len(hosts._dials))
        return await asyncio.gather(*asked, return_exceptions=True)

    failures = _run(dataclasses.replace(server, port=_find_port()), use)

    assert [type(failure) for failure in failures] == [HostUnreachable] * 5
    assert len({id(failure) for failure in failures}) == len(seen) == 1


def test_one_who_gives_up_takes_the_connection_from_nobody(server: Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        first, second = (asyncio.ensure_future(hosts.run(_HOST, "echo in")) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert _run(server, use) == "in\n"


def test_a_connection_that_was_dropped_is_opened_anew(server: Server) -> None:
    before = server.logins()

    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        await (await hosts.engine(_HOST)).request("GET", "/x")
        await hosts.disconnect(_HOST)
        return await (await hosts.engine(_HOST)).request("GET", "/y")

    assert _run(server, use)["path"] == "/y"
    assert server.logins() - before == 2


def test_hosts_are_reached_through_the_jump_host_and_known_by_their_own_names(server: Server) -> None:
    way = _way(server, jump_host="127.0.0.1", jump_name=_HOST)

    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("GET", "/x"), await hosts.run(_HOST, "echo in")

    seen, told = _run(server, use, way)

    assert (seen["path"], told) == ("/x", "in\n")


def test_hosts_are_reached_through_a_proxy_command(server: Server) -> None:
    way = _way(server, proxy_command=f"{sys.executable} -c {shlex.quote(_RELAY)} %h %p")
    assert _run(server, lambda hosts: hosts.run(_HOST, "echo there"), way) == "there\n"


def test_a_proxy_command_that_fails_is_an_unreachable_host(server: Server) -> None:
    with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH"):
        _run(server, lambda hosts: hosts.run(_HOST, "true"), _way(server, proxy_command="false"))


def test_a_proxy_command_takes_the_hosts_name_and_port_in_any_word() -> None:
    made = ssh_hosts.make_proxy_command("gate --to=%h:%p '100%% sure'", "web-0", 22)

    assert made == ["gate", "--to=web-0:22", "100% sure"]


def test_a_jump_host_with_another_name_is_refused(server: Server) -> None:
    way = _way(server, jump_host="127.0.0.1", jump_name="jump-0")

    with pytest.raises(HostUnreachable, match="Host 'jump-0' cannot be reached over SSH"):
        _run(server, lambda hosts: hosts.run(_HOST, "true"), way)


def test_a_socket_that_nobody_listens_on_is_an_unreachable_engine(server: Server) -> None:
    async def use(hosts: ssh_hosts.SshHosts) -> Any:
        return await (await hosts.engine(_HOST)).request("GET", "/x")

    without = dataclasses.replace(server, docker_socket="/nowhere/docker.sock")
    with pytest.raises(HostUnreachable, match="The engine of host 'localhost' does not answer"):
        _run(without, use)


def test_a_closed_port_is_an_unreachable_host(server: Server) -> None:
    closed = dataclasses.replace(server, port=_find_port())

    with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH"):
        _run(closed, lambda hosts: hosts.run(_HOST, "true"))


@pytest.mark.parametrize(
    ("principal", "certified"), [(_HOST, False), ("worker-9", True)], ids=["no certificate", "another name"]
)
def test_a_host_that_cannot_prove_its_name_is_refused(tmp_path: pathlib.Path, principal: str, certified: bool) -> None:
    with _serve(tmp_path, principal=principal, certified=certified) as server:
        with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH"):
            _run(server, lambda hosts: hosts.run(_HOST, "true"))

    assert "Accepted publickey" not in server.log.read_text()


def test_a_host_of_another_authority_is_refused(server: Server) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()

    with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH"):
        _run(server, lambda hosts: hosts.run(_HOST, "true"), _way(server, ca_public_key=other))


def test_an_operator_key_that_is_none_says_so(server: Server) -> None:
    with pytest.raises(HostUnreachable, match="Host 'localhost' cannot be reached over SSH: Invalid private key"):
        _run(server, lambda hosts: hosts.run(_HOST, "true"), _way(server, private_key="nonsense"))


def test_ssh_keygen_reads_the_certificate_as_one_without_an_end(tmp_path: pathlib.Path) -> None:
    _write_keys(tmp_path, "host-0")

    told = subprocess.run(
        ["ssh-keygen", "-L", "-f", str(tmp_path / "host-cert.pub")], check=True, capture_output=True, text=True
    ).stdout

    assert "host certificate" in told
    # With an end it would say "from ... to ...".
    assert "Valid: after " in told
    assert "host-0" in told
