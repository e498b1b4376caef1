"""Names on Azure: derived, never random, so that an interrupted create is found again; valid whatever Pulumi takes."""

import hashlib
import re

import pulumi

_READABLE = 24
_HASH = 12
# With its prefix and the hash a vault has at most 24 characters.
READABLE_OF_VAULT = 10
_LONGEST_GROUP = 90
_PLAIN_PROJECT = re.compile(r"[a-z][a-z0-9-]*")
_PLAIN_PART = re.compile(r"[a-z0-9]+")


def make_global_name(prefix: str, logical_name: str) -> str:
    """Derives a name of letters and digits, at most 50, from organization, project, stack and logical name."""
    parts = [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack(), logical_name]
    return derive_name(prefix, parts)


def make_vault_name(logical_name: str) -> str:
    """Derives the name of a key vault in the same way; it is shorter."""
    parts = [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack(), logical_name]
    return derive_name("kv", parts, READABLE_OF_VAULT)


def derive_name(prefix: str, parts: list[str], longest: int = _READABLE) -> str:
    """Joins what is readable of the parts (the organization aside) and a hash of all of them."""
    readable = re.sub(r"[^a-z0-9]", "", "".join(parts[1:]).lower())[:longest]
    return f"{prefix}{readable}{_hash(parts)}"


def make_group_name(logical_name: str) -> str:
    """Names a resource group after project, stack and logical name."""
    return derive_group_name(pulumi.get_project(), pulumi.get_stack(), logical_name)


def derive_group_name(project: str, stack: str, logical_name: str) -> str:
    """Joins the parts by '-'; where that is no name of Azure's, or could be another stack's, a hash ends it.

    Pulumi takes longer names than Azure's 90 characters, and '.' and '_'; Azure does not tell 'A' from 'a'. Only the
    project may have a '-', or `a-b` with stack `c` would share a group with `a` and stack `b-c`.
    """
    parts = [project, stack, logical_name]
    name = "-".join(parts)
    plain = _PLAIN_PROJECT.fullmatch(project) and all(_PLAIN_PART.fullmatch(part) for part in parts[1:])
    if plain and len(name) <= _LONGEST_GROUP:
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[: _LONGEST_GROUP - _HASH - 1]
    return f"{readable}-{_hash(parts)}"


def make_repository(stack: str, service: str) -> str:
    """Names the repository of a service's image: registries take lower case only."""
    name = f"{stack}/{service}"
    readable = "/".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in (stack, service))
    return name if name == readable else f"{readable}-{_hash([stack, service])}"


def _hash(parts: list[str]) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:_HASH]
