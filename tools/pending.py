"""What a killed update leaves in a state, and how the next one goes on: all pure, on what `pulumi stack export` gives.

A create that was cut off may have made its resource or not. On Azure names are derived, so the id of what may be there
is known: the state is told that it is (`adopt`), a refresh of these alone asks the world, which takes those away that
are not, and what the refresh read into the inputs of the others is put back (`restore`): Azure does not return all of
them, and adds defaults that nobody asked for. Our own provider and the docker provider find theirs again by label and
name when they create, so nothing is kept of those.

`pulumi refresh --import-pending-creates` should do this; the engine of 3.258 drops such entries without a look.
"""

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from arm import identifiers

__all__ = ["adopt", "find_subscription", "has_loose_ends", "list_unproven", "make_arm_id", "restore", "reveal"]

_SUBSCRIPTION = re.compile(r"^/subscriptions/([^/]+)/", re.IGNORECASE)
# What Pulumi marks a secret with in a state.
_KIND, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
# Where azure-native keeps the inputs of the last create or update; what it compares the program with.
_INPUTS = "__inputs"
# An output of a resource that is told to be there and was not looked for yet; a refresh takes it away.
_UNPROVEN = "__unproven"


def has_loose_ends(export: Mapping[str, Any]) -> bool:
    """Tell whether a run was cut off while it created, or while it looked for what it had created."""
    return bool(_list_creating(export) or list_unproven(export))


def list_unproven(export: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the inputs of the resources that a refresh must look for, by their URNs."""
    resources = _deployment(export).get("resources") or []
    return {one["urn"]: one["inputs"] for one in resources if _UNPROVEN in (one.get("outputs") or {})}


def adopt(export: Mapping[str, Any], subscription: str | None) -> dict[str, Any]:
    """Make the state in which what was being created on Azure is told to be there, and nothing is pending."""
    result = copy.deepcopy(dict(export))
    deployment = result["deployment"]
    known = {one["urn"] for one in deployment["resources"]}
    where = find_subscription(export) or subscription
    for resource in _list_creating(export):
        resource_id = make_arm_id(resource, where)
        # A replacement has the URN of what it replaces, which is there still: the next update begins it anew.
        if resource_id is not None and resource["urn"] not in known:
            deployment["resources"].append(_make_unproven(resource, resource_id))
    deployment["pending_operations"] = []
    return result


def restore(export: Mapping[str, Any], inputs: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Make the state in which those of the resources that are there have these inputs."""
    result = copy.deepcopy(dict(export))
    for one in result["deployment"]["resources"]:
        if one["urn"] in inputs:
            one["inputs"] = inputs[one["urn"]]
            if _INPUTS in (one.get("outputs") or {}):
                one["outputs"][_INPUTS] = _make_secret(one["inputs"])
    return result


def find_subscription(export: Mapping[str, Any]) -> str | None:
    """Return the Azure subscription that the state's resources are in."""
    resources = _deployment(export).get("resources") or []
    found = (_SUBSCRIPTION.match(one.get("id") or "") for one in resources)
    return next((match[1] for match in found if match), None)


def make_arm_id(resource: Mapping[str, Any], subscription: str | None) -> str | None:
    """Return the id that a resource has on Azure, or None where type and inputs do not tell it."""
    if subscription is None:
        return None
    return identifiers.make_id(_drop_version(resource["type"]), resource.get("inputs") or {}, subscription)


def _deployment(export: Mapping[str, Any]) -> Mapping[str, Any]:
    # A stack that was never updated has none.
    deployment: Mapping[str, Any] = export.get("deployment") or {}
    return deployment


def _list_creating(export: Mapping[str, Any]) -> list[dict[str, Any]]:
    operations = _deployment(export).get("pending_operations") or []
    return [one["resource"] for one in operations if one["type"] == "creating"]


def _make_unproven(resource: Mapping[str, Any], resource_id: str) -> dict[str, Any]:
    inputs = resource["inputs"]
    outputs = {**inputs, _INPUTS: _make_secret(inputs), _UNPROVEN: True}
    return {**resource, "id": resource_id, "outputs": outputs}


def _make_secret(value: dict[str, Any]) -> dict[str, str]:
    return {_KIND: _SECRET, "plaintext": json.dumps(reveal(value))}


def reveal(value: Any) -> Any:
    """Take the marks of secrets away from inside a value that is secret as a whole."""
    if isinstance(value, list):
        return [reveal(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get(_KIND) == _SECRET:
        return reveal(json.loads(value["plaintext"]))
    return {key: reveal(one) for key, one in value.items()}


def _drop_version(token: str) -> str:
    """Turn azure-native:network/v20240501:Subnet into azure-native:network:Subnet."""
    return re.sub(r"/v\d+(preview)?:", ":", token)
