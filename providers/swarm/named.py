"""References by name in a ServiceSpec (`net:x`, `config:x`, `secret:x`): the engine takes ids of configs and secrets.

A service refers in this way to what it does not own, such as external objects. The names stay in the state, so that an
object made anew under its name is no change of the program.
"""

import asyncio
import copy
import json
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

from providers.swarm.cluster import GONE, Cluster
from providers.swarm.hosts import EngineError

_KINDS = {"net": "network", "config": "config", "secret": "secret"}


def rename(spec: Any, names: Mapping[str, str]) -> Any:
    """Gives a copy of a ServiceSpec in which every reference that `names` has is another; other texts stay."""
    renamed = copy.deepcopy(spec)
    for holder, key in _list_places(renamed):
        if isinstance(holder[key], str):
            holder[key] = names.get(holder[key], holder[key])
    return renamed


def _list_places(spec: Any) -> list[tuple[dict[str, Any], str]]:
    """Lists where a spec refers to objects: a label may hold any text. What is not known yet refers to nothing."""
    template = _get(spec, "TaskTemplate")
    container = _get(template, "ContainerSpec")
    lists = [(template, "Networks", "Target"), (container, "Configs", "ConfigID"), (container, "Secrets", "SecretID")]
    places = [(item, field) for holder, key, field in lists for item in _items(holder, key) if field in item]
    credential = _get(_get(container, "Privileges"), "CredentialSpec")
    return [*places, *([(credential, "Config")] if "Config" in credential else [])]


def _get(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _items(holder: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = holder.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def list_references(spec: Any) -> list[str]:
    """Lists the references by name, sorted, each once."""
    given = {holder[key] for holder, key in _list_places(spec) if isinstance(holder[key], str)}
    return sorted(text for text in given if text.partition(":")[0] in _KINDS and ":" in text)


async def find_ids(cluster: Cluster, references: Iterable[str]) -> dict[str, str]:
    """Finds the ids behind references; what the swarm does not have is left out."""
    wanted = list(references)
    found = await asyncio.gather(*(_find_id(cluster, reference) for reference in wanted))
    return {reference: one for reference, one in zip(wanted, found, strict=True) if one is not None}


async def _find_id(cluster: Cluster, reference: str) -> str | None:
    kind, _, name = reference.partition(":")
    if kind == "net":
        return await _find_network(cluster, name)
    filters = json.dumps({"name": [name]})
    listed = await cluster.request("GET", f"/{_KINDS[kind]}s", query={"filters": filters}) or []
    return next((str(one["ID"]) for one in listed if one["Spec"]["Name"] == name), None)


async def _find_network(cluster: Cluster, name: str) -> str | None:
    """Finds a network of the swarm; asked in this way, the engine also gives its own `host`, which it never lists."""
    try:
        path = f"/networks/{urllib.parse.quote(name, safe='')}"
        return str((await cluster.request("GET", path, query={"scope": "swarm"}))["Id"])
    except EngineError as error:
        if error.status != GONE:
            raise
        return None


def say_missing(service: str, references: Iterable[str]) -> str:
    """Says which external objects the swarm does not have."""
    told = [f"{_KINDS[kind]} '{name}'" for kind, _, name in (one.partition(":") for one in references)]
    return f"Service '{service}' needs {' and '.join(told)}, which the swarm does not have; create it before."
