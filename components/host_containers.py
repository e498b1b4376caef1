"""What a stack's services are on one host without a swarm: the arguments of pulumi-docker's Container. Pure.

The specs are those of a swarm. What only a swarm can do is refused, and what merely has no effect here is a notice.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import compose

_SECOND = 1_000_000_000
_MEBIBYTE = 1 << 20
_STOP_SECONDS = 10
_RESTART = {"any": "unless-stopped", "on-failure": "on-failure", "none": "no"}
_ENGINE_NETWORKS = ("host", "none")
_MOUNTS = ("bind", "volume", "tmpfs")
_TEMPLATE = "{{"

_TASK, _CONTAINER = ("TaskTemplate",), ("TaskTemplate", "ContainerSpec")
_REFUSED: tuple[tuple[tuple[str, ...], str, str], ...] = (
    ((*_TASK, "Placement", "Constraints"), "deploy.placement.constraints", "chooses among nodes"),
    ((*_TASK, "Placement", "Preferences"), "deploy.placement.preferences", "spreads over nodes"),
    ((*_TASK, "Placement", "MaxReplicas"), "deploy.placement.max_replicas_per_node", "spreads over nodes"),
    ((*_TASK, "Resources", "Limits", "Pids"), "deploy.resources.limits.pids", "is not known to pulumi-docker"),
    (
        (*_TASK, "Resources", "Reservations", "GenericResources"),
        "deploy.resources.reservations.generic_resources",
        "is what a swarm's nodes declare",
    ),
    ((*_CONTAINER, "Privileges", "CredentialSpec"), "credential_spec", "is for Windows nodes of a swarm"),
    ((*_CONTAINER, "Isolation"), "isolation", "is for Windows nodes"),
    ((*_CONTAINER, "OomScoreAdj"), "oom_score_adj", "is not known to pulumi-docker"),
)
_WITHOUT_EFFECT: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("UpdateConfig",), "deploy.update_config", "a changed container is replaced at once"),
    (("RollbackConfig",), "deploy.rollback_config", "a changed container is replaced at once"),
    (("EndpointSpec", "Mode"), "deploy.endpoint_mode", "names lead to the containers themselves"),
    ((*_TASK, "RestartPolicy", "Delay"), "deploy.restart_policy.delay", "the engine chooses how long it waits"),
    ((*_TASK, "RestartPolicy", "Window"), "deploy.restart_policy.window", "the engine counts without one"),
    ((*_TASK, "Resources", "Reservations", "NanoCPUs"), "deploy.resources.reservations.cpus", "nothing is scheduled"),
)


@dataclasses.dataclass(frozen=True)
class Planned:
    """A container: its name, the plain arguments of pulumi-docker's Container, and what it refers to."""

    service: str
    name: str
    arguments: dict[str, Any]
    networks: list[dict[str, Any]]
    files: list[dict[str, Any]]
    """References of the spec to configs and secrets."""
    runs_to_its_end: bool


def list_refusals(model: compose.Converted) -> list[str]:
    """Lists what a single host cannot do, each as `key reason`."""
    return [
        *_refuse_objects(model),
        *(text for name in sorted(model.services) for text in _refuse_service(model, name)),
    ]


def list_notices(model: compose.Converted) -> list[str]:
    """Lists what has no effect on a single host."""
    return [
        f"services.{name}.{key} has no effect: {reason}."
        for name, spec in sorted(model.services.items())
        for path, key, reason in _WITHOUT_EFFECT
        if _get(spec, path)
    ]


def plan(stack: str, model: compose.Converted, service: str) -> list[Planned]:
    """Plans the containers of a service, numbered from 1."""
    spec = model.services[service]
    once = runs_to_its_end(model, service)
    arguments = _make_arguments(spec, once=once)
    if service in model.restarts and not once:
        arguments |= _read_restart(model.restarts[service])
    container = spec["TaskTemplate"]["ContainerSpec"]
    return [
        Planned(
            service=service,
            name=f"{stack}_{service}.{number}",
            arguments=arguments,
            networks=list(spec["TaskTemplate"].get("Networks") or []),
            files=[*(container.get("Configs") or []), *(container.get("Secrets") or [])],
            runs_to_its_end=once,
        )
        for number in range(1, count(spec) + 1)
    ]


def count(spec: Mapping[str, Any]) -> int:
    """Gives how many containers a service has."""
    mode = spec.get("Mode") or {}
    replicas = (mode.get("Replicated") or {}).get("Replicas")
    completions = (mode.get("ReplicatedJob") or {}).get("TotalCompletions")
    return next((int(number) for number in (replicas, completions) if number is not None), 1)


def runs_to_its_end(model: compose.Converted, service: str) -> bool:
    """Tells whether a service is a job, or another one waits for its end."""
    job = any(kind in (model.services[service].get("Mode") or {}) for kind in ("ReplicatedJob", "GlobalJob"))
    waits = [order.get(service) for order in model.depends_on.values()]
    return job or "service_completed_successfully" in waits


def has_healthcheck(spec: Mapping[str, Any]) -> bool:
    """Tells whether the file itself says how health is checked."""
    test = _get(spec, (*_CONTAINER, "Healthcheck", "Test"))
    return bool(test) and test != ["NONE"]


def _get(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _refuse_objects(model: compose.Converted) -> Iterator[str]:
    for section in ("configs", "secrets"):
        for key, declared in sorted(getattr(model, section).items()):
            if "Driver" in declared or "Templating" in declared:
                yield f"{section}.{key} has a driver, which only a swarm runs"
    for key, network in sorted(model.networks.items()):
        if network["Driver"] == "overlay" and network.get("Options"):
            yield f"networks.{key}.driver_opts are those of an overlay network, which only a swarm has"
    for key, volume in sorted(model.volumes.items()):
        if "ClusterVolumeSpec" in volume:
            yield f"volumes.{key} is a cluster volume, which only a swarm has"


def _refuse_service(model: compose.Converted, name: str) -> Iterator[str]:
    spec = model.services[name]
    place = f"services.{name}"
    for path, key, reason in _REFUSED:
        if _get(spec, path):
            yield f"{place}.{key} {reason}"
    yield from (f"{place}.{key} holds a template, which only a swarm expands" for key in _list_templates(spec))
    yield from (f"{place}.{text}" for text in _refuse_mounts(spec))
    yield from (f"{place}.{text}" for text in _refuse_files(model, spec))
    yield from (f"{place}.{text}" for text in _refuse_ports(spec))
    for other, condition in sorted(model.depends_on.get(name, {}).items()):
        if condition == "service_healthy" and not has_healthcheck(model.services.get(other, {})):
            yield f"{place}.depends_on waits for the health of {other}, which has no healthcheck in the file"


def _list_templates(spec: Mapping[str, Any]) -> Iterator[str]:
    container = spec["TaskTemplate"]["ContainerSpec"]
    if any(_TEMPLATE in entry for entry in container.get("Env") or []):
        yield "environment"
    if _TEMPLATE in (container.get("Hostname") or ""):
        yield "hostname"
    if any(_TEMPLATE in str(mount.get("Source", "")) for mount in container.get("Mounts") or []):
        yield "volumes"


def _refuse_mounts(spec: Mapping[str, Any]) -> Iterator[str]:
    for mount in spec["TaskTemplate"]["ContainerSpec"].get("Mounts") or []:
        if mount["Type"] not in _MOUNTS:
            yield f"volumes has a mount of type {mount['Type']}, which pulumi-docker does not make"


def _refuse_files(model: compose.Converted, spec: Mapping[str, Any]) -> Iterator[str]:
    container = spec["TaskTemplate"]["ContainerSpec"]
    for key, kind in (("Configs", "config"), ("Secrets", "secret")):
        ours = {declared["Name"] for declared in getattr(model, f"{kind}s").values()}
        for reference in container.get(key) or []:
            if reference[f"{key[:-1]}Name"] not in ours:
                yield f"{kind}s names the external {kind} '{reference[f'{key[:-1]}Name']}', which only a swarm keeps"
        if container.get(key) and container.get("ReadOnly"):
            yield f"read_only leaves no place for its {kind}s, which are written into the container"


def _refuse_ports(spec: Mapping[str, Any]) -> Iterator[str]:
    published = [
        port["PublishedPort"] for port in _get(spec, ("EndpointSpec", "Ports")) or [] if "PublishedPort" in port
    ]
    if published and count(spec) > 1:
        yield f"ports publishes {published[0]}, which {count(spec)} containers cannot have at once"


def _make_arguments(spec: Mapping[str, Any], *, once: bool) -> dict[str, Any]:
    task = spec["TaskTemplate"]
    made = {**_make_process(task["ContainerSpec"]), **_make_limits(task.get("Resources") or {})}
    made |= {
        "labels": [{"label": key, "value": value} for key, value in sorted(_list_labels(spec).items())],
        "mounts": [_make_mount(mount) for mount in task["ContainerSpec"].get("Mounts") or []],
        "ports": [_make_port(port) for port in _get(spec, ("EndpointSpec", "Ports")) or []],
        "log_driver": _get(task, ("LogDriver", "Name")),
        "log_opts": _get(task, ("LogDriver", "Options")),
        "platform": _make_platform(_get(task, ("Placement", "Platforms")) or []),
        **_make_restart(task.get("RestartPolicy") or {}, once=once),
    }
    if has_healthcheck(spec) and not once:
        made |= {"wait": True, "wait_timeout": 600}
    return {key: value for key, value in made.items() if value not in (None, [], {}, "")}


def _make_process(container: Mapping[str, Any]) -> dict[str, Any]:
    seconds = container.get("StopGracePeriod", _STOP_SECONDS * _SECOND) // _SECOND
    dns, capabilities = container.get("DNSConfig") or {}, _make_capabilities(container)
    return {
        "entrypoints": container.get("Command"),
        "command": container.get("Args"),
        "envs": container.get("Env"),
        "hostname": container.get("Hostname"),
        "hosts": [_make_host(entry) for entry in container.get("Hosts") or []],
        "working_dir": container.get("Dir"),
        "user": container.get("User"),
        "group_adds": container.get("Groups"),
        "stop_signal": container.get("StopSignal"),
        "stop_timeout": seconds,
        "destroy_grace_seconds": seconds,
        "tty": container.get("TTY"),
        "stdin_open": container.get("OpenStdin"),
        "read_only": container.get("ReadOnly"),
        "init": container.get("Init"),
        "sysctls": container.get("Sysctls"),
        "dns": dns.get("Nameservers"),
        "dns_searches": dns.get("Search"),
        "dns_opts": dns.get("Options"),
        "healthcheck": _make_healthcheck(container.get("Healthcheck")),
        "capabilities": capabilities,
        "ulimits": [
            {"name": one["Name"], "soft": one["Soft"], "hard": one["Hard"]} for one in container.get("Ulimits") or []
        ],
    }


def _make_capabilities(container: Mapping[str, Any]) -> dict[str, Any]:
    given = {"adds": container.get("CapabilityAdd"), "drops": container.get("CapabilityDrop")}
    return {key: value for key, value in given.items() if value}


def _make_limits(resources: Mapping[str, Any]) -> dict[str, Any]:
    limits, reserved = resources.get("Limits") or {}, resources.get("Reservations") or {}
    cpus, memory = limits.get("NanoCPUs"), _to_mebibytes(limits.get("MemoryBytes"))
    return {
        "cpus": f"{cpus / _SECOND:g}" if cpus else None,
        "memory": memory,
        # What the engine chooses where nothing is said; unsaid, the next run would take it for a change.
        "memory_swap": memory and 2 * memory,
        "memory_reservation": _to_mebibytes(reserved.get("MemoryBytes")),
    }


def _to_mebibytes(size: int | None) -> int | None:
    # The provider counts in whole MiB: up, so that what was asked for is there.
    return -(-size // _MEBIBYTE) if size else None


def _list_labels(spec: Mapping[str, Any]) -> dict[str, str]:
    labels: dict[str, str] = {
        **(spec.get("Labels") or {}),
        **(spec["TaskTemplate"]["ContainerSpec"].get("Labels") or {}),
    }
    return labels


def _make_host(entry: str) -> dict[str, str]:
    address, _, name = entry.partition(" ")
    return {"host": name, "ip": address}


def _make_mount(mount: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, tuple[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
        "BindOptions": ("bind_options", lambda given: {"propagation": given.get("Propagation")}),
        "VolumeOptions": (
            "volume_options",
            lambda given: {"no_copy": given.get("NoCopy"), "subpath": given.get("Subpath")},
        ),
        "TmpfsOptions": (
            "tmpfs_options",
            lambda given: {"size_bytes": given.get("SizeBytes"), "mode": given.get("Mode")},
        ),
    }
    made = {
        "type": mount["Type"],
        "target": mount["Target"],
        "source": mount.get("Source"),
        "read_only": mount.get("ReadOnly"),
    }
    for key, (field, make) in options.items():
        given = {name: value for name, value in make(mount.get(key) or {}).items() if value}
        made[field] = given or None
    return {key: value for key, value in made.items() if value is not None}


def _make_port(port: Mapping[str, Any]) -> dict[str, Any]:
    made = {"internal": port["TargetPort"], "protocol": port.get("Protocol", "tcp")}
    return made | ({"external": port["PublishedPort"]} if "PublishedPort" in port else {})


def _make_platform(platforms: list[Mapping[str, str]]) -> str:
    return "/".join(filter(None, (platforms[0].get("OS"), platforms[0].get("Architecture")))) if platforms else ""


def _make_restart(policy: Mapping[str, Any], *, once: bool) -> dict[str, Any]:
    if once:
        # It is waited for, and what it wrote is kept for the error.
        return {"restart": "no", "must_run": False, "attach": True, "logs": True}
    condition = _RESTART[policy.get("Condition", "any")]
    attempts = policy.get("MaxAttempts") if condition == "on-failure" else None
    return {"restart": condition, "max_retry_count": attempts or None}


def _read_restart(text: str) -> dict[str, Any]:
    """Reads the service's own `restart`, which an engine takes as it is: `on-failure:3` apart."""
    condition, _, attempts = text.partition(":")
    return {"restart": condition, **({"max_retry_count": int(attempts)} if attempts else {})}


def _make_healthcheck(check: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not check:
        return None
    times = {
        "interval": "Interval",
        "timeout": "Timeout",
        "start_period": "StartPeriod",
        "start_interval": "StartInterval",
    }
    made = {field: compose.print_duration(check[key]) for field, key in times.items() if check.get(key)}
    retries = {"retries": check["Retries"]} if check.get("Retries") else {}
    return {"tests": check.get("Test", []), **made, **retries}
