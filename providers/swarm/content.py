"""Config and Secret: immutable in the engine, hence named by their content.

One that `docker stack deploy` made has the plain name. It is adopted under that name where its content is the wanted
one, so that no task starts anew; its next content is a new object with a hash in its name.
"""

import abc
import base64
import binascii
import hashlib
import json
from typing import Any

from providers import kit
from providers.kit.resource import Plain
from providers.swarm import secret_content
from providers.swarm.cluster import GONE, Cluster, ClusterSource, NoManager, passes_or_raises
from providers.swarm.objects import (
    Claims,
    check_labels,
    create_or_find,
    find_all_by_name,
    is_of_stack,
    refuse_foreign,
    request_or_none,
    sweep,
    take_first,
)

_HASH_DIGITS = 10
_LONGEST_NAME = 64


class _Content(kit.ResourceType, abc.ABC):
    """A config or a secret: immutable in the engine, hence named by its content."""

    path: str
    kind: str
    identifier: str
    inputs = {
        "name": kit.Property("string", "The name without the hash of the content.", required=True, replaces=True),
        "data": kit.Property("string", "The content in base64.", required=True, replaces=True),
        "labels": kit.Property("object", "The labels.", default={}),
        "templating": kit.Property("object", "The engine's Templating driver.", replaces=True),
    }

    def __init__(self, cluster: ClusterSource) -> None:
        self._cluster = cluster
        self._claims = Claims()

    def diff(self, state: Plain, inputs: Plain) -> dict[str, kit.Change]:
        """Compares; what stays is not deleted in this run, whoever else gives it up."""
        return self._claims.note(state.get(self.identifier), super().diff(state, inputs))

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses content that is not base64, a name that is too long with its hash, and labels that are not text."""
        checked = super().check(inputs, old_inputs)
        failures = [*checked.failures, *check_labels("labels", checked.inputs.get("labels"))]
        name, data = checked.inputs.get("name"), checked.inputs.get("data")
        longest = _LONGEST_NAME - _HASH_DIGITS - 1
        if isinstance(name, str) and len(name) > longest:
            failures.append(kit.Failure("name", f"'name' must have at most {longest} characters; got {name!r}"))
        if isinstance(data, str) and not _is_base64(data):
            failures.append(kit.Failure("data", "'data' must be base64; got something else"))
        return kit.Checked(checked.inputs, tuple(failures))

    def preview_create(self, inputs: Plain) -> Plain:
        """The name is known as soon as the content is."""
        return {self.identifier: kit.UNKNOWN, "objectName": name_by_content(inputs)}

    async def foresee_create(self, context: kit.Context, inputs: Plain) -> Plain:
        """Knows the id and the name of an object that is there already."""
        if kit.contains_unknown(inputs):
            return self.preview_create(inputs)
        self._cluster.plan(f"{self.kind.lower()}:{inputs['name']}")
        found = await self._cluster.look(lambda cluster: self._find(cluster, inputs))
        return self._outputs(found[0]) if found and found[0] else self.preview_create(inputs)

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Makes the object, or adopts the one of the same content and stack."""
        cluster, name = self._cluster.get(), name_by_content(inputs)
        found, plain = await self._find(cluster, inputs)
        if found is None:
            body = {"Name": name, "Data": inputs.get("data", ""), "Labels": inputs["labels"]}
            body |= {spec: inputs[key] for key, spec in _SPEC_KEYS.items() if key in inputs}
            made = await create_or_find(cluster, self.path, body, lambda: take_first(self._find(cluster, inputs)))
            found = {"Spec": {"Name": name, "Labels": inputs["labels"]}, **made}
        if (found["Spec"].get("Labels") or {}) != inputs["labels"]:
            await self._relabel(found["ID"], inputs["labels"])
        if plain is not None and plain["ID"] != found["ID"]:
            cluster.superseded.add(f"{self.path}/{plain['ID']}")
            await sweep(cluster, context.warn)
        return kit.Created(self._claims.hold(found["ID"]), self._outputs(found))

    async def _find(self, cluster: Cluster, inputs: Plain) -> tuple[Plain | None, Plain | None]:
        """Finds the object to adopt (of the name with the hash, else of the plain name with the same content), and the
        stack's object of the plain name, whatever it holds."""
        listed, name = await find_all_by_name(cluster, self.path, inputs["name"]), name_by_content(inputs)
        found, plain = listed.get(name), listed.get(inputs["name"])
        if plain is not None and not is_of_stack(plain["Spec"].get("Labels"), inputs["labels"]):
            plain = None
        if found is not None:
            refuse_foreign(self.kind, name, found["Spec"].get("Labels") or {}, inputs["labels"])
        elif plain is not None and await self._has_content(cluster, plain, inputs):
            found = plain
        return found, plain

    async def _has_content(self, cluster: Cluster, found: Plain, inputs: Plain) -> bool:
        same = all((found["Spec"].get(spec) or None) == inputs.get(key) for key, spec in _SPEC_KEYS.items())
        return same and await self._has_data(cluster, found, inputs)

    @abc.abstractmethod
    async def _has_data(self, cluster: Cluster, found: Plain, inputs: Plain) -> bool:
        """Tells whether an object holds the wanted data."""

    def _outputs(self, found: Plain) -> Plain:
        return {self.identifier: found["ID"], "objectName": found["Spec"]["Name"]}

    async def read(self, context: kit.Context, resource_id: str, state: Plain) -> kit.Observed | None:
        """Reports the object; its content cannot change, only vanish."""
        found = await request_or_none(self._cluster, f"{self.path}/{resource_id}")
        if found is None:
            return None
        inputs = {key: state[key] for key in self.inputs if key in state}
        inputs["labels"] = found["Spec"].get("Labels") or {}
        return kit.Observed(resource_id, self._outputs(found), inputs)

    async def update(self, context: kit.Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Labels are all that the engine changes in place."""
        await self._relabel(resource_id, inputs["labels"])
        return self.preview_update(state, inputs)

    async def _relabel(self, object_id: str, labels: Plain) -> None:
        path = f"{self.path}/{object_id}"
        await self._cluster.get().change(path, lambda spec: spec.update(Labels=labels))

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """Removes the object; the engine refuses while a service uses it."""
        if resource_id in self._claims:
            return
        try:
            await passes_or_raises(self._cluster.get().request("DELETE", f"{self.path}/{resource_id}"), GONE)
        except NoManager:
            # It went with its swarm.
            return


_SPEC_KEYS = {"templating": "Templating", "driver": "Driver"}


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True


def name_by_content(inputs: Plain) -> Any:
    """Gives `<name>-<10 hex of sha256>`; unknown while the content is."""
    content = {key: inputs.get(key) for key in ("name", "data", "templating", "driver")}
    if kit.contains_unknown(content):
        return kit.UNKNOWN
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return f"{inputs['name']}-{digest[:_HASH_DIGITS]}"


class Config(_Content):
    """A config."""

    token = "swarm:index:Config"
    description = "A config, named by its content."
    path, kind, identifier = "/configs", "Config", "configId"
    outputs = {
        "configId": kit.Property("string", "The config's id."),
        "objectName": kit.Property("string", "The name on the swarm, with the hash of the content."),
    }

    async def _has_data(self, cluster: Cluster, found: Plain, inputs: Plain) -> bool:
        return base64.b64decode(found["Spec"].get("Data") or "") == base64.b64decode(inputs["data"])


class Secret(_Content):
    """A secret."""

    token = "swarm:index:Secret"
    description = "A secret, named by its content."
    path, kind, identifier = "/secrets", "Secret", "secretId"
    inputs = {
        **_Content.inputs,
        "data": kit.Property("string", "The content in base64.", replaces=True, secret=True, default=""),
        "driver": kit.Property("object", "The secret driver that holds the content.", replaces=True),
    }
    outputs = {
        "secretId": kit.Property("string", "The secret's id."),
        "objectName": kit.Property("string", "The name on the swarm, with the hash of the content."),
    }

    async def _has_data(self, cluster: Cluster, found: Plain, inputs: Plain) -> bool:
        """Asks a host that holds it; what a driver gives, or a template makes of it, tells nothing of the data."""
        if "driver" in inputs:
            return True
        if "templating" in inputs:
            return False
        return await secret_content.holds(cluster, found["ID"], base64.b64decode(inputs["data"]))
