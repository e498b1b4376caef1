"""A lock against deletion, for what holds data."""

from collections.abc import Sequence

import pulumi
import pulumi_azure_native.authorization as authorization

_NOTES = "What this holds is nowhere else. azure-swarm: set lock to false and `up` before you delete it."


def create_lock(
    parent: pulumi.Resource, name: str, resource_id: pulumi.Input[str], after: Sequence[pulumi.Resource] = ()
) -> authorization.ManagementLockByScope:
    """Locks a resource against deletion, by whomever and by whatever tool; changes and its data stay free.

    The lock goes before everything that depends on what it locks, and before `after`: parts of a locked resource, such
    as its diagnostic settings, cannot be deleted either. It never counts as deleted with its group, which it holds.
    """
    return authorization.ManagementLockByScope(
        f"{name}-lock",
        lock_name=f"{name}-lock",
        scope=resource_id,
        level="CanNotDelete",
        notes=_NOTES,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after)),
    )
