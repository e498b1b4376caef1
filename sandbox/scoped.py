"""What stands beside the resource that it is for, in no group of its own: locks, budgets, diagnostic settings."""

import re
from typing import ClassVar

from providers.kit.resource import Plain
from sandbox import arm
from sandbox.store import Record

_GROUP = re.compile(r"/subscriptions/[^/]+/resourceGroups/([^/]+)", re.IGNORECASE)


class ScopedType(arm.ArmType):
    """A type whose id begins with the id of the resource that it is for, given by the input `scope_input`."""

    scope_input: ClassVar[str] = "scope"

    def make_id(self, inputs: Plain) -> str:
        """Gives the ARM id."""
        return str(inputs[self.scope_input]) + self.path.format(**inputs)

    def group_of(self, inputs: Plain) -> str:
        """Gives the group of the resource that it is for."""
        scope = str(inputs[self.scope_input])
        found = _GROUP.match(scope)
        if found is None:
            raise arm.ArmError(400, "InvalidScope", f"The scope '{scope}' is not in a resource group.")
        return found[1]

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Refuses a resource that is not there."""
        self.require(inputs[self.scope_input])
        return {}
