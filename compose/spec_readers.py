"""Readers for what the Compose Specification writes in more ways than the stack dialect does."""

import re
from typing import Any

from compose import errors, go_scalars, go_units, readers, stack_readers

_OCTAL = re.compile(r"0?[oO]?[0-7]{1,11}$")


def extended(table: readers.Table, keys: dict[str, readers.Key]) -> readers.Table:
    """Gives a table with further keys, which takes extension fields and refuses what it does not know."""
    return readers.Table(table.what, {**table.keys, **keys}, table.required, extensible=True)


def scalar(value: Any) -> str:
    """Takes a string, a number or a boolean."""
    return go_scalars.print_scalar(value) if isinstance(value, bool) else readers.scalar(value)


def variables(value: Any) -> dict[str, str | None]:
    """Takes a mapping or a list of `key=value`; in a mapping a value may be a boolean."""
    if not isinstance(value, dict):
        return readers.variables(value)
    return {key: None if item is None else str(readers.read_at(scalar, key, item)) for key, item in value.items()}


def labels(value: Any) -> dict[str, str]:
    """Takes what `variables` takes; what has no value gets the empty one."""
    return {key: item or "" for key, item in variables(value).items()}


def options(value: Any) -> dict[str, str]:
    """Takes a mapping whose values are scalars or nothing."""
    return dict(readers.map_of(lambda item: "" if item is None else scalar(item))(value))


def size(value: Any) -> int:
    """Takes a size as a string or as a number of bytes."""
    return value if type(value) is int else readers.size(value)


def cpus(value: Any) -> int:
    """Takes a share of processors, as a number or a string; gives billionths."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return go_units.read_cpus(repr(value))
    return readers.cpus(value)


def mode(value: Any) -> int:
    """Takes the mode of a file, as a number or as a string of octal digits."""
    if isinstance(value, str) and _OCTAL.match(value):
        return int(value.lower().replace("o", ""), 8)
    return readers.integer(value)


def port_number(value: Any) -> int:
    """Takes a port, which may be empty in a string."""
    return 0 if value == "" else readers.casting_integer(value)


def hosts(value: Any) -> list[str]:
    """Takes what the stack dialect takes; in a mapping a name may have several addresses."""
    if not isinstance(value, dict):
        return stack_readers.read_hosts(value)
    pairs = [(name, item) for name, items in sorted(value.items()) for item in _as_list(items)]
    return [entry for name, item in pairs for entry in stack_readers.read_hosts({name: item})]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def env_files(value: Any) -> list[dict[str, Any]]:
    """Takes a path, or a list of paths and of mappings with `path`, `required` and `format`."""
    return [_env_file(entry) if isinstance(value, str) else _env_file_at(i, entry) for i, entry in _indexed(value)]


def _indexed(value: Any) -> list[tuple[int, Any]]:
    if not isinstance(value, str | list):
        raise errors.expected("a path or a list", value)
    return list(enumerate(_as_list(value)))


def _env_file_at(index: int, value: Any) -> dict[str, Any]:
    return dict(readers.read_at(_env_file, index, value))


def _env_file(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"required": True, **_ENV_FILE(value)}
    return {"path": readers.text(value), "required": True}


_ENV_FILE = readers.Table(
    "an environment file",
    {
        "path": readers.Key(readers.text),
        "required": readers.Key(readers.casting_boolean),
        "format": readers.Key(readers.one_of("raw")),
    },
    required=("path",),
)


def depends_on(value: Any) -> dict[str, dict[str, Any]]:
    """Takes a list of services, or a mapping that says what is waited for."""
    if isinstance(value, list):
        return {name: {**_STARTED} for name in readers.unique_texts(value)}
    return {name: {**_STARTED, **entry} for name, entry in readers.map_of(_DEPENDENCY)(value).items()}


_STARTED = {"condition": "service_started", "required": True, "restart": False}
_DEPENDENCY = readers.Table(
    "a dependency",
    {
        "condition": readers.Key(
            readers.one_of("service_started", "service_healthy", "service_completed_successfully")
        ),
        "required": readers.Key(readers.casting_boolean),
        "restart": readers.Key(readers.casting_boolean),
    },
    extensible=True,
)


def extends(value: Any) -> dict[str, str]:
    """Takes the name of a service, or a mapping with `service` and `file`."""
    return dict(_EXTENDS(value)) if isinstance(value, dict) else {"service": readers.text(value)}


_EXTENDS = readers.Table(
    "extends", {"service": readers.Key(readers.text), "file": readers.Key(readers.text)}, required=("service",)
)


def includes(value: Any) -> list[dict[str, Any]]:
    """Takes a list of paths, or of mappings with `path`, `project_directory` and `env_file`."""

    def read_one(entry: Any) -> dict[str, Any]:
        return dict(_INCLUDE(entry)) if isinstance(entry, dict) else {"path": [readers.text(entry)]}

    return list(readers.list_of(read_one)(value))


_INCLUDE = readers.Table(
    "an inclusion",
    {
        "path": readers.Key(readers.text_or_texts),
        "project_directory": readers.Key(readers.text),
        "env_file": readers.Key(readers.text_or_texts),
    },
    required=("path",),
)


def tmpfs(value: Any) -> list[dict[str, Any]]:
    """Takes `path:options`, one or several; gives volumes of type tmpfs."""
    return [_tmpfs(entry) for entry in readers.text_or_texts(value)]


def _tmpfs(entry: str) -> dict[str, Any]:
    target, _, given = entry.partition(":")
    fields: dict[str, Any] = {}
    for option in given.split(",") if given else []:
        name, _, value = option.partition("=")
        if name == "size":
            fields["size"] = readers.size(value)
        elif name == "mode":
            fields["mode"] = mode(value)
        else:
            fields.setdefault("ignored", []).append(option)
    ignored = {"ignored": fields.pop("ignored")} if "ignored" in fields else {}
    return {"type": "tmpfs", "target": target} | ({"tmpfs": fields} if fields else {}) | ignored


def devices(value: Any) -> list[dict[str, Any]]:
    """Takes requests for devices; gives generic resources, which is how a swarm counts devices.

    The kind is what the nodes' engines call the resource: NVIDIA-GPU for that driver, else the first capability.
    """
    requests = readers.list_of(_DEVICE)(value)
    return [resource for index, request in enumerate(requests) for resource in _resources(index, request)]


def gpus(value: Any) -> list[dict[str, Any]]:
    """Takes requests for GPUs."""
    if isinstance(value, str):
        raise errors.expected("a list of devices with a count, since a swarm cannot give all of a node's", value)
    if isinstance(value, list):
        value = [{"capabilities": ["gpu"], **entry} if isinstance(entry, dict) else entry for entry in value]
    return devices(value)


def _resources(index: int, request: dict[str, Any]) -> list[dict[str, Any]]:
    capabilities = request.get("capabilities") or ["gpu"]
    kind = "NVIDIA-GPU" if request.get("driver") == "nvidia" else capabilities[0]
    if request.get("device_ids"):
        return [{"named_resource_spec": {"kind": kind, "value": name}} for name in request["device_ids"]]
    count = request.get("count", "all")
    if count == "all":
        raise errors.Refusal("must be a number, since a swarm cannot give all of a node's devices.", (index, "count"))
    return [{"discrete_resource_spec": {"kind": kind, "value": count}}]


_DEVICE = readers.Table(
    "a request for devices",
    {
        "capabilities": readers.Key(readers.texts),
        "count": readers.Key(lambda value: "all" if value == "all" else readers.casting_integer(value)),
        "device_ids": readers.Key(readers.texts),
        "driver": readers.Key(readers.text),
        "options": readers.Key(variables),
    },
    extensible=True,
)
