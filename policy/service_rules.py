"""Rules of the registry, of roles, and of what runs in the swarm."""

import uuid
from collections.abc import Iterator
from typing import Any

from components import checks
from policy import rule

_REGISTRY = "azure-native:containerregistry:Registry"
_ROLE = "azure-native:authorization:RoleAssignment"
_SERVICE = "swarm:index:Service"
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")
_CONTAINER = "spec.TaskTemplate.ContainerSpec"


def find_anonymous_pull(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a registry from which anyone may pull."""
    if inputs.get("anonymousPullEnabled") is not False:
        yield "Set anonymousPullEnabled to false."


def find_bad_role_assignment(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a role assignment that fails while its principal is new, or that cannot be made a second time."""
    if not inputs.get("principalType"):
        yield "Set principalType: without it a new identity is not found (PrincipalNotFound)."
    if not _is_uuid(inputs.get("roleAssignmentName")):
        yield "Set roleAssignmentName to a UUID made of scope, principal and role (uuid5)."


def find_even_managers(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a number of managers that a lost one could leave without a majority sooner than one less would."""
    managers = rule.list_of(inputs, "managers")
    expected = checks.expected_manager_count(len(managers))
    if expected is not None:
        yield f"The number of managers must be {expected}; there are {len(managers)}."


def find_engine_in_container(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a service that is given the host: the engine's socket, or every capability."""
    for mount in rule.list_of(inputs, f"{_CONTAINER}.Mounts"):
        if mount.get("Source") in _SOCKETS:
            yield "Mount no engine socket: whoever holds it is root on the host."
    if "ALL" in [str(one).removeprefix("CAP_") for one in rule.list_of(inputs, f"{_CONTAINER}.CapabilityAdd")]:
        yield "Add the capabilities that the service needs by name, not ALL."


def find_no_memory_limit(inputs: rule.Inputs) -> Iterator[str]:
    """Finds a service that may take all of a host's memory."""
    if not rule.look_up(inputs, "spec.TaskTemplate.Resources.Limits.MemoryBytes"):
        yield "Set deploy.resources.limits.memory: without it one task can take the host's memory from all others."


def _is_uuid(text: Any) -> bool:
    try:
        return str(uuid.UUID(str(text))) == str(text).lower()
    except ValueError:
        return False


RULES = (
    rule.Rule(
        "no-anonymous-pull",
        "Nobody pulls images without an account (CKV_AZURE_138).",
        (_REGISTRY,),
        find_anonymous_pull,
    ),
    rule.Rule(
        "lasting-role-assignments",
        "Role assignments name the kind of their principal and have a stable UUID.",
        (_ROLE,),
        find_bad_role_assignment,
    ),
    rule.Rule(
        "odd-managers",
        "A swarm has 1, 3, 5 or 7 managers (CIS Docker 7.1).",
        ("swarm:index:Swarm",),
        find_even_managers,
    ),
    rule.Rule(
        "no-engine-in-containers",
        "No service holds the engine's socket or every capability (CIS Docker 5.3, 5.31).",
        (_SERVICE,),
        find_engine_in_container,
    ),
    rule.Rule(
        "memory-limits", "Every service has a memory limit (CIS Docker 5.10).", (_SERVICE,), find_no_memory_limit
    ),
)
