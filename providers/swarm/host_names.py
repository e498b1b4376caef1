"""What the name of a host tells, and whether Docker speaks of that host. Pure.

The program and the tools ask the same questions as the provider.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

# A host's name is `<logical name>-<generation>` (ARCHITECTURE.md).
_GENERATION = re.compile(r"-[0-9a-f]{6}")
_LENGTH = 7


def strip_generation(host: str) -> str:
    """Gives the logical name of a host; the name itself where it has no generation."""
    return host[:-_LENGTH] if _GENERATION.fullmatch(host[-_LENGTH:]) else host


def read_hostname(node: Mapping[str, Any]) -> str:
    """Gives the hostname of a node (Engine API: Node); empty while it has just joined."""
    return str((node.get("Description") or {}).get("Hostname", ""))


def names_host(hostname: str, host: str) -> bool:
    """Tells whether a Docker hostname is that of a host, whose own name may have a domain: `m2`, `m2.example.org`.

    Docker reports what the machine calls itself, mostly without the domain. Where both have one, both must agree.
    """
    labels = zip(hostname.lower().split("."), host.lower().split("."), strict=False)
    return all(one == other for one, other in labels)


def is_any(hostname: str, hosts: Iterable[str]) -> bool:
    """Tells whether a Docker hostname is that of one of the hosts."""
    return any(names_host(hostname, host) for host in hosts)
