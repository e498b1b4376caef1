"""The hosts over SSH: one connection a host, through the jump host, and Docker's socket reached over it.

Every connection trusts certificates of the cluster's authority and nothing else; nothing of the user's own SSH
configuration, agent or known hosts takes part. Docker's socket is a channel of the connection: no local socket and no
file exists that could outlive the process, which the engine ends without a warning.
"""

import asyncio
import base64
import contextlib
import dataclasses
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
import asyncssh

from providers import kit
from providers.swarm import ssh_connector
from providers.swarm.hosts import EngineError, HostUnreachable

DOCKER_SOCKET = "/var/run/docker.sock"
SSH_PORT = 22
CONNECT_SECONDS = 15
# A proxy command may have to log in somewhere first.
PROXY_SECONDS = 60
REQUEST_SECONDS = 120
_BAD = 400
_PLACE = re.compile(r"%[hp%]")
# No host can have this name.
_JUMP = " jump host"


@dataclasses.dataclass(frozen=True)
class Way:
    """How to reach hosts: the jump host (None: directly), the user, the key and the authority to trust.

    A proxy command, where there is one, is started for every host instead, as OpenSSH's ProxyCommand is: its input and
    output are the connection, `%h` and `%p` in it become the host's name and port. No shell takes part.
    """

    jump_host: str | None
    jump_port: int
    jump_name: str
    user: str
    private_key: str = dataclasses.field(repr=False)
    ca_public_key: str
    proxy_command: str = ""


def read_way(config: Mapping[str, Any]) -> Way:
    """Reads the way from the configuration of a provider instance (ARCHITECTURE.md has the keys)."""
    return Way(
        jump_host=config.get("jumpHost") or None,
        jump_port=int(config.get("jumpPort", SSH_PORT)),
        jump_name=config.get("jumpName", ""),
        user=config["user"],
        private_key=config["operatorPrivateKey"],
        ca_public_key=config["caPublicKey"],
        proxy_command=config.get("proxyCommand", ""),
    )


class SshHosts:
    """`Hosts` over SSH. Not safe for several threads; one event loop uses it."""

    def __init__(self, way: Way, *, port: int = SSH_PORT, docker_socket: str = DOCKER_SOCKET) -> None:
        self._way = way
        self._port = port
        self._docker_socket = docker_socket
        self._connections: dict[str, asyncssh.SSHClientConnection] = {}
        self._engines: dict[str, SocketEngine] = {}
        self._dials: dict[str, asyncio.Task[asyncssh.SSHClientConnection]] = {}

    async def engine(self, host: str) -> "SocketEngine":
        """Gives the engine of a host. Raises `HostUnreachable`."""
        connection = await self._connect(host)
        known = self._engines.get(host)
        if known is not None and known.connection is connection:
            return known
        self._engines[host] = SocketEngine(host, connection, self._docker_socket)
        if known is not None:
            await known.close()
        return self._engines[host]

    async def run(self, host: str, command: str, *, seconds: float = 60) -> str:
        """Runs a shell command on a host; see `Hosts.run`."""
        connection = await self._connect(host)
        try:
            done = await _run_to_its_end(connection, command, seconds)
        except asyncssh.TimeoutError as error:
            raise HostUnreachable(f"Host '{host}' did not finish a command within {seconds:g} s.") from error
        except (asyncssh.Error, OSError) as error:
            raise HostUnreachable(f"Host '{host}' was lost during a command: {_cause(error)}.") from error
        if done.exit_status is None:
            raise HostUnreachable(f"Host '{host}' was lost during a command.")
        if done.exit_status != 0:
            text = str(done.stderr or done.stdout or "").strip() or f"exit status {done.exit_status}"
            raise kit.ResourceError(f"A command on host '{host}' failed: {text}")
        return str(done.stdout or "")

    async def disconnect(self, host: str) -> None:
        """Drops the connection to a host; see `Hosts.disconnect`."""
        engine, connection = self._engines.pop(host, None), self._connections.pop(host, None)
        if engine is not None:
            await engine.close()
        if connection is not None:
            connection.close()

    async def close(self) -> None:
        """Closes every connection, the jump host's last."""
        for dial in list(self._dials.values()):
            dial.cancel()
        for host in [*(name for name in self._connections if name != _JUMP), _JUMP]:
            await self.disconnect(host)

    async def _connect(self, host: str) -> asyncssh.SSHClientConnection:
        """Gives the connection; all that ask while it is being opened share one attempt, and its failure."""
        known = self._connections.get(host)
        if known is not None and not known.is_closed():
            return known
        if host not in self._dials:
            self._dials[host] = asyncio.ensure_future(self._open(host))
            self._dials[host].add_done_callback(lambda dial: self._keep(host, dial))
        # Shielded, since the one who gives up must not take the connection from the others.
        return await asyncio.shield(self._dials[host])

    def _keep(self, host: str, dial: "asyncio.Task[asyncssh.SSHClientConnection]") -> None:
        del self._dials[host]
        if not dial.cancelled() and dial.exception() is None:
            self._connections[host] = dial.result()

    async def _open(self, host: str) -> asyncssh.SSHClientConnection:
        if host == _JUMP:
            address = str(self._way.jump_host)
            return await self._dial(self._way.jump_name or address, address, self._way.jump_port, None)
        jump = await self._connect(_JUMP) if self._way.jump_host is not None else None
        return await self._dial(host, host, self._port, jump)

    async def _dial(
        self, name: str, address: str, port: int, tunnel: asyncssh.SSHClientConnection | None
    ) -> asyncssh.SSHClientConnection:
        key = " ".join(self._way.ca_public_key.split()[:2])
        seconds = PROXY_SECONDS if self._way.proxy_command else CONNECT_SECONDS
        try:
            return await asyncssh.connect(
                address,
                port,
                tunnel=tunnel or (),
                proxy_command=make_proxy_command(self._way.proxy_command, name, port) or None,
                username=self._way.user,
                client_keys=[asyncssh.import_private_key(self._way.private_key)],
                known_hosts=asyncssh.import_known_hosts(f"@cert-authority * {key}\n"),
                host_key_alias=name,
                agent_path=None,
                config=[],
                connect_timeout=seconds,
                login_timeout=seconds,
                # A host that died in silence is noticed within 20 s, also in the middle of a wait.
                keepalive_interval=5,
                keepalive_count_max=4,
            )
        except (asyncssh.Error, asyncssh.KeyImportError, OSError, TimeoutError) as error:
            raise HostUnreachable(f"Host '{name}' cannot be reached over SSH: {_cause(error)}.") from error


async def _run_to_its_end(
    connection: asyncssh.SSHClientConnection, command: str, seconds: float
) -> asyncssh.SSHCompletedProcess:
    """Runs a command; one that is given up ends on the host too, where it would keep a session."""
    process = await connection.create_process(f"sh -c {shlex.quote(command)}")
    try:
        return await process.wait(check=False, timeout=seconds)
    except BaseException:
        # A close alone is not waited for, and not enough: sshd keeps the session for as long as the command runs.
        with contextlib.suppress(OSError):
            process.terminate()
        raise
    finally:
        process.close()


def make_proxy_command(template: str, host: str, port: int) -> list[str]:
    """Gives the words of a proxy command for a host; none without a template."""
    facts = {"%h": host, "%p": str(port), "%%": "%"}
    return [_PLACE.sub(lambda found: facts[found[0]], word) for word in shlex.split(template)]


def _cause(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


class SocketEngine:
    """`Engine` at the end of a host's Docker socket. The connection belongs to `SshHosts`."""

    def __init__(self, host: str, connection: asyncssh.SSHClientConnection, path: str) -> None:
        self.connection = connection
        self._host = host
        self._client = kit.HttpClient(ssh_connector.SshConnector(connection, path), seconds=REQUEST_SECONDS)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        registry_auth: Mapping[str, str] | None = None,
    ) -> Any:
        """Sends a request; see `Engine.request`. No version in the path: the engine's own newest one answers."""
        headers = {"X-Registry-Auth": _encode_auth(registry_auth)} if registry_auth else {}
        content = await self._send(method, path, query=query, body=body, headers=headers)
        return json.loads(content) if content.strip() else None

    async def fetch(self, path: str, *, query: Mapping[str, str] | None = None) -> bytes:
        """Gets an answer that is no JSON; see `Engine.fetch`."""
        return await self._send("GET", path, query=query)

    async def _send(self, method: str, path: str, **rest: Any) -> bytes:
        with self._unreachable_as_error():
            status, content = await self._client.send(method, path, **rest)
        if status >= _BAD:
            raise EngineError(status, kit.read_message(content) or f"The engine of '{self._host}' answered {status}.")
        return content

    @contextlib.contextmanager
    def _unreachable_as_error(self) -> Iterator[None]:
        try:
            yield
        except (aiohttp.ClientError, asyncssh.Error, OSError, TimeoutError) as error:
            raise HostUnreachable(f"The engine of host '{self._host}' does not answer: {_cause(error)}.") from error

    async def close(self) -> None:
        """Closes the session and its channels."""
        await self._client.close()


def _encode_auth(auth: Mapping[str, str]) -> str:
    # Sorted: swarm keeps the text in the spec, and a task with another one does not stay where it is when constraints
    # change.
    return base64.urlsafe_b64encode(json.dumps(dict(auth), sort_keys=True).encode()).decode()
