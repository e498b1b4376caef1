"""Small servers and clients: what answers where, and to whom."""

import contextlib
import http.client
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import yaml

_SECONDS = 1.5
# Answers who it is and who asks, and keeps connections; /ready follows a file.
_SERVER = """\
import http.server, json, os, socket, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        ready = not os.path.exists("/run/leaving")
        text = json.dumps({"host": socket.gethostname(), "client": self.client_address[0]}).encode()
        self.send_response(200 if ready or self.path != "/ready" else 503)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *_): pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
Server(("0.0.0.0", int(sys.argv[1])), Answer).serve_forever()
"""


def make_user_data(*ports: int, ready: bool = True, note: str = "") -> str:
    """Makes the user-data of a machine that serves ports; `note` goes into the file /etc/note."""
    document = {
        # The image has no locales package.
        "locale": False,
        "ssh_genkeytypes": ["ed25519"],
        "write_files": [
            {"path": "/opt/serve.py", "content": _SERVER},
            {"path": "/etc/note", "content": note, "permissions": "0600"},
        ],
        "runcmd": [
            *([] if ready else [["touch", "/run/leaving"]]),
            *(start_command(port) for port in ports),
        ],
    }
    return "#cloud-config\n" + yaml.safe_dump(document)


def start_command(port: int) -> str:
    """Gives the command that starts a server in a machine."""
    return f"systemd-run --quiet --unit serve-{port} python3 /opt/serve.py {port}"


def connect(address: str, port: int, *, source: str = "", seconds: float = _SECONDS) -> http.client.HTTPConnection:
    """Prepares a connection, from an address of this machine."""
    return http.client.HTTPConnection(address, port, timeout=seconds, source_address=(source, 0) if source else None)


def get(connection: http.client.HTTPConnection) -> dict[str, Any]:
    """Asks over a connection that is kept."""
    connection.request("GET", "/")
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == http.HTTPStatus.OK
    return dict(json.loads(content))


def ask(address: str, port: int, *, source: str = "") -> dict[str, Any]:
    """Asks over a new connection; empty when no answer comes."""
    with contextlib.closing(connect(address, port, source=source)) as connection:
        try:
            return get(connection)
        except (OSError, http.client.HTTPException):
            return {}


def takes_connections(address: str, port: int) -> bool:
    """Tells whether something takes connections there, be there an answer or not."""
    with socket.socket() as client:
        client.settimeout(_SECONDS)
        return client.connect_ex((address, port)) == 0


class Load(threading.Thread):
    """Asks again and again, each time over a new connection, until the block ends; counts what failed."""

    def __init__(self, address: str, port: int) -> None:
        super().__init__(daemon=True)
        self._address, self._port = address, port
        self._ended = threading.Event()
        self.asked = 0
        self.failed: list[str] = []

    def run(self) -> None:
        while not self._ended.is_set():
            self.asked += 1
            with contextlib.closing(connect(self._address, self._port, seconds=5)) as connection:
                try:
                    get(connection)
                except (OSError, http.client.HTTPException) as error:
                    self.failed.append(repr(error))

    def __enter__(self) -> "Load":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()


class _Nothing(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return


@contextlib.contextmanager
def serve(address: str) -> Iterator[int]:
    """Serves HTTP at an address of this machine and gives the port."""
    server = http.server.ThreadingHTTPServer((address, 0), _Nothing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
