"""The keys that `docker stack deploy` knows: how each is read, and what becomes of it.

The table stands for the schemas 3.0 to 3.13; what an earlier version does not have yet is in `versions`.
"""

import re
from typing import Any

from compose import errors, mounts, ports
from compose.readers import (
    Key,
    Reader,
    Table,
    Treatment,
    anything,
    boolean,
    casting_boolean,
    casting_integer,
    casting_number,
    casting_whole,
    command,
    cpus,
    duration,
    either,
    health_test,
    integer,
    labels,
    list_of,
    map_of,
    natural,
    number,
    one_of,
    optional_scalar,
    optional_text,
    scalar,
    size,
    text,
    text_or_texts,
    texts,
    unique_texts,
    variables,
)

_IGNORED = Treatment.IGNORED
_SILENT = Treatment.SILENT
_FORBIDDEN = Treatment.FORBIDDEN

_NAME = re.compile(r"[a-zA-Z0-9._-]+$")
_NO_SWARM = "a swarm service has no such setting"
_LIMITS = "limits are set under deploy.resources"


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
    if not isinstance(value, dict):
        return casting_boolean(value)
    named = Table("external", {"name": Key(text)})(value)
    return str(named.get("name", "")) or True


def read_ulimit(value: Any) -> dict[str, int]:
    """Takes one number for both limits, or a soft and a hard one."""
    if isinstance(value, dict):
        return _ULIMIT(value)
    both = casting_whole(value)
    return {"soft": both, "hard": both}


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


def read_build(value: Any) -> dict[str, Any]:
    """Takes the path of a context, or a mapping."""
    if isinstance(value, str):
        return {"context": text(value)}
    if isinstance(value, dict):
        return BUILD(value)
    raise errors.expected("a path or a mapping", value)


_ULIMIT = Table("a ulimit", {"soft": Key(casting_whole), "hard": Key(casting_whole)}, required=("soft", "hard"))
_options = map_of(scalar)

BUILD = Table(
    "build",
    {
        "context": Key(text),
        "dockerfile": Key(text),
        "args": Key(variables),
        "labels": Key(labels),
        "cache_from": Key(unique_texts),
        "network": Key(text),
        "target": Key(text),
        "shm_size": Key(optional_scalar),
        "extra_hosts": Key(read_hosts),
    },
    open=True,
)

REFERENCE = Table(
    "a reference to a secret or config",
    {
        "source": Key(text),
        "target": Key(text),
        "uid": Key(text),
        "gid": Key(text),
        "mode": Key(natural(casting_integer)),
    },
    open=True,
)

PORT = Table(
    "a port",
    {
        "mode": Key(text),
        "target": Key(natural(casting_integer)),
        "published": Key(natural(casting_integer)),
        "protocol": Key(text),
    },
)

MOUNT = Table(
    "a volume",
    {
        "type": Key(text),
        "source": Key(text),
        "target": Key(text),
        "read_only": Key(casting_boolean),
        "consistency": Key(text),
        "bind": Key(Table("bind", {"propagation": Key(text)}, open=True)),
        "volume": Key(Table("volume", {"nocopy": Key(casting_boolean), "subpath": Key(text)}, open=True)),
        "tmpfs": Key(Table("tmpfs", {"size": Key(natural(integer))}, open=True)),
    },
    required=("type",),
)

ATTACHMENT = Table(
    "a service's network",
    {
        "aliases": Key(unique_texts),
        "driver_opts": Key(_options),
        "ipv4_address": Key(text, _SILENT, "a swarm gives out the addresses itself"),
        "ipv6_address": Key(text, _SILENT, "a swarm gives out the addresses itself"),
    },
)

HEALTHCHECK = Table(
    "a healthcheck",
    {
        "disable": Key(casting_boolean),
        "test": Key(health_test),
        "interval": Key(duration),
        "timeout": Key(duration),
        "start_period": Key(duration),
        "start_interval": Key(duration),
        "retries": Key(natural(casting_integer)),
    },
)

LOGGING = Table("logging", {"driver": Key(text), "options": Key(map_of(optional_scalar))})

UPDATE = Table(
    "an update policy",
    {
        "parallelism": Key(natural(casting_integer)),
        "delay": Key(duration),
        "failure_action": Key(text),
        "monitor": Key(duration),
        "max_failure_ratio": Key(casting_number),
        "order": Key(one_of("start-first", "stop-first")),
    },
)

_GENERIC = Table(
    "a generic resource",
    {"discrete_resource_spec": Key(Table("a discrete resource", {"kind": Key(text), "value": Key(number)}))},
)

LIMITS = Table("limits", {"cpus": Key(cpus), "memory": Key(size), "pids": Key(integer)})
RESERVATIONS = Table(
    "reservations",
    {"cpus": Key(cpus), "memory": Key(size), "generic_resources": Key(list_of(_GENERIC), entry=_GENERIC)},
)

_PREFERENCE = Table("a placement preference", {"spread": Key(text)})

DEPLOY_KEYS = {
    "mode": Key(text),
    "endpoint_mode": Key(text),
    "replicas": Key(natural(casting_integer)),
    "labels": Key(labels),
    "rollback_config": Key(UPDATE),
    "update_config": Key(UPDATE),
    "resources": Key(Table("resources", {"limits": Key(LIMITS), "reservations": Key(RESERVATIONS)})),
    "restart_policy": Key(
        Table(
            "a restart policy",
            {
                "condition": Key(text),
                "delay": Key(duration),
                "max_attempts": Key(natural(casting_integer)),
                "window": Key(duration),
            },
        )
    ),
    "placement": Key(
        Table(
            "placement",
            {
                "constraints": Key(texts),
                "preferences": Key(list_of(_PREFERENCE), entry=_PREFERENCE),
                "max_replicas_per_node": Key(natural(casting_integer)),
            },
        )
    ),
}


DEPLOY = Table("deploy", DEPLOY_KEYS)

CREDENTIALS = Table("credential_spec", {"config": Key(text), "file": Key(text), "registry": Key(text)})

SERVICE_KEYS: dict[str, Key] = {
    "build": Key(read_build, _IGNORED, "a stack runs images that were built before", entry=BUILD),
    "cap_add": Key(unique_texts),
    "cap_drop": Key(unique_texts),
    "cgroup_parent": Key(text, _IGNORED, _NO_SWARM),
    "cgroupns_mode": Key(text, _IGNORED, _NO_SWARM),
    "command": Key(command),
    "configs": Key(references_reader(REFERENCE), entry=REFERENCE),
    "container_name": Key(text, _IGNORED, "the swarm names the containers of a service"),
    "credential_spec": Key(CREDENTIALS),
    "depends_on": Key(unique_texts, _SILENT, "docker stack deploy starts services in no order"),
    "deploy": Key(or_empty(DEPLOY), entry=DEPLOY),
    "devices": Key(unique_texts, _IGNORED, _NO_SWARM),
    "dns": Key(text_or_texts),
    "dns_search": Key(text_or_texts),
    "domainname": Key(text, _IGNORED, _NO_SWARM),
    "entrypoint": Key(command),
    "env_file": Key(text_or_texts),
    "environment": Key(variables),
    "expose": Key(list_of(scalar, unique=True), _IGNORED, "services on one network reach each other on every port"),
    "external_links": Key(unique_texts, _IGNORED, _NO_SWARM),
    "extra_hosts": Key(read_hosts),
    "healthcheck": Key(HEALTHCHECK),
    "hostname": Key(text),
    "image": Key(text),
    "init": Key(boolean),
    "ipc": Key(text, _IGNORED, _NO_SWARM),
    "isolation": Key(text),
    "labels": Key(labels),
    "links": Key(unique_texts, _IGNORED, "services on one network reach each other by name"),
    "logging": Key(LOGGING),
    "mac_address": Key(text, _IGNORED, _NO_SWARM),
    "network_mode": Key(text, _IGNORED, "a service joins the networks that it lists"),
    "networks": Key(networks_reader(ATTACHMENT), entry=ATTACHMENT, named=True),
    "oom_score_adj": Key(integer, _SILENT, "docker stack deploy checks it and then loses it"),
    "pid": Key(optional_text, _IGNORED, _NO_SWARM),
    "ports": Key(ports_reader(PORT), entry=PORT),
    "privileged": Key(casting_boolean, _IGNORED, _NO_SWARM),
    "read_only": Key(casting_boolean),
    "restart": Key(text),
    "secrets": Key(references_reader(REFERENCE), entry=REFERENCE),
    "security_opt": Key(unique_texts, _IGNORED, _NO_SWARM),
    "shm_size": Key(text, _IGNORED, "a tmpfs volume at /dev/shm has a size"),
    "stdin_open": Key(casting_boolean),
    "stop_grace_period": Key(duration),
    "stop_signal": Key(text),
    "sysctls": Key(labels),
    "tmpfs": Key(text_or_texts, _SILENT, "a volume of type tmpfs is honoured"),
    "tty": Key(casting_boolean),
    "ulimits": Key(map_of(read_ulimit), entry=_ULIMIT, named=True),
    "user": Key(text),
    "userns_mode": Key(text, _IGNORED, _NO_SWARM),
    "volumes": Key(volumes_reader(MOUNT), entry=MOUNT),
    "working_dir": Key(text),
    "extends": Key(anything, _FORBIDDEN, "the stack dialect has no inheritance"),
    "volume_driver": Key(anything, _FORBIDDEN, "a driver is set where the volume is declared"),
    "volumes_from": Key(anything, _FORBIDDEN, "a volume is shared by declaring it at the top level"),
    "cpu_quota": Key(anything, _FORBIDDEN, _LIMITS),
    "cpu_shares": Key(anything, _FORBIDDEN, _LIMITS),
    "cpuset": Key(anything, _FORBIDDEN, _LIMITS),
    "mem_limit": Key(anything, _FORBIDDEN, _LIMITS),
    "memswap_limit": Key(anything, _FORBIDDEN, _LIMITS),
}

_POOL = Table("an address pool", {"subnet": Key(text)})

IPAM = Table(
    "ipam",
    {"driver": Key(text), "config": Key(list_of(_POOL), entry=_POOL)},
)

NETWORK_KEYS: dict[str, Key] = {
    "name": Key(text),
    "driver": Key(text),
    "driver_opts": Key(_options),
    "ipam": Key(IPAM),
    "external": Key(read_external),
    "internal": Key(casting_boolean),
    "attachable": Key(casting_boolean),
    "labels": Key(labels),
}

VOLUME_KEYS: dict[str, Key] = {
    "name": Key(text),
    "driver": Key(text),
    "driver_opts": Key(_options),
    "external": Key(read_external),
    "labels": Key(labels),
    "x-cluster-spec": Key(map_of(anything)),
}

CONFIG_KEYS: dict[str, Key] = {
    "name": Key(text),
    "file": Key(text),
    "external": Key(read_external),
    "labels": Key(labels),
    "template_driver": Key(text),
}

SECRET_KEYS: dict[str, Key] = CONFIG_KEYS | {"driver": Key(text), "driver_opts": Key(_options)}

SERVICE = Table("a service", SERVICE_KEYS, extensible=True)
NETWORK = Table("a network", NETWORK_KEYS, extensible=True)
VOLUME = Table("a volume", VOLUME_KEYS, extensible=True)
SECRET = Table("a secret", SECRET_KEYS, extensible=True)
CONFIG = Table("a config", CONFIG_KEYS, extensible=True)

FILE = Table(
    "a compose file",
    {
        "version": Key(text),
        "services": Key(named(SERVICE), entry=SERVICE, named=True),
        # Docker does not look at the names of networks; the engine does.
        "networks": Key(map_of(or_empty(NETWORK)), entry=NETWORK, named=True),
        "volumes": Key(named(or_empty(VOLUME)), entry=VOLUME, named=True),
        "secrets": Key(named(SECRET), entry=SECRET, named=True),
        "configs": Key(named(CONFIG), entry=CONFIG, named=True),
    },
    extensible=True,
)
