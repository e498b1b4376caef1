"""How addresses are asked whether they answer.

A published port may speak anything. An HTTP status below 500 is an answer; so are other words, and a connection that
stays open, from whatever speaks something else. One that is closed without a word is none: a load balancer in front of
nobody does that.
"""

import asyncio
import contextlib
import http.client
import ipaddress
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from tools import facts

__all__ = ["PATIENCE_SECONDS", "ask", "ask_all", "wait_until_answered"]

# Longer than the 5 s that the sandbox's load balancer keeps a connection before it gives up on a host behind it.
PATIENCE_SECONDS = 6.0
_PAUSE_SECONDS = 0.5
_LONGEST_LINE = 4096
_REQUEST = "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: azure-swarm\r\nAccept: */*\r\nConnection: close\r\n\r\n"
_HUNG_UP = facts.Answer("no answer: the connection was closed without a word", False)

Ask = Callable[[str], Awaitable[facts.Answer]]


async def ask(url: str, patience: float = PATIENCE_SECONDS) -> facts.Answer:
    """Ask an address once.

    An environment's proxy carries HTTP alone; this machine's own addresses are asked without it.
    """
    if _has_proxy(url):
        return await asyncio.to_thread(_ask_through_proxy, url, patience)
    parts = urllib.parse.urlsplit(url)
    try:
        # Who waits for other words than HTTP's may hang up on ours without one (PostgreSQL does), and not on silence.
        return await _talk(parts, patience) or await _keep_silent(parts, patience) or _HUNG_UP
    except OSError as error:
        return facts.Answer(f"no answer: {_word(error)}", False)


async def ask_all(urls: Mapping[str, str], ask_once: Ask = ask) -> dict[str, facts.Answer]:
    """Ask addresses by name, all at once."""
    return dict(zip(urls, await asyncio.gather(*(ask_once(url) for url in urls.values())), strict=True))


async def wait_until_answered(
    urls: Mapping[str, str], seconds: float, ask_once: Ask = ask, pause: float = _PAUSE_SECONDS
) -> dict[str, facts.Answer]:
    """Ask addresses by name until each answers or the time of all is over.

    A load balancer takes some probes to let a host in.
    """
    deadline = time.monotonic() + seconds

    async def wait(url: str) -> facts.Answer:
        while not (answer := await ask_once(url)).succeeded and time.monotonic() < deadline:  # noqa: ASYNC110  # a look
            await asyncio.sleep(pause)
        return answer

    return await ask_all(urls, wait)


async def _talk(parts: urllib.parse.SplitResult, patience: float) -> facts.Answer | None:
    """Ask in HTTP; None where the other side hangs up on it."""
    async with _connect(parts, patience) as line:
        return await line.ask(parts)


async def _keep_silent(parts: urllib.parse.SplitResult, patience: float) -> facts.Answer | None:
    """Wait for the other side to speak first; None where it hangs up on silence too."""
    started = time.monotonic()
    async with _connect(parts, patience) as line:
        heard = await line.hear()
        if heard is not None:
            return line.judge(heard, time.monotonic() - started)
        # Still there. A web server that has come since the first question gets it again.
        return await line.ask(parts) or line.tell_connected()


@contextlib.asynccontextmanager
async def _connect(parts: urllib.parse.SplitResult, patience: float) -> "AsyncIterator[_Line]":
    started = time.monotonic()
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    async with asyncio.timeout(patience):
        reader, writer = await asyncio.open_connection(parts.hostname, port)
    try:
        yield _Line(reader, writer, time.monotonic() - started, patience)
    finally:
        # Not closed in good order, which TLS would wait for.
        writer.transport.abort()


class _Line:
    """A connection that was accepted."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, took: float, patience: float
    ) -> None:
        self._reader, self._writer, self._took, self._patience = reader, writer, took, patience

    async def ask(self, parts: urllib.parse.SplitResult) -> facts.Answer | None:
        """Ask in HTTP; None where the other side hangs up."""
        began = time.monotonic()
        try:
            if parts.scheme == "https":
                async with asyncio.timeout(self._patience):
                    await self._writer.start_tls(_make_context())
            self._writer.write(_REQUEST.format(path=parts.path or "/", host=parts.netloc).encode())
        except TimeoutError:
            return self.tell_connected()
        except (ConnectionError, ssl.SSLEOFError):
            return None
        except ssl.SSLError:
            # It said something, and that was not TLS.
            return self.tell_connected()
        return self.judge(await self.hear(), self._took + time.monotonic() - began)

    async def hear(self) -> bytes | None:
        """Read a line, or as much of it as shows that this is no HTTP; None while nothing comes."""
        heard = b""
        try:
            async with asyncio.timeout(self._patience):
                while _may_become_status(heard) and (piece := await self._reader.read(_LONGEST_LINE)):
                    heard += piece
        except TimeoutError:
            return heard or None
        except OSError:
            return heard
        return heard

    def judge(self, heard: bytes | None, seconds: float) -> facts.Answer | None:
        """Say what was heard; None where the other side hung up without a word."""
        if heard == b"":
            return None
        if heard is None or not heard.startswith(b"HTTP/"):
            return self.tell_connected()
        return _judge_status(heard.decode("latin-1").splitlines()[0].partition(" ")[2], seconds)

    def tell_connected(self) -> facts.Answer:
        """Say how long it took to be let in."""
        return facts.Answer(f"connected in {self._took * 1000:.0f} ms", True)


def _may_become_status(heard: bytes) -> bool:
    return b"HTTP/".startswith(heard[:5]) and b"\n" not in heard and len(heard) < _LONGEST_LINE


def _judge_status(status: str, seconds: float) -> facts.Answer:
    """Say what a status means, such as '404 Not Found': the way is open, unless whoever answers is not well."""
    code = status[:3]
    if code.isdigit() and int(code) < 500:
        return facts.Answer(f"{code} in {seconds * 1000:.0f} ms", True)
    return facts.Answer(status, False)


def _make_context() -> ssl.SSLContext:
    # The question is whether somebody answers, and no certificate is for a bare address.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _ask_through_proxy(url: str, patience: float) -> facts.Answer:
    started = time.monotonic()
    opener = urllib.request.build_opener(_NoRedirects(), urllib.request.HTTPSHandler(context=_make_context()))
    try:
        with opener.open(url, timeout=patience) as response:
            return _judge_status(f"{response.status} {response.reason}", time.monotonic() - started)
    except urllib.error.HTTPError as error:
        return _judge_status(f"{error.code} {error.reason}", time.monotonic() - started)
    except urllib.error.URLError as error:
        return facts.Answer(f"no answer: {error.reason}", False)
    except (OSError, http.client.HTTPException) as error:
        return facts.Answer(f"no answer: {_word(error)}", False)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for the answer that it is."""

    def redirect_request(self, *_arguments: Any) -> None:
        """Go nowhere."""


def _has_proxy(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    carried = parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host)
    return carried and not _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _word(error: Exception) -> str:
    words: dict[type[Exception], str] = {ConnectionRefusedError: "connection refused", TimeoutError: "timed out"}
    return words.get(type(error)) or str(error) or type(error).__name__
