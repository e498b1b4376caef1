"""Resource groups: whatever stands in one goes with it."""

import asyncio

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
        for last in (False, True):
            await asyncio.gather(*(self._remove(one) for one in inside if (one.token in _LAST) is last))

    async def _remove(self, record: Record) -> None:
        await self._world.remove(record)
        self._store.remove(record.id)
