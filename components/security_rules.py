"""The inbound rules of security groups, in order of priority; the last one closes what no rule opens."""

from collections.abc import Sequence
from typing import Any

import cloud_init

_LAST_PRIORITY = 4000
_FIRST_PRIORITY, _STEP = 100, 10


def make_host_rules(subnet: str, ssh_from: Sequence[str], open_ports: Sequence[int]) -> list[dict[str, Any]]:
    """Gives the rules of hosts.

    Swarm's own ports (https://docs.docker.com/engine/swarm/swarm-tutorial/#open-protocols-and-ports-between-the-hosts)
    and ESP, for encrypted overlays, are open inside the subnet. Azure's default rule that lets the whole virtual
    network in is shut by the last one, hence the explicit rule for the load balancer's probes.
    """
    opened = [str(port) for port in sorted(set(open_ports))]
    return _close(
        [
            _make_rule("operator-ssh", "Tcp", list(ssh_from), ["22"]),
            _make_rule("inside-ssh", "Tcp", [subnet], ["22"]),
            _make_rule("swarm-management", "Tcp", [subnet], ["2377", "7946"]),
            _make_rule("swarm-gossip-and-overlay", "Udp", [subnet], ["7946", "4789"]),
            _make_rule("swarm-encrypted-overlay", "Esp", [subnet], ["*"]),
            _make_rule("probe", "Tcp", ["AzureLoadBalancer"], [str(cloud_init.READINESS_PORT)]),
            *([_make_rule("published", "Tcp", ["Internet"], opened)] if opened else []),
        ]
    )


def make_bastion_rules(operator_networks: Sequence[str]) -> list[dict[str, Any]]:
    """Gives the rules that Azure Bastion asks for (https://learn.microsoft.com/azure/bastion/bastion-nsg).

    Azure refuses a group on its subnet that misses one of them. Operators come from named networks only.
    """
    network = "VirtualNetwork"
    outbound = [
        _make_rule("hosts-ssh", "*", ["*"], ["22", "3389"], network),
        _make_rule("azure", "Tcp", ["*"], ["443"], "AzureCloud"),
        _make_rule("between-bastions-out", "*", [network], ["8080", "5701"], network),
        _make_rule("certificates", "*", ["*"], ["80"], "Internet"),
    ]
    return [
        *_close(
            [
                _make_rule("operator-https", "Tcp", list(operator_networks), ["443"]),
                _make_rule("gateway-manager", "Tcp", ["GatewayManager"], ["443"]),
                _make_rule("probe", "Tcp", ["AzureLoadBalancer"], ["443"]),
                _make_rule("between-bastions", "*", [network], ["8080", "5701"], network),
            ]
        ),
        *({**one, "direction": "Outbound"} for one in _number(outbound)),
    ]


def _number(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**rule, "priority": _FIRST_PRIORITY + _STEP * index} for index, rule in enumerate(rules)]


def _close(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    closed = _make_rule("closed", "*", ["*"], ["*"]) | {"access": "Deny", "priority": _LAST_PRIORITY}
    return [*_number(rules), closed]


def _make_rule(
    name: str, protocol: str, sources: list[str], ports: list[str], destination: str = "*"
) -> dict[str, Any]:
    return {
        "name": name,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": protocol,
        **_one_or_many("source_address_prefix", sources),
        "source_port_range": "*",
        "destination_address_prefix": destination,
        **_one_or_many("destination_port_range", ports),
    }


def _one_or_many(key: str, values: list[str]) -> dict[str, Any]:
    # Azure takes a service tag or `*` in the singular form only.
    if len(values) == 1:
        return {key: values[0]}
    return {f"{key}es" if key.endswith("x") else f"{key}s": values}
