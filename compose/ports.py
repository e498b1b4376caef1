"""Published ports: the short syntax (`8080:80`, ranges, protocols, addresses) and what it means."""

import ipaddress
import re
from typing import Any

from compose import errors

_PROTOCOLS = ("tcp", "udp", "sctp")
_MOST_DIGITS = 20
_MOST = 70_000
_WIDTH = re.compile("([0-9]{1,5})-([0-9]{1,5})")
_EXAMPLE = "a port such as 8080:80"


def read_short(text: str) -> list[dict[str, Any]]:
    """Gives the ports that one entry publishes, sorted by target as Docker sorts them.

    A port that names a host address carries it as `host_ip`: a swarm publishes on every address, which is worth a
    warning.
    """
    address, published, target = _split(text)
    target, protocol = _split_protocol(target, text)
    targets = _read_range(target, text)
    sources = _read_range(published, text) if published else None
    if sources is not None and len(sources) != len(targets) and len(targets) > 1:
        raise errors.expected("ranges of one length on both sides", text)
    made = [
        {"mode": "ingress", "target": inner, "protocol": protocol} | ({"published": outer} if outer else {})
        for inner, outers in _pair(targets, sources)
        for outer in outers
    ]
    made.sort(key=lambda port: f"{port['target']}/{port['protocol']}")
    return [port | {"host_ip": address} for port in made] if address else made


def _pair(targets: range, sources: range | None) -> list[tuple[int, range | list[int]]]:
    if sources is None:
        return [(target, [0]) for target in targets]
    if len(targets) == 1:
        return [(targets[0], sources)]
    return [(target, [source]) for target, source in zip(targets, sources, strict=True)]


def _split(text: str) -> tuple[str, str, str]:
    *address, published, target = text.rsplit(":", 2) if text.count(":") > 1 else ["", *text.split(":")][-2:]
    return _read_address(":".join(address), text), published, target


def _read_address(address: str, text: str) -> str:
    bare = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    if not bare:
        return ""
    if ":" in bare and bare == address:
        raise errors.expected("a port whose IPv6 address stands in brackets", text)
    try:
        return "" if ipaddress.ip_address(bare).is_unspecified else bare
    except ValueError as error:
        raise errors.expected("a port whose address is an IP address", text) from error


def _split_protocol(target: str, text: str) -> tuple[str, str]:
    number, _, protocol = target.partition("/")
    protocol = protocol.split("/")[0].lower() or "tcp"
    if not number or protocol not in _PROTOCOLS:
        raise errors.expected(_EXAMPLE if not number else f"a port with one of the protocols {_PROTOCOLS}", text)
    return number, protocol


def _read_range(numbers: str, text: str) -> range:
    first, dash, last = numbers.partition("-")
    start = _read_number(first, text)
    end = _read_number(last.split("-")[0], text) if dash else start
    if start > end:
        raise errors.expected("a range whose end is not below its start", text)
    return range(start, end + 1)


def _read_number(number: str, text: str) -> int:
    if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS and int(number) < 2**16):
        raise errors.expected(_EXAMPLE, text)
    return int(number)


def check_number(services: Any) -> None:
    """Refuses services that together publish more ports than any host has; short ranges would fill the memory."""
    total = 0
    for name, service in services.items() if isinstance(services, dict) else ():
        listed = service.get("ports") if isinstance(service, dict) else None
        total += sum(map(_count, listed)) if isinstance(listed, list) else 0
        if total > _MOST:
            raise errors.Refusal(
                f"must leave the file with at most {_MOST} ports in all, ranges written out.",
                ("services", name, "ports"),
            )


def _count(entry: Any) -> int:
    ranges = _WIDTH.findall(entry) if isinstance(entry, str) else ()
    return max((int(last) - int(first) + 1 for first, last in ranges), default=1)
