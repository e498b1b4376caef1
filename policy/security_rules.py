"""What the rules of a security group let in, however they are spelt: Azure takes their words in any case.

What cannot be read counts as open: a rule that is passed over is one that nobody looks at again.
"""

import ipaddress
from collections.abc import Iterator
from typing import Any

from policy import rule

# All that a rule may name with a word and that is not open to whoever rents a machine. AzureCloud and the tags of
# services that run what customers give them are the internet with another name.
_INSIDE = frozenset({"azureloadbalancer", "gatewaymanager", "virtualnetwork"})
_ANYTHING = frozenset({"*", "any"})
# Networks with a shorter prefix are nobody's own.
_SHORTEST_PREFIX = {4: 8, 6: 32}


def says(one: rule.Inputs, key: str, word: str) -> bool:
    """Tells whether a rule has a word, in whatever case."""
    return _fold(one.get(key)) == word.casefold()


def says_anything(one: rule.Inputs, key: str) -> bool:
    """Tells whether a rule leaves something open."""
    return _fold(one.get(key)) in _ANYTHING


def list_allowed(inputs: rule.Inputs, protocol: str) -> list[rule.Inputs]:
    """Lists the rules that let a protocol in."""
    found: list[rule.Inputs] = rule.list_of(inputs, "securityRules")
    inbound = [one for one in found if says(one, "direction", "Inbound") and says(one, "access", "Allow")]
    return [one for one in inbound if says(one, "protocol", protocol) or says_anything(one, "protocol")]


def list_public_sources(one: rule.Inputs) -> list[str]:
    """Lists the sources that are open to strangers."""
    return [text for text in _list_words(one, "sourceAddressPrefix", "sourceAddressPrefixes") if _is_public(text)]


def has_port(one: rule.Inputs, port: int) -> bool:
    """Tells whether a rule is about a port."""
    return any(_is_in(text, port) for text in _list_words(one, "destinationPortRange", "destinationPortRanges"))


def _list_words(one: rule.Inputs, single: str, several: str) -> Iterator[str]:
    for text in [one.get(single), *rule.list_of(one, several)]:
        if text is not None:
            yield from (word.strip() for word in str(text).split(","))


def _is_public(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return _fold(text) not in _INSIDE
    return network.prefixlen < _SHORTEST_PREFIX[network.version]


def _is_in(text: str, port: int) -> bool:
    first, _, last = text.partition("-")
    try:
        return int(first) <= port <= int(last or first)
    except ValueError:
        return True


def _fold(value: Any) -> str:
    return str(value).strip().casefold()
