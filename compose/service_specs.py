"""Makes the `ServiceSpec` of a service, as `docker stack deploy` makes it.

What the file leaves open stays out, except the objects that Docker always sends (`Resources`, `Placement`,
`Privileges`, `EndpointSpec`), empty where nothing is said.
"""

import re
from typing import Any

from compose import capabilities, errors, image_names, model, mount_specs, objects

IMAGE_LABEL = "com.docker.stack.image"

# Networks of the engine itself, on which a service has no alias.
_ENGINE_NETWORKS = frozenset(("host", "bridge", "none", "nat"))
_MODES = ("replicated", "global", "replicated-job", "global-job")
_READ_BY_ALL = 0o444
_RESTART = re.compile(r"(?:(no|always|unless-stopped|on-failure)(?::([+]?[0-9]{1,18})?)?)?$")


def make_service(project: model.Project, name: str) -> dict[str, Any]:
    """Gives the spec of one service; networks, configs and secrets are referred to by name."""
    service = project.services[name]
    deploy = service.get("deploy", {})
    policies = {
        "UpdateConfig": _make_update(deploy.get("update_config")),
        "RollbackConfig": _make_update(deploy.get("rollback_config")),
    }
    return {
        "Name": f"{project.stack}_{name}",
        "Labels": _make_labels(project, service),
        "TaskTemplate": _make_task(project, name, service),
        "Mode": _make_mode(project, name, deploy),
        "EndpointSpec": _make_endpoint(service),
    } | _present(policies)


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    """Leaves out what is None: the fields for which the empty value says something."""
    return {field: value for field, value in fields.items() if value is not None}


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    """Leaves out what is empty, zero or false: the fields for which that is the same as saying nothing."""
    return {field: value for field, value in fields.items() if value}


def _make_labels(project: model.Project, service: dict[str, Any]) -> dict[str, str]:
    labels = objects.stack_labels(project, service.get("deploy", {}).get("labels"))
    # A service that is built here gets its image, and with it the label's text, only when it is deployed.
    return labels | ({IMAGE_LABEL: service["image"]} if service.get("image") else {})


def _make_task(project: model.Project, name: str, service: dict[str, Any]) -> dict[str, Any]:
    deploy = service.get("deploy", {})
    return {
        "ContainerSpec": _make_container(project, name, service),
        "Resources": _make_resources(deploy.get("resources", {})),
        "Placement": _make_placement(deploy.get("placement", {})) | _make_platform(service.get("platform", "")),
        "Networks": _make_attachments(project, name, service),
    } | _present(
        {
            "RestartPolicy": _make_restart(project, name, service),
            "LogDriver": _make_log_driver(service.get("logging")),
        }
    )


def _make_container(project: model.Project, name: str, service: dict[str, Any]) -> dict[str, Any]:
    added, dropped = capabilities.effective(service.get("cap_add", []), service.get("cap_drop", []))
    secrets = _make_references(project, name, "secrets", "Secret")
    configs = _make_references(project, name, "configs", "Config")
    plain = {
        "Command": service.get("entrypoint"),
        "Args": service.get("command"),
        "Hostname": service.get("hostname"),
        "Hosts": _make_hosts(service.get("extra_hosts", [])),
        "Env": _make_environment(service.get("environment", {})),
        "Dir": service.get("working_dir"),
        "User": service.get("user"),
        "Groups": service.get("group_add"),
        "Mounts": mount_specs.make_mounts(project, name, service.get("volumes", [])),
        "StopSignal": service.get("stop_signal"),
        "TTY": service.get("tty"),
        "OpenStdin": service.get("stdin_open"),
        "ReadOnly": service.get("read_only"),
        "Secrets": secrets,
        "Configs": configs,
        "Isolation": service.get("isolation"),
        "Sysctls": service.get("sysctls"),
        "CapabilityAdd": added,
        "CapabilityDrop": dropped,
        "Ulimits": _make_ulimits(service.get("ulimits", {})),
        "OomScoreAdj": service.get("oom_score_adj") if project.dialect is model.Dialect.SPEC else None,
    }
    chosen = {
        "StopGracePeriod": service.get("stop_grace_period"),
        "Init": service.get("init"),
        "DNSConfig": _make_dns(service),
        "Healthcheck": _make_healthcheck(project, name, service.get("healthcheck")),
    }
    image = service.get("image")
    return {
        "Image": image_names.familiar(image) if image else "",
        "Labels": objects.stack_labels(project, service.get("labels")),
        "Privileges": _make_privileges(project, name, service.get("credential_spec", {})),
        **_filled(plain),
        **_present(chosen),
    }


def _make_hosts(hosts: list[str]) -> list[str]:
    """Turns `name:address` into the `address name` of a hosts file; what names no address is left out."""
    pairs = (entry.partition(":") for entry in hosts)
    return [f"{address} {name}" for name, found, address in pairs if found]


def _make_environment(variables: dict[str, str | None]) -> list[str]:
    return sorted(name if value is None else f"{name}={value}" for name, value in variables.items())


def _make_dns(service: dict[str, Any]) -> dict[str, Any] | None:
    if not any(key in service for key in ("dns", "dns_search", "dns_opt")):
        return None
    return _filled(
        {"Nameservers": service.get("dns"), "Search": service.get("dns_search"), "Options": service.get("dns_opt")}
    )


def _make_ulimits(ulimits: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    return [{"Name": name, "Soft": limits["soft"], "Hard": limits["hard"]} for name, limits in sorted(ulimits.items())]


def _make_healthcheck(project: model.Project, name: str, check: dict[str, Any] | None) -> dict[str, Any] | None:
    if check is None:
        return None
    if check.get("disable"):
        if check.get("test"):
            path = ("services", name, "healthcheck", "disable")
            raise project.refuse(path, "must not be true beside a test.")
        return {"Test": ["NONE"]}
    fields = {
        "Test": "test",
        "Interval": "interval",
        "Timeout": "timeout",
        "StartPeriod": "start_period",
        "StartInterval": "start_interval",
        "Retries": "retries",
    }
    return _filled({field: check.get(key) for field, key in fields.items()})


def _make_privileges(project: model.Project, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    given = _filled({"Config": spec.get("config"), "File": spec.get("file"), "Registry": spec.get("registry")})
    if len(given) > 1:
        text = f"must have one of config, file and registry; got {len(given)} of them."
        raise project.refuse(("services", name, "credential_spec"), text)
    if "Config" in given:
        given["Config"] = f"config:{objects.object_name(project, 'configs', given['Config'])}"
    return {"CredentialSpec": given} if given else {}


def _make_references(project: model.Project, name: str, section: str, kind: str) -> list[dict[str, Any]]:
    """Makes the references to secrets or configs, sorted by the objects' names as Docker sorts them."""
    made, targets = [], set()
    for index, reference in enumerate(project.services[name].get(section, [])):
        path = ("services", name, section, index)
        made.append(_make_reference(project, path, section, kind, reference))
        target = made[-1]["File"]["Name"]
        if target in targets:
            raise project.refuse(path, f"has the target {errors.show(target)}, which another one has already.")
        targets.add(target)
    runtime = project.services[name].get("credential_spec", {}).get("config")
    if kind == "Config" and runtime:
        made.append(_make_runtime(project, name, runtime))
    return sorted(made, key=lambda reference: (reference[f"{kind}Name"], reference.get("File", {}).get("Name", "")))


def _make_reference(
    project: model.Project, path: model.Path, section: str, kind: str, reference: dict[str, Any]
) -> dict[str, Any]:
    source = reference.get("source", "")
    if source not in getattr(project, section):
        raise project.refuse(path, f"must be declared under the top-level {section}; {errors.show(source)} is not.")
    name = objects.object_name(project, section, source)
    file = {
        "Name": reference.get("target") or source,
        "UID": reference.get("uid") or "0",
        "GID": reference.get("gid") or "0",
        "Mode": reference.get("mode", _READ_BY_ALL),
    }
    return {"File": file, f"{kind}ID": f"{kind.lower()}:{name}", f"{kind}Name": name}


def _make_runtime(project: model.Project, name: str, config: str) -> dict[str, Any]:
    """Refers to a config that is not mounted: the credential spec for which the container's runtime asks."""
    if config not in project.configs:
        path = ("services", name, "credential_spec", "config")
        raise project.refuse(path, f"must be declared under the top-level configs; {errors.show(config)} is not.")
    named = objects.object_name(project, "configs", config)
    if project.dialect is model.Dialect.STACK and named not in (config, f"{project.stack}_{config}"):
        path = ("services", name, "credential_spec", "config")
        raise project.refuse(path, f"must be a config without a name of its own; {errors.show(config)} has one.")
    return {"Runtime": {}, "ConfigID": f"config:{named}", "ConfigName": named}


def _make_resources(resources: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field, key in (("Limits", "limits"), ("Reservations", "reservations")):
        if key in resources:
            made[field] = _make_amounts(resources[key])
    return made


def _make_amounts(amounts: dict[str, Any]) -> dict[str, Any]:
    generic = [_make_generic(resource) for resource in amounts.get("generic_resources", [])]
    return _filled(
        {
            "NanoCPUs": amounts.get("cpus"),
            "MemoryBytes": amounts.get("memory"),
            "Pids": amounts.get("pids"),
            "GenericResources": generic,
        }
    )


def _make_generic(resource: dict[str, Any]) -> dict[str, Any]:
    named = resource.get("named_resource_spec")
    if named is not None:
        return {"NamedResourceSpec": {"Kind": named["kind"], "Value": named["value"]}}
    spec = resource.get("discrete_resource_spec")
    if spec is None:
        return {}
    return {"DiscreteResourceSpec": _filled({"Kind": spec.get("kind"), "Value": int(spec.get("value", 0))})}


def _make_placement(placement: dict[str, Any]) -> dict[str, Any]:
    spreads = [preference.get("spread", "") for preference in placement.get("preferences", [])]
    return _filled(
        {
            "Constraints": placement.get("constraints"),
            "Preferences": [{"Spread": {"SpreadDescriptor": spread}} for spread in spreads],
            "MaxReplicas": placement.get("max_replicas_per_node"),
        }
    )


def _make_platform(platform: str) -> dict[str, Any]:
    if not platform:
        return {}
    system, _, architecture = platform.partition("/")
    return {"Platforms": [_filled({"OS": system, "Architecture": architecture.split("/")[0]})]}


def _make_attachments(project: model.Project, name: str, service: dict[str, Any]) -> list[dict[str, Any]]:
    networks = service.get("networks") or {objects.DEFAULT_NETWORK: None}
    made = [_make_attachment(project, name, key, attachment or {}) for key, attachment in networks.items()]
    return sorted(made, key=lambda attachment: str(attachment["Target"]))


def _make_attachment(project: model.Project, name: str, key: str, attachment: dict[str, Any]) -> dict[str, Any]:
    if key not in project.networks and key != objects.DEFAULT_NETWORK:
        path = ("services", name, "networks", key)
        raise project.refuse(path, "must be declared under the top-level networks; it is not.")
    target = objects.object_name(project, "networks", key)
    aliases = list(attachment.get("aliases", []))
    if target not in _ENGINE_NETWORKS:
        aliases.append(name)
    optional = {"Aliases": aliases, "DriverOpts": attachment.get("driver_opts")}
    return {"Target": f"net:{target}"} | _filled(optional)


def _make_restart(project: model.Project, name: str, service: dict[str, Any]) -> dict[str, Any] | None:
    policy = service.get("deploy", {}).get("restart_policy")
    if policy is None:
        return _make_legacy_restart(project, name, service.get("restart", ""))
    fields = {"Delay": "delay", "MaxAttempts": "max_attempts", "Window": "window"}
    return _filled({"Condition": policy.get("condition")}) | _present(
        {field: policy.get(key) for field, key in fields.items()}
    )


def _make_legacy_restart(project: model.Project, name: str, restart: str) -> dict[str, Any] | None:
    """Reads `restart`, which Docker says it ignores but honours; only failures are counted."""
    match = _RESTART.match(restart)
    if match is None:
        text = f"must be no, always, unless-stopped or on-failure[:times]; got {errors.show(restart)}."
        raise project.refuse(("services", name, "restart"), text)
    if match[1] == "on-failure":
        return {"Condition": "on-failure", "MaxAttempts": int(match[2] or 0)}
    return {"Condition": "any"} if match[1] in ("always", "unless-stopped") else None


def _make_log_driver(logging: dict[str, Any] | None) -> dict[str, Any] | None:
    if logging is None:
        return None
    return _filled({"Name": logging.get("driver"), "Options": logging.get("options")})


def _make_endpoint(service: dict[str, Any]) -> dict[str, Any]:
    ports = sorted(service.get("ports", []), key=lambda port: int(port.get("published", 0)))
    mode = service.get("deploy", {}).get("endpoint_mode", "").lower()
    return _filled({"Mode": mode, "Ports": [_make_port(port) for port in ports]})


def _make_port(port: dict[str, Any]) -> dict[str, Any]:
    fields = {"Protocol": "protocol", "TargetPort": "target", "PublishedPort": "published", "PublishMode": "mode"}
    return _filled({field: port.get(key) for field, key in fields.items()})


def _make_mode(project: model.Project, name: str, deploy: dict[str, Any]) -> dict[str, Any]:
    mode, replicas = deploy.get("mode") or "replicated", deploy.get("replicas")
    if mode not in _MODES:
        text = f"must be one of {', '.join(_MODES)}; got {errors.show(mode)}."
        raise project.refuse(("services", name, "deploy", "mode"), text)
    if mode.startswith("global") and replicas is not None:
        text = f"must not be set, since the mode is {mode}."
        raise project.refuse(("services", name, "deploy", "replicas"), text)
    if mode == "replicated":
        return {"Replicated": _present({"Replicas": replicas})}
    if mode == "replicated-job":
        return {"ReplicatedJob": _present({"MaxConcurrent": replicas, "TotalCompletions": replicas})}
    return {"Global": {}} if mode == "global" else {"GlobalJob": {}}


def _make_update(policy: dict[str, Any] | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    fields = {
        "Delay": "delay",
        "FailureAction": "failure_action",
        "Monitor": "monitor",
        "MaxFailureRatio": "max_failure_ratio",
        "Order": "order",
    }
    optional = _filled({field: policy.get(key) for field, key in fields.items()})
    return {"Parallelism": policy.get("parallelism", 1)} | optional
