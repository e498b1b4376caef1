"""What Network, Config, Secret and Service have in common: found by name, adopted by label, gone without a fuss."""

import json
from typing import Any

from providers import kit
from providers.kit.resource import Plain
from providers.swarm.cluster import ClusterSource, NoManager
from providers.swarm.hosts import EngineError

STACK_LABEL = "com.docker.stack.namespace"
_GONE = 404


async def find_by_name(source: ClusterSource, path: str, name: str) -> Plain | None:
    """Finds an object by its exact name; the engine's own filter also takes beginnings."""
    listed = await source.get().request("GET", path, query={"filters": json.dumps({"name": [name]})})
    return next((one for one in listed or [] if _name(one) == name), None)


def _name(found: Plain) -> str:
    return str(found.get("Name") or found.get("Spec", {}).get("Name"))


def refuse_foreign(kind: str, name: str, labels: Plain, wanted: Plain) -> None:
    """Refuses to adopt what was not made for the same stack."""
    if labels.get(STACK_LABEL) != wanted.get(STACK_LABEL):
        owner = labels.get(STACK_LABEL)
        whose = f"belongs to stack '{owner}'" if owner else "was made by hand"
        raise kit.ResourceError(f"{kind} '{name}' exists already and {whose}; remove it or choose another name.")


async def request_or_none(source: ClusterSource, path: str) -> Any:
    """Reads an object; None when it is gone or no manager answers: the next `up` then makes or adopts it."""
    try:
        return await source.get().request("GET", path)
    except NoManager:
        return None
    except EngineError as error:
        if error.status != _GONE:
            raise
        return None


def check_labels(key: str, labels: Any) -> list[kit.Failure]:
    """Refuses labels that are not text: the engine's own answer would name neither the key nor the value."""
    if not isinstance(labels, dict):
        return []
    return [
        kit.Failure(kit.join_path(key, name), f"a label must be a string; got {value!r}")
        for name, value in labels.items()
        if not isinstance(value, str) and value is not kit.UNKNOWN
    ]
