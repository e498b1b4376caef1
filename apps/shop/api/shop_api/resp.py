"""A client for redis, as small as its protocol (RESP2) allows, that rides out a restart of the store.

It connects anew for every exchange: the store may have come back under another address, and a connection that is
never kept cannot be stale. It repeats an exchange that failed, so callers send only commands that mean the same when
carried out twice.
"""

import socket
import time
from collections.abc import Callable, Sequence
from typing import IO, Protocol

Reply = str | int | None | list["Reply"]
Command = tuple[str, ...]

# Long enough for the store to stop, start and become healthy elsewhere on its node.
PATIENCE_SECONDS = 20.0

# What a store says that is about to be well: it reads its file, or has not yet got the password that we have.
_PASSING = ("LOADING", "NOAUTH", "WRONGPASS", "MASTERDOWN")


class StoreError(Exception):
    """The store refused a command."""


class StoreUnavailable(StoreError):
    """The store did not answer as long as the caller had patience."""


class Store(Protocol):
    """What the shop asks of its store."""

    def exchange(self, commands: Sequence[Command]) -> list[Reply]:
        """Carries out commands in order and gives their replies. Raises `StoreError`."""


class RedisStore:
    """A redis at host and port, with a password."""

    def __init__(self, host: str, port: int, password: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._address = (host, port)
        self._password = password
        self._patience = patience_seconds

    def exchange(self, commands: Sequence[Command]) -> list[Reply]:
        """Carries out commands in order, again and again until the store answers or patience ends."""
        return _persist(lambda: self._exchange_once(commands), self._patience)

    def _exchange_once(self, commands: Sequence[Command]) -> list[Reply]:
        everything = [("AUTH", self._password), *commands]
        with socket.create_connection(self._address, timeout=2.0) as connection:
            connection.sendall(b"".join(encode(command) for command in everything))
            with connection.makefile("rb") as stream:
                return [read_reply(stream) for _ in everything][1:]


def _persist(attempt: Callable[[], list[Reply]], patience: float) -> list[Reply]:
    deadline = time.monotonic() + patience
    while True:
        try:
            return attempt()
        except StoreError as error:
            if not str(error).startswith(_PASSING) or time.monotonic() > deadline:
                raise
        except OSError as error:
            if time.monotonic() > deadline:
                raise StoreUnavailable(f"The store did not answer within {patience:g} s: {error}.") from error
        time.sleep(0.2)


def encode(command: Command) -> bytes:
    """Makes an array of bulk strings, the form in which redis takes commands."""
    words = [word.encode() for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def read_reply(stream: IO[bytes]) -> Reply:
    """Reads one reply. Raises `StoreError` for an error reply, `ConnectionError` when the stream ends too early."""
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError("the store closed the connection")
    kind, rest = line[:1], line[1:-2].decode()
    if kind == b"-":
        raise StoreError(rest)
    if kind == b"+":
        return rest
    if kind == b":":
        return int(rest)
    if kind == b"$":
        return _read_text(stream, int(rest))
    if kind == b"*":
        return [read_reply(stream) for _ in range(int(rest))]
    raise StoreError(f"The store sent an unknown kind of reply: {line!r}.")


def _read_text(stream: IO[bytes], length: int) -> str | None:
    if length < 0:
        return None
    data = stream.read(length + 2)
    if len(data) != length + 2:
        raise ConnectionError("the store closed the connection")
    return data[:-2].decode()
