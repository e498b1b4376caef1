"""What the state says of a swarm, and how to reach it: pure, on what `pulumi stack export` and `output` give."""

from collections.abc import Iterable, Mapping
from typing import Any

import tools
from providers.swarm import host_names, ssh_hosts
from tools import facts, pending

__all__ = ["count_made", "find_way", "list_hosts", "list_logins", "list_missing", "make_way", "read", "require_host"]

_NODE, _SERVICE = "swarm:index:SwarmNode", "swarm:index:Service"
_READY, _PROVIDER = "swarm:index:HostReady", "pulumi:providers:swarm"
# Of Pulumi itself, and of our components, which only group others.
_NO_THINGS = ("pulumi:", "azure-swarm:")


def read(export: Mapping[str, Any] | None) -> facts.Recorded:
    """Reads memberships and services; what is being replaced counts by what replaces it."""
    nodes = {inputs["host"]: inputs for inputs in _list_inputs(export, _NODE)}
    services = {inputs["name"]: inputs["spec"] for inputs in _list_inputs(export, _SERVICE)}
    return facts.Recorded(nodes, {name: spec for name, spec in services.items() if "TaskTemplate" in spec})


def list_hosts(export: Mapping[str, Any] | None) -> list[str]:
    """Lists the hosts by name, members of a swarm or not."""
    return sorted({inputs["host"] for kind in (_NODE, _READY) for inputs in _list_inputs(export, kind)})


def require_host(given: str, known: Iterable[str]) -> str:
    """Gives the host with this name, or with it but for the generation, as drainedHosts has it. Raises `ToolError`."""
    names = sorted(known)
    found = [name for name in names if given in (name, host_names.strip_generation(name))]
    if len(found) != 1:
        raise tools.ToolError(f"HOST must be one of {', '.join(names)}; got '{given}'.")
    return found[0]


def list_missing(export: Mapping[str, Any] | None, outputs: Mapping[str, Any]) -> list[str]:
    """Lists the nodes that the outputs name and the state does not know."""
    members, hosts = read(export).nodes, list_hosts(export)
    nodes = outputs.get("nodes") or []
    return [one["name"] for one in nodes if one["name"] not in (hosts if one["role"] == "host" else members)]


def count_made(export: Mapping[str, Any] | None) -> int:
    """Counts what is there, or may be: the resources, and those whose creation was cut off."""
    deployment = (export or {}).get("deployment") or {}
    operations = deployment.get("pending_operations") or []
    creating = [one["resource"] for one in operations if one["type"] == "creating"]
    resources = [*(deployment.get("resources") or []), *creating]
    return sum(not one["type"].startswith(_NO_THINGS) for one in resources)


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


def find_way(export: Mapping[str, Any]) -> ssh_hosts.Way | None:
    """Finds the way that the provider itself takes, in an export that shows secrets; a cut-off up has no outputs."""
    # What needs no way, such as the authority's keys, is made by Pulumi's default instance, which has no inputs.
    ways = (pending.reveal(inputs) for inputs in _list_inputs(export, _PROVIDER) if inputs.get("user"))
    given = next(ways, None)
    return None if given is None else ssh_hosts.read_way(given)


def _list_inputs(export: Mapping[str, Any] | None, kind: str) -> list[dict[str, Any]]:
    resources = ((export or {}).get("deployment") or {}).get("resources") or []
    return [one.get("inputs") or {} for one in resources if one["type"] == kind and not one.get("delete")]
