"""What the state says of a swarm, and how to reach it: pure, on what `pulumi stack export` and `output` give."""

from collections.abc import Mapping
from typing import Any

import tools
from providers.swarm import ssh_hosts
from tools import facts, pending

__all__ = ["list_hosts", "list_logins", "make_way", "read"]

_NODE, _SERVICE = "swarm:index:SwarmNode", "swarm:index:Service"
_READY = "swarm:index:HostReady"


def read(export: Mapping[str, Any] | None) -> facts.Recorded:
    """Reads memberships and services; what is being replaced counts by what replaces it."""
    nodes = {inputs["host"]: inputs for inputs in _list_inputs(export, _NODE)}
    services = {inputs["name"]: inputs["spec"] for inputs in _list_inputs(export, _SERVICE)}
    return facts.Recorded(nodes, {name: spec for name, spec in services.items() if "TaskTemplate" in spec})


def list_hosts(export: Mapping[str, Any] | None) -> list[str]:
    """Lists the hosts by name, members of a swarm or not."""
    return sorted({inputs["host"] for kind in (_NODE, _READY) for inputs in _list_inputs(export, kind)})


def list_logins(export: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Lists the registry logins of services, from an export that shows secrets."""
    logins = [pending.reveal(inputs.get("registryAuth")) for inputs in _list_inputs(export, _SERVICE)]
    return list({str(login): login for login in logins if login}.values())


def make_way(outputs: Mapping[str, Any]) -> ssh_hosts.Way:
    """Makes the way to the hosts from outputs that show secrets. Raises `ToolError` for a stack of earlier versions."""
    access = outputs.get("access")
    if not access or not outputs.get("operatorKey"):
        raise tools.ToolError("The stack does not say how its hosts are reached; 'make up' adds the output 'access'.")
    return ssh_hosts.Way(
        jump_host=access["jumpAddress"] or None,
        jump_port=ssh_hosts.SSH_PORT,
        jump_name=access["jumpName"],
        user=access["user"],
        private_key=outputs["operatorKey"],
        ca_public_key=access["caPublicKey"],
        # Stacks of earlier versions do not tell it.
        proxy_command=access.get("proxyCommand", ""),
    )


def _list_inputs(export: Mapping[str, Any] | None, kind: str) -> list[dict[str, Any]]:
    resources = ((export or {}).get("deployment") or {}).get("resources") or []
    return [one.get("inputs") or {} for one in resources if one["type"] == kind and not one.get("delete")]
