"""What runs on a stack, from its outputs, and whether its addresses answer."""

import dataclasses
import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tools

__all__ = ["Answer", "Status", "ask", "make_json", "make_status", "make_table", "wait_until_answered"]

_NONE = "-"
_DIGEST_LENGTH = len("sha256:") + 12
_ASK_SECONDS = 5.0
_PAUSE_SECONDS = 0.5


@dataclasses.dataclass(frozen=True)
class Answer:
    """What an address said: the status line, or why there was none."""

    text: str
    succeeded: bool


@dataclasses.dataclass(frozen=True)
class Status:
    """The stack's outputs in the order in which they are shown."""

    stack: str
    nodes: Sequence[Mapping[str, Any]]
    services: Mapping[str, str]
    urls: Mapping[str, str]
    registry: str
    ssh: str


def make_status(stack: str, outputs: Mapping[str, Any] | None) -> Status:
    """Make the status from `pulumi stack output --json`. Raises `ToolError` when nothing is up."""
    if not outputs:
        raise tools.ToolError(f"Nothing is up on stack {stack}: 'make up' with the same STACK and CLOUD brings it up.")
    services = {
        f"{name}_{service}": image
        for name, images in sorted(outputs.get("stacks", {}).items())
        for service, image in sorted(images.items())
    }
    nodes = sorted(outputs.get("nodes", []), key=lambda node: (node["role"], node["name"]))
    urls = dict(sorted(outputs.get("ingress", {}).items()))
    return Status(stack, nodes, services, urls, outputs.get("registry", ""), outputs.get("ssh", ""))


def make_table(status: Status, answers: Mapping[str, Answer]) -> str:
    """Make the text that `make status` prints."""
    nodes = [[node["name"], node["role"], node["privateIp"], node.get("zone") or _NONE] for node in status.nodes]
    services = [[name, *_split_image(image)] for name, image in status.services.items()]
    urls = [[name, url, answers[name].text] for name, url in status.urls.items()]
    parts = [
        _columns(["NODE", "ROLE", "ADDRESS", "ZONE"], nodes),
        _columns(["SERVICE", "IMAGE", "DIGEST"], services),
        _columns(["PORT", "URL", "ANSWER"], urls),
    ]
    return "\n\n".join(part for part in parts if part)


def make_json(status: Status, answers: Mapping[str, Answer]) -> str:
    """Make the JSON that `make status JSON=1` prints."""
    urls = [
        {"name": name, "url": url, "answer": answers[name].text, "succeeded": answers[name].succeeded}
        for name, url in status.urls.items()
    ]
    return json.dumps({**dataclasses.asdict(status), "urls": urls}, indent=2)


def ask(url: str) -> Answer:
    """Ask an address once. Addresses of this machine are asked without the environment's proxy."""
    proxies: dict[str, str] | None = {} if _is_loopback(urllib.parse.urlsplit(url).hostname or "") else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    started = time.monotonic()
    try:
        with opener.open(url, timeout=_ASK_SECONDS) as response:
            response.read(1)
            milliseconds = round((time.monotonic() - started) * 1000)
            return Answer(f"{response.status} in {milliseconds} ms", True)
    except urllib.error.HTTPError as error:
        return Answer(f"{error.code} {error.reason}", False)
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return Answer(f"no answer: {reason or type(reason).__name__}", False)


def wait_until_answered(
    url: str,
    seconds: float,
    ask_once: Callable[[str], Answer] = ask,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Answer:
    """Ask an address until it answers or the time is over; a load balancer takes some probes to let a host in."""
    deadline = clock() + seconds
    while True:
        answer = ask_once(url)
        if answer.succeeded or clock() >= deadline:
            return answer
        pause(_PAUSE_SECONDS)


def _split_image(image: str) -> tuple[str, str]:
    name, _, digest = image.partition("@")
    return name, digest[:_DIGEST_LENGTH] or _NONE


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _columns(heads: list[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [heads, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(heads))]
    padded = (zip(line, widths, strict=True) for line in lines)
    return "\n".join("  ".join(cell.ljust(width) for cell, width in line).rstrip() for line in padded)
