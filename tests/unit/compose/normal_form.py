"""Brings what `docker stack deploy` sends and what we make into one form, to be compared field by field."""

import json
from typing import Any

from tests.unit.compose import real_deploy

# Fields that the client always sends; empty they say what leaving them out says.
_EMPTY_WHEN_SENT = {
    "ForceUpdate": 0,
    "MaxFailureRatio": 0,
    "Order": "",
    "NoNewPrivileges": False,
    "Config": "",
    "File": "",
    "Registry": "",
    "Scope": "",
    "Internal": False,
    "Attachable": False,
    "Ingress": False,
    "ConfigOnly": False,
    "Data": "",
}


# Docker sorts these by one field, in no stable way; what is equal in it comes in any order.
_SORTED = {
    "Ports": ("PublishedPort", "TargetPort", "Protocol"),
    "Configs": ("ConfigName", "File"),
    "Secrets": ("SecretName", "File"),
}


def of_deployed(deployed: real_deploy.Deployed) -> dict[str, Any]:
    """Gives what the client sent, by name, without what it sends for nothing."""
    return {
        "services": {spec["Name"]: _normal_service(spec) for spec in deployed.services},
        "networks": {spec["Name"]: _normal_network(spec) for spec in deployed.networks},
        "configs": {spec["Name"]: _pruned(spec) for spec in deployed.configs},
        "secrets": {spec["Name"]: _pruned(spec) for spec in deployed.secrets},
    }


def of_converted(converted: Any) -> dict[str, Any]:
    """Gives what we made, by name; empty data is left out, as for the client."""
    kinds = ("services", "networks", "configs", "secrets")
    return {kind: {spec["Name"]: _pruned(spec) for spec in getattr(converted, kind).values()} for kind in kinds}


def _normal_service(spec: dict[str, Any]) -> dict[str, Any]:
    pruned: dict[str, Any] = _pruned(spec)
    for attachment in pruned["TaskTemplate"]["Networks"]:
        attachment["Target"] = f"net:{attachment['Target']}"
    return pruned


def _normal_network(spec: dict[str, Any]) -> dict[str, Any]:
    pruned: dict[str, Any] = _pruned(spec)
    if pruned.get("IPAM", {}).get("Driver") == "":
        del pruned["IPAM"]["Driver"]
    return pruned


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _sorted(key, _pruned(item)) for key, item in value.items() if item is not None}
        return {key: item for key, item in kept.items() if key not in _EMPTY_WHEN_SENT or item != _EMPTY_WHEN_SENT[key]}
    return [_pruned(item) for item in value] if isinstance(value, list) else value


def _sorted(key: str, value: Any) -> Any:
    if key not in _SORTED:
        return value
    return sorted(value, key=lambda entry: [json.dumps(entry.get(field), sort_keys=True) for field in _SORTED[key]])
