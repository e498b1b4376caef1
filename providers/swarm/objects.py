"""What Network, Config, Secret and Service have in common: found by name, adopted by label, gone without a fuss."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import waiting
from providers.swarm.cluster import GONE, Cluster, ClusterSource, NoManager, passes_or_raises
from providers.swarm.hosts import EngineError

STACK_LABEL = "com.docker.stack.namespace"
# What a service's or a network's name may be.
LONGEST_NAME = 63
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?")
# What the engine answers when a name is taken; of networks 20.10 says 403.
_TAKEN = (403, 409)
_SWEEP_SECONDS = 30


async def find_by_name(cluster: Cluster, path: str, name: str) -> Plain | None:
    """Finds an object by its exact name; the engine's own filter also takes beginnings."""
    return (await find_all_by_name(cluster, path, name)).get(name)


async def find_all_by_name(cluster: Cluster, path: str, beginning: str) -> dict[str, Plain]:
    """Finds the objects whose names begin so, by name; networks of one host alone are left out."""
    listed = await cluster.request("GET", path, query={"filters": json.dumps({"name": [beginning]})}) or []
    return {_name(one): one for one in listed if one.get("Scope", "swarm") == "swarm"}


async def create_or_find(
    cluster: Cluster, path: str, body: Plain, find: Callable[[], Awaitable[Plain | None]], **rest: Any
) -> Plain:
    """Makes an object and gives the answer, its id; where the name is taken meanwhile, gives what `find` adopts.

    A request whose answer is lost is sent again, and then what the first one made has the name.
    """
    try:
        made: Plain = await cluster.request("POST", f"{path}/create", body=body, **rest)
    except EngineError as error:
        found = await find() if error.status in _TAKEN else None
        if found is None:
            raise
        return found
    return made


async def take_first(pair: Awaitable[tuple[Plain | None, object]]) -> Plain | None:
    """Gives the first of what a search finds: the object to adopt."""
    return (await pair)[0]


def _name(found: Plain) -> str:
    return str(found.get("Name") or found.get("Spec", {}).get("Name"))


def refuse_foreign(kind: str, name: str, labels: Plain, wanted: Plain) -> None:
    """Refuses to adopt what was not made for the same stack."""
    if labels.get(STACK_LABEL) != wanted.get(STACK_LABEL):
        owner = labels.get(STACK_LABEL)
        whose = f"belongs to stack '{owner}'" if owner else "was made by hand"
        raise kit.ResourceError(f"{kind} '{name}' exists already and {whose}; remove it or choose another name.")


def is_of_stack(labels: Plain | None, wanted: Plain | None) -> bool:
    """Tells whether both belong to one stack, which is named."""
    owner = (labels or {}).get(STACK_LABEL)
    return bool(owner) and owner == (wanted or {}).get(STACK_LABEL)


class Claims:
    """The ids that the program's resources hold at the end of this run.

    What is replaced, and wanted again before the replaced one is deleted, is one object of two resources: the one that
    goes must leave it.
    """

    def __init__(self) -> None:
        self._held: set[str] = set()

    def hold(self, object_id: str) -> str:
        """Notes that a resource holds an object; gives its id."""
        self._held.add(object_id)
        return object_id

    def note(self, object_id: Any, changes: dict[str, kit.Change]) -> dict[str, kit.Change]:
        """Notes that a resource keeps its object, unless one of the changes replaces it; gives the changes."""
        if isinstance(object_id, str) and not any(change.replace for change in changes.values()):
            self.hold(object_id)
        return changes

    def __contains__(self, object_id: str) -> bool:
        return object_id in self._held


async def sweep(cluster: Cluster, warn: Callable[[str], None]) -> None:
    """Removes what others have taken the place of in this run, as soon as no service uses it any more.

    Objects that Pulumi does not know need it: those of a stack that `docker stack deploy` made. What cannot be removed
    is a warning, since the resource on whose behalf it is done, is done.
    """
    try:
        free = await _list_free(cluster)
    except kit.ResourceError as error:
        _warn_of_rest(cluster.superseded, error, warn)
        return
    # Several services that are done look at the same time.
    cluster.superseded -= free
    await asyncio.gather(*(_remove(cluster, path, warn) for path in sorted(free)))


async def _list_free(cluster: Cluster) -> set[str]:
    if not cluster.superseded:
        return set()
    used = json.dumps([one["Spec"] for one in await cluster.request("GET", "/services") or []])
    return {path for path in cluster.superseded if path.rsplit("/", 1)[1] not in used}


async def _remove(cluster: Cluster, path: str, warn: Callable[[str], None]) -> None:
    async def probe(waiter: waiting.Waiter) -> bool | None:
        try:
            await passes_or_raises(cluster.request("DELETE", path), GONE)
        except EngineError as error:
            # A task that is shutting down holds it for a moment.
            waiter.seen = str(error)
            return None
        return True

    try:
        await waiting.wait_for(f"{path} to be free", probe, seconds=_SWEEP_SECONDS)
    except waiting.DeadlineReached:
        # Something that is no service holds it; the next one that is done tries again.
        cluster.superseded.add(path)
    except kit.ResourceError as error:
        cluster.superseded.add(path)
        _warn_of_rest([path], error, warn)


def _warn_of_rest(paths: Iterable[str], error: kit.ResourceError, warn: Callable[[str], None]) -> None:
    for path in sorted(paths):
        kind, object_id = path.removeprefix("/").split("s/", 1)
        warn(
            f"{kind.capitalize()} '{object_id}', in whose place another one has come, is not removed: "
            f"{str(error).rstrip('.')}; 'docker {kind} rm {object_id}' on a manager does it."
        )


async def request_or_none(source: ClusterSource, path: str) -> Any:
    """Reads an object; None when it is gone or no manager answers: the next `up` then makes or adopts it."""
    try:
        return await source.get().request("GET", path)
    except NoManager:
        return None
    except EngineError as error:
        if error.status != GONE:
            raise
        return None


def check_name(name: Any, longest: int = LONGEST_NAME) -> list[kit.Failure]:
    """Refuses a name that the managers refuse once they are asked (swarmkit's `validateAnnotations`)."""
    if not isinstance(name, str) or (len(name) <= longest and _NAME.fullmatch(name)):
        return []
    rule = "letters, digits, '-' and '_', a letter or digit first and last"
    return [kit.Failure("name", f"'name' must have at most {longest} characters ({rule}); got {name!r}")]


def check_labels(key: str, labels: Any) -> list[kit.Failure]:
    """Refuses labels that are not text: the engine's own answer would name neither the key nor the value."""
    if not isinstance(labels, dict):
        return []
    return [
        kit.Failure(kit.join_path(key, name), f"a label must be a string; got {value!r}")
        for name, value in labels.items()
        if not isinstance(value, str) and value is not kit.UNKNOWN
    ]
