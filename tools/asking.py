"""How addresses are asked whether they answer."""

import http.client
import ipaddress
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

from tools import facts

__all__ = ["ask", "wait_until_answered"]

_ASK_SECONDS = 5.0
_PAUSE_SECONDS = 0.5


def ask(url: str) -> facts.Answer:
    """Ask an address once. Addresses of this machine are asked without the environment's proxy."""
    proxies: dict[str, str] | None = {} if _is_loopback(urllib.parse.urlsplit(url).hostname or "") else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    started = time.monotonic()
    try:
        with opener.open(url, timeout=_ASK_SECONDS) as response:
            response.read(1)
            milliseconds = round((time.monotonic() - started) * 1000)
            return facts.Answer(f"{response.status} in {milliseconds} ms", True)
    except urllib.error.HTTPError as error:
        return facts.Answer(f"{error.code} {error.reason}", False)
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return facts.Answer(f"no answer: {reason or type(reason).__name__}", False)


def wait_until_answered(
    url: str,
    seconds: float,
    ask_once: Callable[[str], facts.Answer] = ask,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> facts.Answer:
    """Ask an address until it answers or the time is over; a load balancer takes some probes to let a host in."""
    deadline = clock() + seconds
    while True:
        answer = ask_once(url)
        if answer.succeeded or clock() >= deadline:
            return answer
        pause(_PAUSE_SECONDS)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
