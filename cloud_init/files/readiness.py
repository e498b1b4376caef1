"""Answers the load balancer's probe: GET /ready/<port> gives 200 when this host should get connections on that port.

With a path behind it, /ready/<port>/<path>, the service is asked too: GET /<path> on that port must be answered with
2xx. So a service that is about to stop can say so while it still serves.

systemd hands over the listening socket as file descriptor 3 (swarm-ready.socket). A host that is leaving the swarm
says 503 although its port still accepts: so the load balancer stops sending before anything stops.
"""

import http.client
import http.server
import os
import pathlib
import re
import socket

LEAVING = pathlib.Path(os.environ.get("AZURE_SWARM_LEAVING", "/run/azure-swarm/leaving"))
CONNECT_SECONDS = 1.0


def accepts(address: str, port: int) -> bool:
    """Tells whether the port accepts a connection at this host's own address.

    Not at 127.0.0.1: there Docker's userland proxy accepts also when no container listens behind it.
    """
    try:
        with socket.create_connection((address, port), timeout=CONNECT_SECONDS):
            return True
    except (OSError, OverflowError):
        return False


def answers_well(address: str, port: int, path: str) -> bool:
    """Tells whether the service behind the port answers a GET of the path with 2xx."""
    connection = http.client.HTTPConnection(address, port, timeout=CONNECT_SECONDS)
    try:
        connection.request("GET", path)
        return 200 <= connection.getresponse().status < 300
    except (OSError, OverflowError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Handler(http.server.BaseHTTPRequestHandler):
    """One probe."""

    timeout = 5

    def do_GET(self) -> None:
        """Answers 200 ready, 503 leaving or closed, 404 anything else."""
        found = re.fullmatch(r"/ready/(\d{1,5})(/\S*)?", self.path)
        if found is None:
            self._answer(404, "expected /ready/<port> or /ready/<port>/<path>")
        elif LEAVING.exists():
            self._answer(503, "leaving")
        elif self._is_ready(int(found[1]), found[2]):
            self._answer(200, "ready")
        else:
            self._answer(503, "not ready")

    def _is_ready(self, port: int, path: str | None) -> bool:
        address = self.connection.getsockname()[0]
        return answers_well(address, port, path) if path else accepts(address, port)

    def _answer(self, status: int, text: str) -> None:
        body = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing: a probe every few seconds would fill the journal."""


def main() -> None:
    """Serves on the socket that systemd passed."""
    server = http.server.ThreadingHTTPServer(("", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=3)
    server.serve_forever()


if __name__ == "__main__":
    main()
