"""The answers that a load balancer's probe gets from a host, the same of the script in Python and of that for bash."""

import contextlib
import functools
import http.server
import importlib.util
import os
import pathlib
import shutil
import socket
import socketserver
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

import cloud_init

_FILES = pathlib.Path(cloud_init.__file__).parent / "files"
Readiness = tuple[pathlib.Path, str]


_TOOLS = ("curl", "ip")
_BASH = pytest.param(
    "bash",
    marks=pytest.mark.skipif(
        not all(shutil.which(tool) for tool in _TOOLS),
        reason=f"the script needs {', '.join(_TOOLS)}",
    ),
)


@pytest.fixture(params=["python", _BASH])
def readiness(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Readiness]:
    """Gives the file that says that the host is leaving, and the URL of a responder that reads it."""
    leaving = tmp_path / "leaving"
    serve = {"python": _serve_python, "bash": _serve_bash}[request.param]
    with serve(leaving) as server:
        thread = threading.Thread(target=functools.partial(server.serve_forever, 0.01))
        thread.start()
        yield leaving, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def _serve_python(leaving: pathlib.Path) -> Iterator[socketserver.TCPServer]:
    spec = importlib.util.spec_from_file_location("readiness", _FILES / "readiness.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.LEAVING = leaving
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), module.Handler) as server:
        yield server


@contextlib.contextmanager
def _serve_bash(leaving: pathlib.Path) -> Iterator[socketserver.TCPServer]:
    """Starts the script for each connection, as systemd does for a socket with Accept=yes."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            environment = {**os.environ, "REMOTE_ADDR": "127.0.0.1", "AZURE_SWARM_LEAVING": str(leaving)}
            command = ["bash", str(_FILES / "readiness.sh")]
            subprocess.run(command, stdin=self.request, stdout=self.request, env=environment, check=True)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        yield server


def get_status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_an_accepting_port_is_ready_until_the_host_leaves(readiness: Readiness) -> None:
    leaving, url = readiness
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert get_status(f"{url}/ready/{port}") == 200

        leaving.touch()
        assert get_status(f"{url}/ready/{port}") == 503


def test_a_closed_port_is_not_ready(readiness: Readiness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert get_status(f"{readiness[1]}/ready/{port}") == 503
    assert get_status(f"{readiness[1]}/ready/99999") == 503


class _Service(http.server.BaseHTTPRequestHandler):
    """A service that is about to stop: it still serves, and says so."""

    def do_GET(self) -> None:
        self.send_response(503 if self.path == "/stopping" else 200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return


def test_a_service_that_is_asked_says_itself_whether_it_is_ready(readiness: Readiness) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        well = get_status(f"{readiness[1]}/ready/{server.server_port}/well")
        stopping = get_status(f"{readiness[1]}/ready/{server.server_port}/stopping")
        server.shutdown()
        thread.join()

    assert (well, stopping) == (200, 503)


@pytest.mark.parametrize("path", ["/", "/ready/", "/ready/http", "/ready/80x", "/ready/123456"])
def test_any_other_path_is_not_found(readiness: Readiness, path: str) -> None:
    assert get_status(readiness[1] + path) == 404
