"""Readers of the stack dialect's short and long syntaxes: ports, volumes, networks, references, hosts."""

import re
from typing import Any

from compose import errors, mounts, ports
from compose.readers import Key, Reader, Table, casting_boolean, either, list_of, map_of, scalar, text, unique_texts

_EXTERNAL = Table("external", {"name": Key(text)})
_NAME = re.compile(r"[a-zA-Z0-9._-]+$")


def read_hosts(value: Any) -> list[str]:
    """Takes a mapping of names to addresses or a list of `name:address`; gives `name:address`, unbracketed."""
    if isinstance(value, dict):
        entries = sorted(f"{name}:{scalar(address)}" for name, address in value.items() if address is not None)
    elif isinstance(value, list):
        entries = [_host(entry) for entry in unique_texts(value)]
    else:
        raise errors.expected("a mapping, or a list of name:address", value)
    return [_unbracket(entry) for entry in entries]


def _host(entry: str) -> str:
    separator = "=" if "=" in entry else ":"
    name, found, address = entry.partition(separator)
    return f"{name}:{address}" if found else entry


def _unbracket(entry: str) -> str:
    name, _, address = entry.partition(":")
    return f"{name}:{address[1:-1]}" if len(address) > 2 and address[0] + address[-1] == "[]" else entry


def read_external(value: Any) -> bool | str:
    """Takes true or false, or the old form `{name: x}`, for which it gives the name."""
    return str(_EXTERNAL(value).get("name", "")) or True if isinstance(value, dict) else casting_boolean(value)


def read_open_external(value: Any) -> bool | str:
    """Takes what `read_external` takes; the old form may have further keys, as secrets and configs allow."""
    if not isinstance(value, dict):
        return casting_boolean(value)
    return read_external({key: item for key, item in value.items() if key in _EXTERNAL.keys})


def ports_reader(long: Reader) -> Reader:
    """Makes a reader of port lists whose long form is read by `long`; a short entry may give several ports."""

    def read_one(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, dict):
            return [long(value)]
        if isinstance(value, str) or type(value) is int:
            return ports.read_short(str(value))
        raise errors.expected("a port such as '8080:80' or 80", value)

    read_all = list_of(read_one, unique=True)
    return lambda value: [port for made in read_all(value) for port in made]


def references_reader(long: Reader) -> Reader:
    """Makes a reader of a service's secrets or configs, whose short form is the source alone."""

    def read_one(value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            return {"source": text(value)}
        if isinstance(value, dict):
            return dict(long(value))
        raise errors.expected("a name or a mapping", value)

    return list_of(read_one)


def volumes_reader(long: Reader) -> Reader:
    """Makes a reader of a service's volumes."""

    def read_one(value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            return mounts.read_short(text(value))
        if isinstance(value, dict):
            return dict(long(value))
        raise errors.expected("a volume such as data:/data, or a mapping", value)

    return list_of(read_one)


def networks_reader(attachment: Reader) -> Reader:
    """Makes a reader of a service's networks, whose short form is a list of names; None is a name alone."""
    read_map = map_of(lambda value: None if value is None else attachment(value))
    return either(list, lambda value: dict.fromkeys(unique_texts(value)), read_map)


def named(table: Reader) -> Reader:
    """Makes a reader of a section whose keys are names of the user's choice."""
    read = map_of(table)

    def read_named(value: Any) -> dict[str, Any]:
        for name in value if isinstance(value, dict) else ():
            if not _NAME.match(name):
                raise errors.Refusal("is not a name of letters, digits, dots, dashes and underscores.", (name,))
        return dict(read(value))

    return read_named


def or_empty(table: Reader) -> Reader:
    """Makes a reader that takes nothing for an empty mapping."""
    return lambda value: {} if value is None else table(value)
