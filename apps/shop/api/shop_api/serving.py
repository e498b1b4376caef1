"""An HTTP server that leaves politely.

Told to stop, it says 503 to health checks at once and serves everything else as before, for as long as those who
balance over it may take to notice; then it closes its port, finishes what is in flight and returns.
"""

import contextlib
import http.server
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

_LARGEST_BODY = 4096
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Answer(NamedTuple):
    """A status and what goes out as JSON."""

    status: int
    body: Mapping[str, Any]


Respond = Callable[[str, str, bytes], Answer]
"""Gives the answer to a method, a path without its query, and a body."""


class PoliteServer(http.server.ThreadingHTTPServer):
    """A server of one thread per connection that knows how many requests are in flight."""

    # An idle kept-alive connection must not hold up the exit; `wait_until_idle` waits for the others.
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], respond: Respond, headers: Mapping[str, str]) -> None:
        super().__init__(address, _Handler)
        self.respond = respond
        self.extra_headers = dict(headers)
        self.leaving = False
        self._in_flight = 0
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def request_in_flight(self) -> Iterator[None]:
        """Counts a request."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def wait_until_idle(self, timeout: float) -> bool:
        """Waits until no request is in flight; tells whether that came true in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._in_flight == 0, timeout)

    def _count(self, step: int) -> None:
        with self._changed:
            self._in_flight += step
            self._changed.notify_all()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: PoliteServer
    protocol_version = "HTTP/1.1"
    timeout = 30
    # Head and body leave in one segment.
    wbufsize = 65536
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        with self.server.request_in_flight():
            self._send(self._find_answer())
            # Here, not after the count: the process may exit as soon as nothing is in flight.
            self.wfile.flush()

    def _find_answer(self) -> Answer:
        path = self.path.partition("?")[0]
        if path == "/health":
            return Answer(503, {"health": "leaving"}) if self.server.leaving else Answer(200, {"health": "good"})
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_BODY or "Transfer-Encoding" in self.headers:
            # The body stays unread, so nothing after it could be understood.
            self.close_connection = True
            return Answer(413, {"error": f"A body must say its length, of at most {_LARGEST_BODY} bytes."})
        return self.server.respond(self.command, path, self.rfile.read(int(length)))

    def _send(self, answer: Answer) -> None:
        data = json.dumps(answer.body, separators=(",", ":")).encode() + b"\n"
        self.close_connection = self.close_connection or self.server.leaving
        self.send_response(answer.status)
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store", "Content-Length": str(len(data))}
        for name, value in {**headers, **self.server.extra_headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing: a line per request would drown what matters."""


def serve_until_told(server: PoliteServer, drain_seconds: float, finish_seconds: float) -> None:
    """Serves until a stop signal comes, and then leaves."""
    # Blocked before there are threads, and waited for: no handler runs in the middle of anything.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    signal.sigwait(_STOP_SIGNALS)
    leave(server, drain_seconds, finish_seconds)


def leave(server: PoliteServer, drain_seconds: float, finish_seconds: float) -> None:
    """Refuses health checks, serves on for a while, closes the port, and finishes what is in flight."""
    server.leaving = True
    # By the clock on purpose: who asks for its health does not tell when it has heard the refusal.
    time.sleep(drain_seconds)
    server.shutdown()
    server.server_close()
    server.wait_until_idle(finish_seconds)
