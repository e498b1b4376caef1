"""How addresses are asked: of each kind of listener, what counts as an answer."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.doubles import virtual_time
from tests.unit.tools import certified
from tools import asking, facts

GOOD = facts.Answer("200 in 3 ms", True)
BAD = facts.Answer("no answer: timed out", False)
# Who says nothing is waited for; who answers may take its time.
SHORT, LONG = 0.3, 30.0
HUNG_UP = facts.Answer("no answer: the connection was closed without a word", False)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@contextlib.asynccontextmanager
async def listening(serve: Serve, secured: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve connections on a port, which it gives."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    async with await asyncio.start_server(served, "127.0.0.1", 0, ssl=secured) as server:
        yield server.sockets[0].getsockname()[1]


def ask(
    serve: Serve, scheme: str = "http", secured: ssl.SSLContext | None = None, patience: float = LONG
) -> facts.Answer:
    async def run() -> facts.Answer:
        async with listening(serve, secured) as port:
            return await asking.ask(f"{scheme}://127.0.0.1:{port}/", patience)

    return virtual_time.run_in_real_time(run())


def answering(words: bytes) -> Serve:
    """Answer a request with these words."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(words)
        await writer.drain()

    return serve


async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    return


async def hang_up_on_words(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def stay_silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def speak_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"J\x00\x00\x00\x0a8.0.40\x00")
    await reader.read()


@pytest.mark.parametrize("status", ["200 OK", "301 Moved Permanently", "401 Unauthorized", "404 Not Found"])
def test_a_status_below_500_is_an_answer(status: str) -> None:
    answer = ask(answering(f"HTTP/1.1 {status}\r\nLocation: http://elsewhere/\r\n\r\n".encode()))

    assert answer.succeeded
    assert answer.text.startswith(f"{status[:3]} in ")
    assert answer.text.endswith(" ms")


def test_a_server_that_is_not_well_has_not_answered() -> None:
    assert ask(answering(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")) == facts.Answer("503 Service Unavailable", False)


@pytest.mark.parametrize("serve", [stay_silent, speak_first, hang_up_on_words, answering(b"-ERR unknown command\r\n")])
def test_what_speaks_something_else_accepts_connections(serve: Serve) -> None:
    answer = ask(serve, patience=SHORT)

    assert answer.succeeded
    assert answer.text.startswith("connected in ")


def test_a_web_server_that_comes_after_the_first_question_is_asked_again() -> None:
    serves = iter([hang_up, answering(b"HTTP/1.1 404 Not Found\r\n\r\n")])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(serves)(reader, writer)

    answer = ask(serve, patience=SHORT)

    assert answer.succeeded
    assert answer.text.startswith("404 in ")
    assert int(answer.text.split()[2]) < SHORT * 1000


def test_a_load_balancer_that_hangs_up_at_once_has_nobody_behind_it() -> None:
    assert ask(hang_up) == HUNG_UP
    assert ask(hang_up, "https") == HUNG_UP


def test_a_server_with_a_certificate_of_its_own_is_asked_all_the_same() -> None:
    answer = ask(answering(b"HTTP/1.1 200 OK\r\n\r\n"), "https", certified.make_context())

    assert answer.succeeded
    assert answer.text.startswith("200 in ")


def test_plain_words_where_tls_is_expected_accept_connections() -> None:
    answer = ask(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "https")

    assert answer.succeeded
    assert answer.text.startswith("connected in ")


def test_an_address_where_nobody_listens_gives_the_reason() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = virtual_time.run_in_real_time(asking.ask(f"http://127.0.0.1:{unused.getsockname()[1]}/"))

    assert answer == facts.Answer("no answer: connection refused", False)


def test_waiting_ends_with_the_first_answer_of_each() -> None:
    answers = {"http://a/": iter([BAD, BAD, GOOD]), "http://b/": iter([GOOD])}

    async def ask_once(url: str) -> facts.Answer:
        return next(answers[url])

    told = virtual_time.run_in_real_time(
        asking.wait_until_answered({"a": "http://a/", "b": "http://b/"}, 60, ask_once, 0.0)
    )

    assert told == {"a": GOOD, "b": GOOD}


def test_all_are_asked_at_once_and_waiting_ends_with_the_time() -> None:
    asked: list[str] = []

    async def ask_once(url: str) -> facts.Answer:
        asked.append(url)
        return BAD

    told = virtual_time.run_in_real_time(
        asking.wait_until_answered({"a": "http://a/", "b": "http://b/"}, 0, ask_once, 0.0)
    )

    assert told == {"a": BAD, "b": BAD}
    assert asked == ["http://a/", "http://b/"]


def test_through_a_proxy_http_is_asked_and_its_own_failure_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> facts.Answer:
        async with listening(answering(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")) as port:
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
            return await asking.ask("http://192.0.2.1/", LONG)

    assert virtual_time.run_in_real_time(run()) == facts.Answer("502 Bad Gateway", False)
