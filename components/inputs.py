"""Defaults that several components share, and what refuses their inputs."""

from collections.abc import Mapping, Sequence
from typing import Any

from components import checks, errors, images, sizes

DEBIAN = "debian-12"
SMALLEST_SIZE = "Standard_B2ats_v2"
HOST_SIZE = "Standard_B2als_v2"
JUMP_DISK_GIB = 30
HOST_DISK_GIB = 64
DISK_TYPE = "Premium_LRS"


def refuse(who: str, field: str, value: object, expected: str | None) -> None:
    """Raises an `InputError` when a check gave what is expected."""
    if expected is not None:
        raise errors.InputError(who, field, expected, value)


def check_keys(who: str, args: Mapping[str, Any], kind: Any) -> None:
    """Refuses inputs that the TypedDict `kind` does not have, and the absence of those that it needs."""
    known = sorted(kind.__required_keys__ | kind.__optional_keys__)
    for key in sorted(set(args) - set(known)):
        raise errors.InputError(who, "every input", f"one of {', '.join(known)}", key)
    for key in sorted(kind.__required_keys__):
        refuse(who, key, None, "given" if args.get(key) is None else None)


def check_kind(who: str, field: str, value: object, kind: type, expected: str) -> None:
    """Refuses a value of another class."""
    refuse(who, field, value, None if isinstance(value, kind) else expected)


def check_list(who: str, field: str, value: object, what: str) -> Sequence[Any]:
    """Refuses what is no list; a text is none, though Python counts its letters."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise errors.InputError(who, field, f"a list of {what}", value)
    return value


def check_machine(who: str, name: object, size: object, image: object, disk_type: object) -> None:
    """Refuses a machine's inputs that cannot be. They are hashed into its name, so previews must know them."""
    refuse(who, "name", name, checks.expected_host_name(name))
    refuse(who, "size", size, checks.expected_size(size))
    refuse(who, "image", image, images.expected_image(image))
    refuse(who, "disk_type", disk_type, checks.expected_disk_type(disk_type))
    check_size(who, "size", str(size), str(image), str(disk_type))


def check_size(who: str, field: str, size: str, image: str, disk_type: str) -> None:
    """Refuses a size that has not the processors of an image, or takes no such disk; each was checked alone."""
    refuse(who, field, size, images.expected_size(size, image))
    refuse(who, field, size, sizes.expected_size(size, disk_type))
