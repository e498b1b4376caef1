"""Resource groups: whatever stands in one goes with it."""

from sandbox import arm
from sandbox.store import Record

# Machines first, networks after what is attached to them.
_LAST = ("azure-native:network:Subnet",)


class ResourceGroup(arm.ArmType):
    """A resource group."""

    token = arm.GROUP_TOKEN
    description = "A resource group."
    path = ""
    inputs = {
        "resourceGroupName": arm.GROUP,
        "location": arm.LOCATION,
        "tags": arm.TAGS,
    }

    async def teardown(self, record: Record) -> None:
        """Removes everything in the group."""
        inside = [one for one in self._store.list_in(record.name) if one.token != self.token]
        for one in sorted(inside, key=lambda one: one.token in _LAST):
            await self._world.remove(one)
            self._store.remove(one.id)
