"""The ids of resources: made of inputs, and taken apart again."""

import re
from collections.abc import Mapping
from typing import Any

from arm import resource_types

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
_ID = re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+(?:/providers/(?P<provider>[^/]+)/(?P<rest>.+))?")


def make_id(token: str, inputs: Mapping[str, Any], subscription: str = SUBSCRIPTION) -> str | None:
    """Gives the id that a resource has on Azure, or None where type and inputs do not tell it."""
    known = resource_types.TYPES.get(token)
    names = [known.scope or "resourceGroupName", *known.name_inputs] if known else []
    if known is None or not all(isinstance(inputs.get(name), str) for name in names):
        return None
    place = inputs[names[0]] if known.scope else make_group_id(inputs["resourceGroupName"], subscription)
    return f"{place}/providers/{known.path.format_map(dict(inputs))}" if known.path else place


def make_group_id(name: str, subscription: str = SUBSCRIPTION) -> str:
    """Gives the id of a resource group."""
    return f"/subscriptions/{subscription}/resourceGroups/{name}"


def parse_id(text: str) -> tuple[str, list[str]] | None:
    """Gives an id's type and names; None for what is no id of something that stands in a group itself."""
    found = _ID.fullmatch(text)
    if found is None or found["provider"] is None or "/providers/" in found["rest"]:
        return None
    words = found["rest"].split("/")
    return "/".join([found["provider"], *words[::2]]), words[1::2]
