"""The keys of the Compose Specification: those of the stack dialect, and what today's files have beside them."""

from typing import Any

from compose import readers, spec_readers, stack_readers, stack_schema
from compose.readers import Key, Reader, Table, Treatment, anything, casting_boolean, casting_integer, text, texts
from compose.spec_readers import extended

_IGNORED = Treatment.IGNORED
_FORBIDDEN = Treatment.FORBIDDEN
_NO_SWARM = "a swarm service has no such setting"

_BUILD = Table(
    "build",
    {**stack_schema.BUILD.keys, "args": Key(spec_readers.variables), "labels": Key(spec_readers.labels)},
    open=True,
)


def _build(value: Any) -> dict[str, Any]:
    return {"context": text(value)} if isinstance(value, str) else _BUILD(value)


_REFERENCE = extended(stack_schema.REFERENCE, {"mode": Key(spec_readers.mode)})

_PORT = extended(
    stack_schema.PORT,
    {
        "published": Key(spec_readers.port_number),
        "host_ip": Key(text),
        "name": Key(text, _IGNORED, "the engine's API has no names for ports"),
        "app_protocol": Key(text, _IGNORED, _NO_SWARM),
    },
)

_MOUNT = extended(
    stack_schema.MOUNT,
    {
        "bind": Key(
            Table(
                "bind",
                {
                    "propagation": Key(text),
                    "create_host_path": Key(casting_boolean, _IGNORED, "a swarm never creates what is bound"),
                    "recursive": Key(text, _IGNORED, _NO_SWARM),
                    "selinux": Key(text, _IGNORED, _NO_SWARM),
                },
                extensible=True,
            )
        ),
        "volume": Key(
            Table(
                "volume",
                {
                    "nocopy": Key(casting_boolean),
                    "subpath": Key(text),
                    "labels": Key(spec_readers.labels, _IGNORED, "labels stand where the volume is declared"),
                },
                extensible=True,
            )
        ),
        "tmpfs": Key(Table("tmpfs", {"size": Key(spec_readers.size), "mode": Key(spec_readers.mode)}, extensible=True)),
        "image": Key(Table("image", {"subpath": Key(text)}, extensible=True)),
    },
)

_ATTACHMENT = extended(
    stack_schema.ATTACHMENT,
    {
        "driver_opts": Key(spec_readers.options),
        "link_local_ips": Key(texts, _IGNORED, _NO_SWARM),
        "mac_address": Key(text, _IGNORED, _NO_SWARM),
        "priority": Key(casting_integer, _IGNORED, _NO_SWARM),
        "gw_priority": Key(casting_integer, _IGNORED, _NO_SWARM),
        "interface_name": Key(text, _IGNORED, _NO_SWARM),
    },
)

_LIMITS = extended(
    stack_schema.LIMITS,
    {"cpus": Key(spec_readers.cpus), "memory": Key(spec_readers.size), "pids": Key(casting_integer)},
)
_DISCRETE = Table("a discrete resource", {"kind": Key(text), "value": Key(casting_integer)}, extensible=True)
_RESERVATIONS = extended(
    stack_schema.RESERVATIONS,
    {
        "cpus": Key(spec_readers.cpus),
        "memory": Key(spec_readers.size),
        "generic_resources": Key(
            readers.list_of(Table("a generic resource", {"discrete_resource_spec": Key(_DISCRETE)}, extensible=True))
        ),
        "devices": Key(spec_readers.devices),
    },
)

_UPDATE = extended(stack_schema.UPDATE, {})
_DEPLOY = Table(
    "deploy",
    {
        **stack_schema.DEPLOY_KEYS,
        "labels": Key(spec_readers.labels),
        "update_config": Key(_UPDATE),
        "rollback_config": Key(_UPDATE),
        "resources": Key(
            Table("resources", {"limits": Key(_LIMITS), "reservations": Key(_RESERVATIONS)}, extensible=True)
        ),
    },
    extensible=True,
)


def _ignored(read: Reader = anything, reason: str = _NO_SWARM) -> Key:
    return Key(read, _IGNORED, reason)


SERVICE_KEYS: dict[str, Key] = stack_schema.SERVICE_KEYS | {
    "build": Key(_build, entry=_BUILD),
    "configs": Key(stack_readers.references_reader(_REFERENCE), entry=_REFERENCE, listed=True),
    "cpus": Key(spec_readers.cpus),
    "depends_on": Key(spec_readers.depends_on),
    "deploy": Key(stack_readers.or_empty(_DEPLOY), entry=_DEPLOY),
    "dns_opt": Key(readers.text_or_texts),
    "env_file": Key(spec_readers.env_files),
    "environment": Key(spec_readers.variables),
    "extends": Key(spec_readers.extends),
    "extra_hosts": Key(spec_readers.hosts),
    "gpus": Key(spec_readers.gpus),
    "group_add": Key(readers.list_of(readers.scalar, unique=True)),
    "init": Key(casting_boolean),
    "labels": Key(spec_readers.labels),
    "logging": Key(Table("logging", {"driver": Key(text), "options": Key(spec_readers.options)}, extensible=True)),
    "mem_limit": Key(spec_readers.size),
    "mem_reservation": Key(spec_readers.size),
    "networks": Key(stack_readers.networks_reader(_ATTACHMENT), entry=_ATTACHMENT, named=True),
    "oom_score_adj": Key(casting_integer),
    "pids_limit": Key(casting_integer),
    "platform": Key(text),
    "ports": Key(stack_readers.ports_reader(_PORT), entry=_PORT, listed=True),
    "profiles": Key(readers.unique_texts),
    "pull_policy": Key(text),
    "scale": Key(readers.natural(casting_integer)),
    "secrets": Key(stack_readers.references_reader(_REFERENCE), entry=_REFERENCE, listed=True),
    "sysctls": Key(spec_readers.labels),
    "tmpfs": Key(spec_readers.tmpfs),
    "volumes": Key(stack_readers.volumes_reader(_MOUNT), entry=_MOUNT, listed=True),
    # What follows is accepted and has no effect on a swarm.
    "annotations": _ignored(spec_readers.labels),
    "attach": _ignored(casting_boolean, "a stack has no terminal to attach to"),
    "blkio_config": _ignored(),
    "cgroup": _ignored(text),
    "cpu_count": _ignored(),
    "cpu_percent": _ignored(),
    "cpu_period": _ignored(),
    "cpu_quota": _ignored(reason="a swarm limits processors by deploy.resources.limits.cpus"),
    "cpu_rt_period": _ignored(),
    "cpu_rt_runtime": _ignored(),
    "cpu_shares": _ignored(),
    "cpuset": _ignored(text),
    "develop": _ignored(reason="it is for a developer's machine"),
    "device_cgroup_rules": _ignored(texts),
    "devices": _ignored(),
    "label_file": _ignored(reason="labels are written in the compose file"),
    "links": _ignored(texts, "services on one network reach each other by name"),
    "mem_swappiness": _ignored(),
    "memswap_limit": _ignored(),
    "models": _ignored(),
    "oom_kill_disable": _ignored(casting_boolean),
    "pid": _ignored(readers.optional_text),
    "post_start": _ignored(),
    "pre_stop": _ignored(),
    "runtime": _ignored(text, "a swarm takes the default runtime of each node"),
    "shm_size": _ignored(spec_readers.size, "a tmpfs volume at /dev/shm has a size"),
    "storage_opt": _ignored(),
    "use_api_socket": _ignored(casting_boolean),
    "userns_mode": _ignored(text),
    "uts": _ignored(text),
    # What follows cannot be left out without changing what the service is.
    "provider": Key(anything, _FORBIDDEN, "what another program runs is no service of a swarm"),
}

SERVICE = Table("a service", SERVICE_KEYS, extensible=True)

_POOL = Table(
    "an address pool",
    {
        "subnet": Key(text),
        "ip_range": Key(text),
        "gateway": Key(text),
        "aux_addresses": Key(spec_readers.options),
    },
    extensible=True,
)

_NETWORK = Table(
    "a network",
    {
        **stack_schema.NETWORK_KEYS,
        "driver_opts": Key(spec_readers.options),
        "labels": Key(spec_readers.labels),
        "enable_ipv6": Key(casting_boolean),
        "enable_ipv4": Key(casting_boolean, _IGNORED, "an overlay network has IPv4 always"),
        "ipam": Key(
            Table(
                "ipam",
                {
                    "driver": Key(text),
                    "config": Key(readers.list_of(_POOL), entry=_POOL, listed=True),
                    "options": Key(spec_readers.options),
                },
                extensible=True,
            )
        ),
    },
    extensible=True,
)

_VOLUME = Table(
    "a volume",
    {
        **stack_schema.VOLUME_KEYS,
        "driver_opts": Key(spec_readers.options),
        "labels": Key(spec_readers.labels),
    },
    extensible=True,
)

_CONFIG_KEYS = {
    **stack_schema.CONFIG_KEYS,
    "labels": Key(spec_readers.labels),
    "content": Key(text),
    "environment": Key(text),
}
_CONFIG = Table("a config", _CONFIG_KEYS, extensible=True)
_SECRET = Table(
    "a secret",
    {**stack_schema.SECRET_KEYS, **_CONFIG_KEYS, "driver_opts": Key(spec_readers.options)},
    extensible=True,
)


def _section(table: Table, entry: Reader | None = None) -> Key:
    """Makes the key of a section, which may be empty; `entry` reads its entries if not the table itself does."""
    return Key(stack_readers.or_empty(stack_readers.named(entry or table)), entry=table, named=True)


FILE = Table(
    "a compose file",
    {
        "name": Key(text),
        "version": Key(readers.optional_text),
        "include": Key(spec_readers.includes),
        "services": _section(SERVICE),
        "networks": _section(_NETWORK, stack_readers.or_empty(_NETWORK)),
        "volumes": _section(_VOLUME, stack_readers.or_empty(_VOLUME)),
        "secrets": _section(_SECRET),
        "configs": _section(_CONFIG),
        "models": Key(anything, _IGNORED, "a swarm runs no models"),
    },
    extensible=True,
)
