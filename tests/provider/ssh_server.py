"""An OpenSSH server on this machine, with host certificates of an authority of ours.

An HTTP server on a unix socket plays the engine.
"""

import contextlib
import dataclasses
import getpass
import http.server
import json
import pathlib
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from providers import kit
from providers.swarm import keys, ssh_hosts
from tests.doubles import virtual_time

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
# A name that resolves to this machine everywhere.
HOST = "localhost"
_CONTEXT = kit.Context("it", "urn:it", 0, print, print)


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


def write_keys(folder: pathlib.Path, principal: str) -> dict[str, Any]:
    authority = _make(keys.SshAuthority(), {"comment": "test"})
    wish = {"name": principal, "principals": [principal], "caPrivateKey": authority["caPrivateKey"]}
    identity = _make(keys.HostIdentity(), wish)
    (folder / "host").write_text(identity["privateKey"])
    (folder / "host").chmod(0o600)
    (folder / "host-cert.pub").write_text(identity["certificate"] + "\n")
    (folder / "authorized").write_text(authority["operatorPublicKey"] + "\n")
    (folder / "authorized").chmod(0o600)
    return authority


def find_port() -> int:
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
def serve(folder: pathlib.Path, *, principal: str = HOST, certified: bool = True) -> Iterator[Server]:
    authority, port = write_keys(folder, principal), find_port()
    config, log = _configure(folder, port, certified=certified), folder / "log"
    if getpass.getuser() == "root":
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    assert SSHD is not None
    process = subprocess.Popen([SSHD, "-D", "-f", str(config), "-E", str(log)])
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


def make_way(server: Server, **changes: Any) -> ssh_hosts.Way:
    way = ssh_hosts.Way(
        jump_host=None,
        jump_port=server.port,
        jump_name="",
        user=getpass.getuser(),
        private_key=server.operator_key,
        ca_public_key=server.ca_public_key,
    )
    return dataclasses.replace(way, **changes)


def run(
    server: Server, use: Callable[[ssh_hosts.SshHosts], Coroutine[Any, Any, Any]], way: ssh_hosts.Way | None = None
) -> Any:
    async def main() -> Any:
        hosts = ssh_hosts.SshHosts(way or make_way(server), port=server.port, docker_socket=server.docker_socket)
        try:
            return await use(hosts)
        finally:
            await hosts.close()

    return virtual_time.run_in_real_time(main())
