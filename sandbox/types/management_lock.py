"""Locks: what a lock is on, around or inside is not deleted (`ArmType.delete`)."""

from sandbox import arm, scoped


class ManagementLock(scoped.ScopedType):
    """A lock against deletion."""

    token = arm.LOCK_TOKEN
    description = "A lock against deletion."
    path = "/providers/Microsoft.Authorization/locks/{lockName}"
    inputs = {
        "scope": arm.string("The id of what is locked.", required=True, replaces=True),
        "lockName": arm.string("The name.", required=True, replaces=True),
        "level": arm.string("CanNotDelete.", required=True),
        "notes": arm.string("Why."),
    }
    only = {"level": "CanNotDelete"}
