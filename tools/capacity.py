"""What to do when Azure has no room for a host: the next size of the settings, for that host alone. Pure.

docs/adr/0013 says why nothing takes it by itself.
"""

import re
from collections.abc import Iterable
from typing import Protocol

from providers.swarm import host_names
from tools import facts, pulumi_cli

__all__ = ["Settings", "advise", "find_shortages"]

_CODES = re.compile(r"\b(SkuNotAvailable|(?:Zonal)?AllocationFailed|Overconstrained(?:Zonal)?AllocationRequest)\b")
_MACHINE = "azure-native:compute:VirtualMachine"
_HOST = re.compile(r"(manager|worker)-(\d+)")


class Settings(Protocol):
    """What is asked of the settings of a stack."""

    @property
    def location(self) -> str:
        """The region."""

    @property
    def manager_size(self) -> str:
        """The size of managers."""

    @property
    def manager_fallback_sizes(self) -> tuple[str, ...]:
        """What comes after it."""

    @property
    def worker_size(self) -> str:
        """The size of workers."""

    @property
    def worker_fallback_sizes(self) -> tuple[str, ...]:
        """What comes after it."""

    def size(self, role: str, index: int) -> str:
        """Gives the size of a host."""

    def zone(self, index: int) -> str:
        """Gives the zone of a host."""


def find_shortages(errors: Iterable[pulumi_cli.Error]) -> dict[str, str]:
    """Finds the machines that Azure had no room for: by their names without the generation, Azure's code."""
    found = {}
    for error in errors:
        code = _CODES.search(error.message)
        if code is not None and f"::{_MACHINE}::" in error.urn.replace("$", "::"):
            found[host_names.strip_generation(error.urn.rpartition("::")[2])] = code[1]
    return found


def advise(name: str, code: str, chosen: Settings, commands: facts.Commands) -> str:
    """Says what to do about one of them."""
    found = _HOST.fullmatch(name)
    again = commands.make("up")
    if found is None:
        return f"Azure has no room for {name} ({code}): set jumpSize to another size, then {again}"
    role, index = found[1], int(found[2])
    size, zone = chosen.size(role, index), chosen.zone(index)
    place = f"in zone {zone} of {chosen.location}" if zone else f"in {chosen.location}"
    what = f"Azure has no room for {name}, {size} {place} ({code})."
    following = _find_next(size, *_list_sizes(chosen, role))
    if following is None:
        return f"{what} No size of {role}FallbackSizes is left: add one, or choose another zone or region, then {again}"
    config = f"config set --path hostSizes.{name} {following} --stack {commands.stack}"
    tool = "sandbox/run pulumi" if commands.cloud == "sandbox" else "pulumi"
    return f"{what} The next of {role}FallbackSizes is {following}: {tool} {config}, then {again}"


def _list_sizes(chosen: Settings, role: str) -> tuple[str, ...]:
    """Lists a role's own size and then what it falls back to, each once: a list may hold the role's own size, too."""
    manager = role == "manager"
    own = chosen.manager_size if manager else chosen.worker_size
    others = chosen.manager_fallback_sizes if manager else chosen.worker_fallback_sizes
    return tuple(dict.fromkeys((own, *others)))


def _find_next(size: str, *sizes: str) -> str | None:
    """Gives the size after one; the first fall-back after one that is in no list."""
    place = sizes.index(size) if size in sizes else 0
    return next(iter(sizes[place + 1 :]), None)
