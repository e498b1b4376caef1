"""Networks beside each other: what Azure takes of several. Pure; `checks` has what there is to one alone."""

import ipaddress
import itertools
from collections.abc import Sequence

# A vault's firewall knows addresses of the internet only; it refuses these.
_PRIVATE = [ipaddress.IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]


def expected_apart(prefixes: Sequence[str]) -> str | None:
    """Checks that no two networks overlap: Azure takes no rule of a security group in which two do."""
    pairs = itertools.combinations(prefixes, 2)
    found = next((pair for pair in pairs if _overlap(*pair)), None)
    return None if found is None else f"a list in which no two overlap, as {found[0]} and {found[1]} do"


def list_public_networks(prefixes: Sequence[str]) -> list[str]:
    """Lists those of the networks that a key vault's firewall takes."""
    return [one for one in prefixes if not any(ipaddress.IPv4Network(one).overlaps(other) for other in _PRIVATE)]


def expected_public_network(prefixes: Sequence[str]) -> str | None:
    """Checks that somebody reads a key vault."""
    expected = "a list with a public network for the key vault, whose firewall knows no private ones"
    return None if list_public_networks(prefixes) else expected


def _overlap(one: str, other: str) -> bool:
    return ipaddress.IPv4Network(one).overlaps(ipaddress.IPv4Network(other))
