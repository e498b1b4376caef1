"""What Azure's common VM sizes offer, and what their names say. Pure; what no name or table tells is not guessed at.

https://learn.microsoft.com/azure/virtual-machines/sizes/overview,
https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
"""

import dataclasses
import re

_GIB = 2**30
# Series in which memory goes with the processors: the form of the name, and GiB a processor.
_SERIES = (
    (re.compile(r"Standard_B(\d+)a?ts_v2"), 0.5),
    (re.compile(r"Standard_B(\d+)a?ls_v2"), 2),
    (re.compile(r"Standard_B(\d+)a?s_v2"), 4),
    (re.compile(r"Standard_D(\d+)a?l?d?s?_v[345]"), 4),
    (re.compile(r"Standard_E(\d+)a?d?s?_v[345]"), 8),
    (re.compile(r"Standard_F(\d+)s_v2"), 2),
)
_LOW_MEMORY = re.compile(r"Standard_D\d+a?l")
_LOW_MEMORY_GIB = 2
# Above this the series have sizes of their own measure.
_LARGEST = 48
_OLDER = {"Standard_B1s": (1, 1), "Standard_B1ms": (1, 2), "Standard_B2s": (2, 4), "Standard_B2ms": (2, 8)}
# Family, processors, features: Standard_E4-2ads_v5 is of family E and has a, d and s.
_FORM = re.compile(r"Standard_([A-Z]+)\d+(?:-\d+)?([a-z]*)(?:_.*)?")
_ARM, _PREMIUM = "p", "s"
# Families in which the letter tells: some of M take Premium disks without it, and DS and GS have it before.
_TOLD_BY_LETTER = ("A", "D", "E", "F", "G", "H", "NC", "NV")


@dataclasses.dataclass(frozen=True)
class Capacity:
    """Processors, and memory in bytes; a little of the memory is the kernel's own."""

    cpus: float
    memory: float


def find_capacity(size: str) -> Capacity | None:
    """Gives what a size offers; None when it is not known here."""
    if size in _OLDER:
        cpus, gib = _OLDER[size]
        return Capacity(cpus, gib * _GIB)
    for form, gib_each in _SERIES:
        found = form.fullmatch(size)
        if found is not None and int(found[1]) <= _LARGEST:
            each = _LOW_MEMORY_GIB if _LOW_MEMORY.match(size) else gib_each
            return Capacity(int(found[1]), int(found[1]) * each * _GIB)
    return None


def is_arm(size: str) -> bool:
    """Tells whether a size has Arm processors."""
    found = _FORM.fullmatch(size)
    return found is not None and _ARM in found[2]


def expected_size(size: str, disk_type: str) -> str | None:
    """Checks that a size takes the disk."""
    found = _FORM.fullmatch(size)
    told = found is not None and disk_type == "Premium_LRS" and found[1] in _TOLD_BY_LETTER
    fits = not told or (found is not None and _PREMIUM in found[2])
    return None if fits else "a size with the letter s, which takes Premium disks, where the disk is Premium_LRS"
