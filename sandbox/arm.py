"""What every azure-native type has in common: an ARM id, a group, a record, and Azure's way of putting things.

kit.ResourceError
└── ArmError   a refusal with the code and, where known, the words of Azure
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from providers import kit
from providers.kit.resource import Plain
from sandbox import home
from sandbox.store import Record, Store
from sandbox.world import World

GROUP_TOKEN = "azure-native:resources:ResourceGroup"
LOCK_TOKEN = "azure-native:authorization:ManagementLockByScope"
# Properties that Azure adds to what was put; their absence in the inputs is no change.
_ADDED = frozenset({"id", "etag", "provisioningState", "privateIPAddress"})


class ArmError(kit.ResourceError):
    """Azure's refusal."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f'Status={status} Code="{code}" Message="{message}"')
        self.code = code


def string(description: str, *, required: bool = False, replaces: bool = False) -> kit.Property:
    """Makes a property of type string."""
    return kit.Property("string", description, required=required, replaces=replaces)


GROUP = string("The resource group's name.", required=True, replaces=True)
LOCATION = string("The region.", required=True, replaces=True)
TAGS = kit.Property("object", "Tags.")
ZONES = kit.Property("array", "Availability zones.", replaces=True)
SKU = kit.Property("object", "The tier.")


class ArmType(kit.ResourceType):
    """A type of Azure's resource manager.

    A subclass names its `path` below the group's id, with `{inputs}` in braces, and overrides `decide` for its checks,
    `embody` and `teardown` for what has a body; `facts` of a record are what the sandbox decided, such as an address.
    """

    path: ClassVar[str]
    # Whether there is something in Docker behind the record.
    has_body: ClassVar[bool] = False
    # What the sandbox shows of a property when it is not all of it.
    only: ClassVar[Mapping[str, Any]] = {}
    outputs: ClassVar[Mapping[str, kit.Property]] = {
        "name": string("The name."),
        "type": string("The type in Azure's words."),
        "provisioningState": string("Always Succeeded."),
    }

    def __init__(self, store: Store, world: World, place: home.Home) -> None:
        self._store = store
        self._world = world
        self._home = place

    def make_id(self, inputs: Plain) -> str:
        """Gives the ARM id."""
        return f"/subscriptions/{home.SUBSCRIPTION}/resourceGroups/{self.group_of(inputs)}" + self.path.format(**inputs)

    def group_of(self, inputs: Plain) -> str:
        """Gives the name of the resource group in which it stands."""
        return str(inputs["resourceGroupName"])

    def check(self, inputs: Plain, old_inputs: Plain) -> kit.Checked:
        """Refuses what the sandbox does not cover, by property and by value."""
        checked = super().check(inputs, old_inputs)
        failures = [
            kit.Failure(key, f"the sandbox covers {key}: {value!r} only; got {inputs[key]!r}")
            for key, value in self.only.items()
            if key in inputs and inputs[key] not in (value, kit.UNKNOWN)
        ]
        return kit.Checked(checked.inputs, (*checked.failures, *failures))

    def diff(self, state: Plain, inputs: Plain) -> dict[str, kit.Change]:
        """Compares; what Azure adds to nested objects is no change."""
        return super().diff({key: trim(state.get(key), inputs.get(key)) for key in self.inputs}, inputs)

    async def create(self, context: kit.Context, inputs: Plain) -> kit.Created:
        """Puts a resource that is not there. Raises `ArmError`."""
        resource_id = self.make_id(inputs)
        self._refuse_missing_group(inputs)
        found = self._store.find(resource_id)
        if found is not None and await self.exists(found):
            # The words of azure-native, which asks before it creates.
            raise kit.ResourceError(f"cannot create already existing resource '{resource_id}'")
        record = await self._put(resource_id, inputs, None)
        await self._reconcile(record)
        return kit.Created(resource_id, self._outputs_of(record))

    async def _put(self, resource_id: str, inputs: Plain, old: Record | None) -> Record:
        # Recorded before it is made: the addresses it was given are taken from now on. And decided in the same breath:
        # the plugin of another stack would find the same ones free.
        with self._store.changing() as records:
            record = self._decide_record(resource_id, inputs, old)
            records[record.id.lower()] = record
        try:
            await self.embody(record, inputs, old)
        except kit.ResourceError:
            if old is None:
                self._store.remove(resource_id)
            raise
        return record

    def _decide_record(self, resource_id: str, inputs: Plain, old: Record | None) -> Record:
        # What lost its body and is made anew keeps its address, too.
        known = old or self._store.find(resource_id)
        facts = known.facts if known is not None else {}
        record = Record(resource_id, self.token, self.group_of(inputs), self.without_secrets(inputs), facts)
        return dataclasses.replace(record, facts={**facts, **self.decide(record, inputs, old)})

    async def _reconcile(self, record: Record) -> None:
        """Brings what spans resources in line; where that fails, the resource is there all the same."""
        try:
            await self._world.reconcile()
        except kit.ResourceError as error:
            outputs = self._outputs_of(record)
            raise kit.InitializationFailed(str(error), resource_id=record.id, outputs=outputs) from error

    def _refuse_missing_group(self, inputs: Plain) -> None:
        name = self.group_of(inputs)
        if self.token != GROUP_TOKEN and not any(one.token == GROUP_TOKEN for one in self._store.list_in(name)):
            raise ArmError(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")

    async def read(self, context: kit.Context, resource_id: str, state: Plain) -> kit.Observed | None:
        """Reports the record while its body is there."""
        record = self._store.find(resource_id)
        if record is None or not await self.exists(record):
            return None
        inputs = self.with_secrets(record.inputs, state)
        return kit.Observed(record.id, {**inputs, **self._outputs_of(record)}, inputs)

    async def update(self, context: kit.Context, resource_id: str, state: Plain, inputs: Plain) -> Plain:
        """Puts over what is there. Raises `ArmError` where Azure would."""
        record = await self._put(resource_id, inputs, self.require(resource_id))
        await self._reconcile(record)
        return self._outputs_of(record)

    async def delete(self, context: kit.Context, resource_id: str, state: Plain) -> None:
        """Deletes; what is gone already is no error."""
        record = self._store.find(resource_id)
        if record is None:
            return
        self._refuse_locked(record)
        self.refuse_delete(record)
        await self.teardown(record)
        self._store.remove(resource_id)
        await self._world.reconcile()

    def _refuse_locked(self, record: Record) -> None:
        """Refuses while a lock is on it, around it or, as on a group, inside it."""
        for one in self._store.list_of(LOCK_TOKEN) if record.token != LOCK_TOKEN else ():
            scope = one.inputs["scope"]
            if refers(record.id, scope) or refers(scope, record.id):
                text = (
                    f"The scope '{record.id}' cannot perform delete operation because following scope(s) are locked: "
                    f"'{scope}'. Please remove the lock and try again."
                )
                raise ArmError(409, "ScopeLocked", text)

    def require(self, resource_id: str) -> Record:
        """Gives a record that another resource refers to. Raises `ArmError` when there is none."""
        record = self._store.find(resource_id)
        if record is None:
            raise ArmError(
                404,
                "InvalidResourceReference",
                f"Resource {resource_id} was not found. Please make sure that the referenced resource exists.",
            )
        return record

    def users_of(self, resource_id: str) -> list[Record]:
        """Lists the records that refer to a resource."""
        return [
            one
            for one in self._store.list_all()
            if one.id.lower() != resource_id.lower() and refers(one.inputs, resource_id)
        ]

    def _outputs_of(self, record: Record) -> Plain:
        # The last one: what is for a resource has that one's id before it.
        kind = "".join(record.id.rpartition("/providers/")[1:]).removeprefix("/providers/").split("/")
        azure_type = "/".join([kind[0], *kind[1::2]]) if len(kind) > 1 else "Microsoft.Resources/resourceGroups"
        common = {"name": record.name, "type": azure_type, "provisioningState": "Succeeded"}
        return common | self.describe(record)

    def without_secrets(self, inputs: Plain) -> Plain:
        """Gives the inputs as the store may hold them."""
        return inputs

    def with_secrets(self, inputs: Plain, state: Plain) -> Plain:
        """Gives back what `without_secrets` took, from the state: Azure does not return it either."""
        return inputs

    def describe(self, record: Record) -> Plain:
        """Gives the outputs beside name and type."""
        return {}

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Refuses what Azure would, and gives facts for the record; `old` is what stands there already.

        It reads the store, which nobody else changes meanwhile, and leaves the change to the caller.
        """
        return {}

    async def embody(self, record: Record, inputs: Plain, old: Record | None) -> None:
        """Makes the body, or changes it when `old` is given. May be repeated."""

    async def exists(self, record: Record) -> bool:
        """Tells whether the body is there; what has none is there once it is recorded."""
        return not self.has_body or await self._world.exists(record)

    def refuse_delete(self, record: Record) -> None:
        """Raises `ArmError` when something still uses the resource."""

    async def teardown(self, record: Record) -> None:
        """Removes the body."""
        if self.has_body:
            await self._world.remove(record)


def trim(has: Any, wanted: Any) -> Any:
    """Drops from nested objects what Azure added to them."""
    if isinstance(has, dict) and isinstance(wanted, dict):
        return {key: trim(value, wanted.get(key)) for key, value in has.items() if key in wanted or key not in _ADDED}
    if isinstance(has, list) and isinstance(wanted, list) and len(has) == len(wanted):
        return [trim(one, other) for one, other in zip(has, wanted, strict=True)]
    return has


def refers(value: Any, resource_id: str) -> bool:
    """Tells whether a value holds the id, or the id of one of its parts, anywhere."""
    if isinstance(value, dict):
        return any(refers(item, resource_id) for item in value.values())
    if isinstance(value, list):
        return any(refers(item, resource_id) for item in value)
    if not isinstance(value, str):
        return False
    return f"{value.lower()}/".startswith(f"{resource_id.lower()}/")


def id_of(reference: Any) -> str:
    """Gives the id in a reference `{"id": …}`; empty when there is none."""
    return str((reference or {}).get("id") or "")


def changed(old: Plain, new: Plain, paths: Iterable[str]) -> str | None:
    """Finds the first of dotted paths at which two inputs differ."""
    return next((path for path in paths if look_up(old, path) != look_up(new, path)), None)


def look_up(values: Any, path: str) -> Any:
    """Reads a dotted path; None when a part of it is absent."""
    for key in path.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values
