"""The redis client: what it sends, what it understands, and its patience."""

import contextlib
import io
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from apps.shop.api.shop_api import resp


@contextlib.contextmanager
def _scripted_store(replies: list[bytes]) -> Iterator[int]:
    """Answers one connection after another with these bytes, and closes each."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for reply in replies:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def test_a_command_goes_out_as_an_array_of_bulk_strings() -> None:
    assert resp.encode(("SET", "k", "ü")) == b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\xc3\xbc\r\n"


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"+OK\r\n", "OK"),
        (b":42\r\n", 42),
        (b"$5\r\na\r\nbc\r\n", "a\r\nbc"),
        (b"$-1\r\n", None),
        (b"*2\r\n$1\r\na\r\n:1\r\n", ["a", 1]),
        (b"*0\r\n", []),
    ],
)
def test_a_reply_is_understood(data: bytes, reply: resp.Reply) -> None:
    assert resp.read_reply(io.BytesIO(data)) == reply


@pytest.mark.parametrize("data", [b"", b"+O", b"$5\r\nab"])
def test_a_reply_cut_short_is_a_lost_connection(data: bytes) -> None:
    with pytest.raises(ConnectionError, match="the store closed the connection"):
        resp.read_reply(io.BytesIO(data))


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"-ERR no\r\n", "ERR no"), (b"!x\r\n", "The store sent an unknown kind of reply: b'!x\\r\\n'.")],
)
def test_an_error_reply_is_an_error(data: bytes, error: str) -> None:
    with pytest.raises(resp.StoreError) as caught:
        resp.read_reply(io.BytesIO(data))

    assert str(caught.value) == error


@pytest.mark.parametrize("trouble", [b"", b"-LOADING wait\r\n", b"-WRONGPASS no\r\n-NOAUTH no\r\n"])
def test_an_exchange_is_repeated_while_the_store_comes_back(trouble: bytes) -> None:
    with _scripted_store([trouble, b"+OK\r\n:7\r\n"]) as port:
        replies = resp.RedisStore("127.0.0.1", port, "pw").exchange([("SCARD", "orders")])

    assert replies == [7]


def test_patience_ends_with_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    began = time.monotonic()

    with pytest.raises(resp.StoreUnavailable, match=r"The store did not answer within 0\.3 s: .*refused\."):
        resp.RedisStore("127.0.0.1", port, "pw", patience_seconds=0.3).exchange([("GET", "x")])

    assert time.monotonic() - began < 2


def test_a_refused_command_is_not_repeated() -> None:
    with _scripted_store([b"+OK\r\n-OOM no room\r\n"]) as port:
        with pytest.raises(resp.StoreError, match="OOM no room"):
            resp.RedisStore("127.0.0.1", port, "pw").exchange([("SADD", "orders", "1")])
