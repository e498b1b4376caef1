"""Runs the real `docker stack deploy` against an engine that is not there, and keeps what it sends.

The client makes the specs; the engine only stores them. So a small HTTP server that answers as an empty swarm
manager tells exactly what `docker stack deploy` makes of a file, in some 30 ms and without a daemon.
"""

import dataclasses
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any


def _find_client() -> str | None:
    """Finds the docker client, if it is new enough: the cases were recorded with 28, and 20.10 has no --detach."""
    found = shutil.which("docker")
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout if found else ""
    version = re.search(r"version (\d+)\.", told)
    return found if version is not None and int(version[1]) >= _OLDEST_CLIENT else None


_OLDEST_CLIENT = 26
CLIENT = _find_client()
NO_CLIENT = f"needs a docker client of version {_OLDEST_CLIENT} or newer, whose specs are those of the recording"
_API_VERSION = "1.50"
_VERSION_PREFIX = re.compile(r"^/v[0-9.]+")


@dataclasses.dataclass
class Deployed:
    """What the client did: its exit status, its messages and the bodies of its requests."""

    status: int
    messages: str
    services: list[dict[str, Any]]
    networks: list[dict[str, Any]]
    configs: list[dict[str, Any]]
    secrets: list[dict[str, Any]]


def print_config(files: list[pathlib.Path], environment: Mapping[str, str]) -> tuple[int, bytes]:
    """Gives the exit status of `docker stack config`, and the loaded files that it prints, or its objection."""
    arguments = [argument for file in files for argument in ("-c", str(file))]
    done = subprocess.run(
        [str(CLIENT), "stack", "config", *arguments],
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr if done.returncode else done.stdout


class EmptySwarm:
    """A manager of a swarm with nothing on it but the external objects that files ask for."""

    def __init__(self) -> None:
        self.received: dict[str, list[dict[str, Any]]] = {}
        swarm = self

        class Handler(_Handler):
            received = swarm.received

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "EmptySwarm":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Gives what DOCKER_HOST is set to."""
        return f"tcp://127.0.0.1:{self._server.server_address[1]}"

    def deploy(self, files: list[pathlib.Path], stack: str, environment: Mapping[str, str]) -> Deployed:
        """Runs the client with nothing in its environment but what is given."""
        self.received.clear()
        arguments = [argument for file in files for argument in ("-c", str(file))]
        done = subprocess.run(
            [str(CLIENT), "stack", "deploy", "--detach=true", "--resolve-image", "never", *arguments, stack],
            env={"DOCKER_HOST": self.address, "PATH": os.defpath, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        made = {kind: self.received.get(kind, []) for kind in ("services", "networks", "configs", "secrets")}
        return Deployed(done.returncode, done.stderr, **made)


class _Handler(http.server.BaseHTTPRequestHandler):
    received: dict[str, list[dict[str, Any]]]
    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet: a second one would wait 40 ms until the first is acknowledged.
    wbufsize = -1

    def do_HEAD(self) -> None:
        self._answer(200, b"")

    def do_GET(self) -> None:
        path, query = self._path()
        if path == "/_ping":
            self._answer(200, b"OK")
        elif path == "/info":
            self._answer_json(200, {"Swarm": {"ControlAvailable": True, "LocalNodeState": "active"}})
        elif path.count("/") == 1:
            self._answer_json(200, list(self._listed(path[1:], query)))
        elif path.startswith("/networks/"):
            self._answer_json(200, {"Name": path[10:], "Id": path[10:], "Scope": "swarm"})
        else:
            self._answer_json(404, {"message": f"{path} not found"})

    def do_POST(self) -> None:
        path, _ = self._path()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = path.split("/")[1]
        self.received.setdefault(kind, []).append(body)
        self._answer_json(201, {"Id": f"id:{body['Name']}", "ID": f"id:{body['Name']}"})

    def _path(self) -> tuple[str, dict[str, list[str]]]:
        parts = urllib.parse.urlsplit(self.path)
        return _VERSION_PREFIX.sub("", parts.path), urllib.parse.parse_qs(parts.query)

    def _listed(self, kind: str, query: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
        """Lists the configs or secrets that are asked for by name, each with an id that tells its name."""
        if kind not in ("configs", "secrets"):
            return
        filters = json.loads(query.get("filters", ["{}"])[0])
        for name in filters.get("name", {}):
            yield {"ID": f"{kind[:-1]}:{name}", "Spec": {"Name": name}}

    def _answer_json(self, status: int, value: Any) -> None:
        self._answer(status, json.dumps(value).encode(), "application/json")

    def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Api-Version", _API_VERSION)
        self.send_header("Ostype", "linux")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stays silent."""
