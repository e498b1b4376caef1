"""Clients that ask all the time and count what they lose: some with a connection for each request, some with one."""

import dataclasses
import http.client
import itertools
import json
import threading
import time
from collections.abc import Iterator
from typing import Any, Self

from tests import waiting

_REQUESTS = [
    ("GET", "/", None),
    ("GET", "/where", None),
    ("GET", "/api/where", None),
    ("PUT", "/api/carts/loadtester/honey", b'{"quantity": 3}'),
]


@dataclasses.dataclass
class Tally:
    """What came of the requests; `nodes` are all that answered, as the headers name them."""

    requests: int = 0
    failures: list[str] = dataclasses.field(default_factory=list)
    # When the failed ones were sent, on the monotonic clock.
    lost_at: list[float] = dataclasses.field(default_factory=list)
    nodes: set[str] = dataclasses.field(default_factory=set)
    slowest: float = 0.0


class Load:
    """A load from `fresh` clients that connect for every request and `kept` ones that keep their connection."""

    def __init__(self, port: int, fresh: int = 4, kept: int = 4, pause: float = 0.01, host: str = "127.0.0.1") -> None:
        self.tally = Tally()
        self._host, self._port, self._pause = host, port, pause
        self._stop, self._lock = threading.Event(), threading.Lock()
        kinds = [False] * fresh + [True] * kept
        self._threads = [threading.Thread(target=self._run, args=(kind, index)) for index, kind in enumerate(kinds)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for_more(self, requests: int) -> None:
        """Waits until so many more requests were answered or lost."""
        enough = self.tally.requests + requests
        waiting.wait_for(lambda: self.tally.requests >= enough, 60, f"{requests} more requests")

    def _run(self, keep: bool, first: int) -> None:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=40)
        for method, path, body in _endless(first):
            if self._stop.wait(self._pause):
                break
            self._ask(connection, method, path, body)
            if not keep:
                connection.close()
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None) -> None:
        began = time.monotonic()
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            data = response.read()
            failure = "" if response.status == 200 else f"{method} {path}: {response.status} {data[:200]!r}"
            names = {value.split()[0] for name, value in response.getheaders() if name.lower().startswith("x-shop-")}
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            failure, names = f"{method} {path}: {error!r}", set()
        self._count(failure, names, began)

    def _count(self, failure: str, names: set[str], began: float) -> None:
        took = time.monotonic() - began
        with self._lock:
            self.tally.requests += 1
            self.tally.nodes |= names
            self.tally.slowest = max(self.tally.slowest, took)
            if failure:
                self.tally.failures.append(f"{time.monotonic():.1f} {failure}")
                self.tally.lost_at.append(began)


def _endless(first: int) -> Iterator[tuple[str, str, bytes | None]]:
    return itertools.islice(itertools.cycle(_REQUESTS), first % len(_REQUESTS), None)


def get_json(port: int, path: str) -> tuple[int, dict[str, Any]]:
    """Asks once and gives the status, and what was in the JSON if it was a success."""
    response, data = _get(port, path)
    return response.status, json.loads(data) if response.status == 200 else {}


def get_status(port: int, path: str) -> tuple[int, bool]:
    """Asks once and gives the status, and whether the server closes the connection."""
    response, _ = _get(port, path)
    return response.status, response.will_close


def _get(port: int, path: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()
