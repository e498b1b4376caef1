"""What is judged: the environments, and prod with every choice taken that it has not taken already."""

import functools
from collections.abc import Mapping
from typing import Any

from arm import registrations
from tools import environments

_PROD_WITH_EVERYTHING: Mapping[str, Any] = {
    "access": "bastion",
    "tags": {"team": "platform"},
    "monthlyBudget": 900,
    "budgetContacts": ["team@example.org"],
    "keyVault": True,
    "secretExpiry": "2027-11-30",
}
# By name: the environment, and the settings that differ from it.
JUDGED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    **{stack: (stack, {}) for stack in environments.STACKS},
    "everything": ("prod", _PROD_WITH_EVERYTHING),
}


@functools.cache
def record(name: str) -> list[registrations.Registration]:
    """Records what one of them asks for."""
    stack, changes = JUDGED[name]
    return environments.record(stack, changes).resources
