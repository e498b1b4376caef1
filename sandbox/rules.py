"""Network security rules as a packet filter; pure.

The filter stands in each machine's own network namespace, in the mangle table: it sees a packet before Docker in the
machine translates its address. Where packets come from tells their class, as Azure's service tags do:

- 168.63.129.16, from which the load balancer probes: `AzureLoadBalancer`;
- the virtual network's address space: `VirtualNetwork`;
- all else: `Internet`. The operator and every client stand at 203.0.113.10.

The bridge's own address is this machine, which on Azure is nowhere: its packets are dropped.
"""

import dataclasses
import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from providers import kit

PROBE_ADDRESS = "168.63.129.16"
CLIENT_ADDRESS = "203.0.113.10"
REQUIRED = ("name", "direction", "access", "protocol", "priority")
COVERED = frozenset(
    {
        *REQUIRED,
        "description",
        "sourceAddressPrefix",
        "sourceAddressPrefixes",
        "sourcePortRange",
        "destinationAddressPrefix",
        "destinationPortRange",
        "destinationPortRanges",
    }
)
_TAGS = {"AzureLoadBalancer": "PROBE", "VirtualNetwork": "INSIDE", "Internet": "OUTSIDE"}
_CLASSES = ("PROBE", "INSIDE", "OUTSIDE")
# Azure's own last rules: the network and the probes are let in, all else is not.
_DEFAULT = {"PROBE": "ACCEPT", "INSIDE": "ACCEPT", "OUTSIDE": "DROP"}
_PROTOCOLS = {"Tcp": ["tcp"], "Udp": ["udp"], "Icmp": ["icmp"], "Esp": ["esp"], "Ah": ["ah"], "*": [""]}
_MOST_PORTS = 15
_REGISTRY_PORT = 443

Rule = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What a machine's filter depends on beside the rules.

    `gateway` is the bridge's address; `registries` maps a registry's public address to its port at the gateway.
    """

    spaces: Sequence[str]
    gateway: str
    way_out: bool
    registries: dict[str, int]


def refuse_uncovered(rule: Rule) -> None:
    """Raises a sentence for what Azure takes and the sandbox cannot show."""
    who = f"Security rule '{rule['name']}'"
    if rule["direction"] != "Inbound":
        raise kit.ResourceError(f"{who}: the sandbox covers direction Inbound only; got {rule['direction']!r}.")
    if rule["protocol"] not in _PROTOCOLS:
        raise kit.ResourceError(f"{who}: protocol must be one of {', '.join(_PROTOCOLS)}; got {rule['protocol']!r}.")
    if rule.get("destinationAddressPrefix", "*") != "*" or rule.get("sourcePortRange", "*") != "*":
        raise kit.ResourceError(f"{who}: the sandbox covers any destination address and any source port only.")
    for source in _sources(rule):
        _refuse_bad_source(who, source)


def _refuse_bad_source(who: str, source: str) -> None:
    if source in ("*", *_TAGS):
        return
    try:
        ipaddress.IPv4Network(source, strict=False)
    except ValueError as error:
        covered = ", ".join(_TAGS)
        raise kit.ResourceError(
            f"{who}: the source must be *, an IPv4 network or a covered tag ({covered}); got {source!r}."
        ) from error


def _sources(rule: Rule) -> list[str]:
    return rule.get("sourceAddressPrefixes") or [rule.get("sourceAddressPrefix", "*")]


def _ports(rule: Rule) -> list[str]:
    return rule.get("destinationPortRanges") or [rule.get("destinationPortRange", "*")]


def open_tcp_ports(rules: Iterable[Rule]) -> list[int]:
    """Lists the TCP ports that a client on the internet gets through to, of those that rules name singly."""
    ports: set[int] = set()
    for rule in sorted(rules, key=_priority):
        reached = rule["protocol"] in ("Tcp", "*") and any(_holds_client(source) for source in _sources(rule))
        if reached and rule["access"] == "Allow":
            ports |= {int(port) for port in _ports(rule) if port.isdigit()}
    return sorted(ports)


def _priority(rule: Rule) -> int:
    return int(rule["priority"])


def _holds_client(source: str) -> bool:
    if source in ("*", "Internet"):
        return True
    return source not in _TAGS and ipaddress.IPv4Address(CLIENT_ADDRESS) in ipaddress.IPv4Network(source, strict=False)


def render_filter(rules: Iterable[Rule], around: Surroundings) -> str:
    """Gives the shell script that puts a machine's filter and translation in place; it may run again and again."""
    ordered = sorted(rules, key=_priority)
    chains = [line for name in _CLASSES for line in _render_class(name, ordered)]
    lines = [
        "*mangle",
        ":NSG - [0:0]",
        ":EGRESS - [0:0]",
        *(f":NSG-{name} - [0:0]" for name in _CLASSES),
        "-A NSG -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        f"-A NSG -s {around.gateway} -j DROP",
        f"-A NSG -s {PROBE_ADDRESS} -j NSG-PROBE",
        *(f"-A NSG -s {space} -j NSG-INSIDE" for space in around.spaces),
        "-A NSG -j NSG-OUTSIDE",
        *chains,
        *_render_egress(around),
        "COMMIT",
        *_render_translation(around),
    ]
    return _script(lines)


def _script(lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return f"iptables-restore -w --noflush <<'RULES'\n{text}\nRULES\n" + "".join(
        f"iptables -w -t {table} -C {rule} 2>/dev/null || iptables -w -t {table} -A {rule}\n"
        for table, rule in (
            ("mangle", "PREROUTING -i eth0 -j NSG"),
            ("mangle", "POSTROUTING -o eth0 -j EGRESS"),
            ("nat", "OUTPUT -d 127.0.0.0/8 -j REGISTRY"),
            # What was sent to 127.0.0.0/8 carries a source from there, to which no answer comes.
            ("nat", "POSTROUTING -o eth0 -s 127.0.0.0/8 -j MASQUERADE"),
        )
    )


def _render_class(name: str, rules: Sequence[Rule]) -> list[str]:
    lines = [line for rule in rules for line in _render_rule(name, rule)]
    return [*lines, f"-A NSG-{name} -j {_DEFAULT[name]}"]


def _render_rule(name: str, rule: Rule) -> list[str]:
    verdict = "ACCEPT" if rule["access"] == "Allow" else "DROP"
    lines: list[str] = []
    for source in _sources(rule):
        if _TAGS.get(source, name) == name:
            place = "" if source == "*" or source in _TAGS else f" -s {source}"
            lines += [f"-A NSG-{name}{place}{match} -j {verdict}" for match in _matches(rule)]
    return lines


def _matches(rule: Rule) -> list[str]:
    protocols, ports = _PROTOCOLS[rule["protocol"]], [port for port in _ports(rule) if port != "*"]
    if not ports:
        return [f" -p {protocol}" if protocol else "" for protocol in protocols]
    listed = [port.replace("-", ":") for port in ports]
    chunks = [listed[start : start + _MOST_PORTS] for start in range(0, len(listed), _MOST_PORTS)]
    carriers = ["tcp", "udp"] if rule["protocol"] == "*" else protocols
    return [f" -p {carrier} -m multiport --dports {','.join(chunk)}" for carrier in carriers for chunk in chunks]


def _render_egress(around: Surroundings) -> list[str]:
    return [
        "-A EGRESS -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        *(f"-A EGRESS -d {space} -j ACCEPT" for space in around.spaces),
        f"-A EGRESS -j {'ACCEPT' if around.way_out else 'DROP'}",
    ]


def _render_translation(around: Surroundings) -> list[str]:
    """A registry's address is in 127.0.0.0/8, where a machine would find itself: it is sent to the gateway instead."""
    lines = ["*nat", ":REGISTRY - [0:0]"]
    for address, port in sorted(around.registries.items()) if around.way_out else ():
        target = f"{around.gateway}:{port}"
        lines.append(f"-A REGISTRY -d {address} -p tcp --dport {_REGISTRY_PORT} -j DNAT --to-destination {target}")
    return [*lines, "COMMIT"]
