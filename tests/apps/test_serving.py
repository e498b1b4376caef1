"""How the API's server answers and how it leaves."""

import contextlib
import http.client
import threading
from collections.abc import Iterator

import pytest

from apps.shop.api.shop_api import serving


def _echo(method: str, path: str, body: bytes) -> serving.Answer:
    return serving.Answer(200, {"method": method, "path": path, "body": body.decode()})


@contextlib.contextmanager
def _serve(respond: serving.Respond) -> Iterator[serving.PoliteServer]:
    server = serving.PoliteServer(("127.0.0.1", 0), respond, {"X-Shop-Api": "node digest"})
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def _connect(server: serving.PoliteServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)


def _ask(connection: http.client.HTTPConnection, path: str) -> http.client.HTTPResponse:
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    return response


def test_method_path_and_body_arrive_and_the_connection_stays() -> None:
    with _serve(_echo) as server, contextlib.closing(_connect(server)) as connection:
        connection.request("PUT", "/api/x?y=1", b"hello")
        response = connection.getresponse()
        body = response.read()

    assert body == b'{"method":"PUT","path":"/api/x","body":"hello"}\n'
    assert (response.headers["X-Shop-Api"], response.will_close) == ("node digest", False)


@pytest.mark.parametrize("length", ["4097", "x", "-1"])
def test_a_body_without_a_good_length_is_refused_and_the_connection_ends(length: str) -> None:
    with _serve(_echo) as server, contextlib.closing(_connect(server)) as connection:
        connection.putrequest("PUT", "/api/x")
        connection.putheader("Content-Length", length)
        connection.endheaders()
        response = connection.getresponse()

    assert (response.status, response.will_close) == (413, True)


def test_a_leaving_server_refuses_health_checks_and_serves_the_rest() -> None:
    with _serve(_echo) as server, contextlib.closing(_connect(server)) as connection:
        before = _ask(connection, "/health")
        server.leaving = True
        health, other = _ask(connection, "/health"), _ask(connection, "/api/x")

    assert (before.status, health.status, other.status) == (200, 503, 200)
    assert (before.will_close, health.will_close, other.will_close) == (False, True, True)


def test_leaving_waits_for_what_is_in_flight() -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def respond(method: str, path: str, body: bytes) -> serving.Answer:
        arrived.set()
        go_on.wait(5)
        return _echo(method, path, body)

    with _serve(respond) as server, contextlib.closing(_connect(server)) as connection:
        connection.request("GET", "/api/slow")
        arrived.wait(5)
        threading.Timer(0.2, go_on.set).start()
        serving.leave(server, drain_seconds=0, finish_seconds=5)
        finished = server.wait_until_idle(0)
        status = connection.getresponse().status

    assert (finished, status) == (True, 200)


def test_a_server_that_left_accepts_no_more() -> None:
    with _serve(_echo) as server:
        serving.leave(server, drain_seconds=0, finish_seconds=1)
        with contextlib.closing(_connect(server)) as connection, pytest.raises(ConnectionRefusedError):
            connection.connect()


def test_waiting_for_idle_ends_when_a_request_never_does() -> None:
    with _serve(_echo) as server, server.request_in_flight():
        assert not server.wait_until_idle(0.05)
