"""The keys that `docker stack deploy` knows: how each is read, and what becomes of it.

The table stands for the schemas 3.0 to 3.13; what an earlier version does not have yet is in `versions`.
"""

from typing import Any

from compose import errors, stack_readers
from compose.readers import (
    Key,
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
    cut,
    duration,
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

_NO_SWARM = "a swarm service has no such setting"
_LIMITS = "limits are set under deploy.resources"


def read_ulimit(value: Any) -> dict[str, int]:
    """Takes one number for both limits, or a soft and a hard one."""
    if isinstance(value, dict):
        return _ULIMIT(value)
    both = casting_whole(value)
    return {"soft": both, "hard": both}


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
        "extra_hosts": Key(stack_readers.read_hosts),
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
        "mode": Key(cut(natural(casting_integer))),
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
        "retries": Key(cut(natural(casting_integer))),
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
    {"cpus": Key(cpus), "memory": Key(size), "generic_resources": Key(list_of(_GENERIC), entry=_GENERIC, listed=True)},
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
                "preferences": Key(list_of(_PREFERENCE), entry=_PREFERENCE, listed=True),
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
    "configs": Key(stack_readers.references_reader(REFERENCE), entry=REFERENCE, listed=True),
    "container_name": Key(text, _IGNORED, "the swarm names the containers of a service"),
    "credential_spec": Key(CREDENTIALS),
    "depends_on": Key(unique_texts, _SILENT, "docker stack deploy starts services in no order"),
    "deploy": Key(stack_readers.or_empty(DEPLOY), entry=DEPLOY),
    "devices": Key(unique_texts, _IGNORED, _NO_SWARM),
    "dns": Key(text_or_texts),
    "dns_search": Key(text_or_texts),
    "domainname": Key(text, _IGNORED, _NO_SWARM),
    "entrypoint": Key(command),
    "env_file": Key(text_or_texts),
    "environment": Key(variables),
    "expose": Key(list_of(scalar, unique=True), _IGNORED, "services on one network reach each other on every port"),
    "external_links": Key(unique_texts, _IGNORED, _NO_SWARM),
    "extra_hosts": Key(stack_readers.read_hosts),
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
    "networks": Key(stack_readers.networks_reader(ATTACHMENT), entry=ATTACHMENT, named=True),
    "oom_score_adj": Key(integer, _SILENT, "docker stack deploy checks it and then loses it"),
    "pid": Key(optional_text, _IGNORED, _NO_SWARM),
    "ports": Key(stack_readers.ports_reader(PORT), entry=PORT, listed=True),
    "privileged": Key(casting_boolean, _IGNORED, _NO_SWARM),
    "read_only": Key(casting_boolean),
    "restart": Key(text),
    "secrets": Key(stack_readers.references_reader(REFERENCE), entry=REFERENCE, listed=True),
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
    "volumes": Key(stack_readers.volumes_reader(MOUNT), entry=MOUNT, listed=True),
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
    {"driver": Key(text), "config": Key(list_of(_POOL), entry=_POOL, listed=True)},
)

NETWORK_KEYS: dict[str, Key] = {
    "name": Key(text),
    "driver": Key(text),
    "driver_opts": Key(_options),
    "ipam": Key(IPAM),
    "external": Key(stack_readers.read_external),
    "internal": Key(casting_boolean),
    "attachable": Key(casting_boolean),
    "labels": Key(labels),
}

VOLUME_KEYS: dict[str, Key] = {
    "name": Key(text),
    "driver": Key(text),
    "driver_opts": Key(_options),
    "external": Key(stack_readers.read_external),
    "labels": Key(labels),
    "x-cluster-spec": Key(map_of(anything)),
}

CONFIG_KEYS: dict[str, Key] = {
    "name": Key(text),
    "file": Key(text),
    "external": Key(stack_readers.read_open_external),
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
        "services": Key(stack_readers.named(SERVICE), entry=SERVICE, named=True),
        # Docker does not look at the names of networks; the engine does.
        "networks": Key(map_of(stack_readers.or_empty(NETWORK)), entry=NETWORK, named=True),
        "volumes": Key(stack_readers.named(stack_readers.or_empty(VOLUME)), entry=VOLUME, named=True),
        "secrets": Key(stack_readers.named(SECRET), entry=SECRET, named=True),
        "configs": Key(stack_readers.named(CONFIG), entry=CONFIG, named=True),
    },
    extensible=True,
)
