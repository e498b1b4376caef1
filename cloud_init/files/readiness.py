"""Answers the load balancer's probe: GET /ready/<port> gives 200 when this host should get connections on that port.

systemd hands over the listening socket as file descriptor 3 (swarm-ready.socket). A host that is leaving the swarm
says 503 although its port still accepts: so the load balancer stops sending before anything stops.
"""

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


class Handler(http.server.BaseHTTPRequestHandler):
    """One probe."""

    timeout = 5

    def do_GET(self) -> None:
        """Answers 200 ready, 503 leaving or closed, 404 anything else."""
        found = re.fullmatch(r"/ready/(\d{1,5})", self.path)
        if found is None:
            self._answer(404, "expected /ready/<port>")
        elif LEAVING.exists():
            self._answer(503, "leaving")
        elif accepts(self.connection.getsockname()[0], int(found[1])):
            self._answer(200, "ready")
        else:
            self._answer(503, "closed")

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
