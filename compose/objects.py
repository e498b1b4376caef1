"""Makes the Engine API specs of networks, configs, secrets and volumes."""

import base64
import pathlib
from typing import Any

from compose import errors, model

NAMESPACE_LABEL = "com.docker.stack.namespace"
DEFAULT_NETWORK = "default"

# What the engine takes at most.
_LARGEST = {"secrets": 512_000, "configs": 1_023_999}


def stack_labels(project: model.Project, labels: dict[str, str] | None) -> dict[str, str]:
    """Adds the label by which `docker stack` finds what belongs to a stack."""
    return {**(labels or {}), NAMESPACE_LABEL: project.stack}


def object_name(project: model.Project, section: str, key: str) -> str:
    """Gives the name on the swarm of what a file declares under `key`."""
    declared = getattr(project, section).get(key, {})
    return str(declared.get("name") or f"{project.stack}_{key}")


def used_networks(project: model.Project) -> list[str]:
    """Lists the keys of the networks that services join; a service without any joins `default`."""
    used = {key for service in project.services.values() for key in service.get("networks") or (DEFAULT_NETWORK,)}
    return sorted(used)


def make_networks(project: model.Project) -> model.Section:
    """Gives a `NetworkCreate` for every network that is used and not external."""
    made = {}
    for key in used_networks(project):
        declared = project.networks.get(key, {})
        if not declared.get("external"):
            made[key] = _make_network(project, key, declared)
    return made


def _make_network(project: model.Project, key: str, declared: dict[str, Any]) -> dict[str, Any]:
    optional = {
        "Options": declared.get("driver_opts"),
        "Internal": declared.get("internal"),
        "Attachable": declared.get("attachable"),
        "EnableIPv6": declared.get("enable_ipv6"),
        "IPAM": _make_ipam(declared.get("ipam", {})),
    }
    return {
        "Name": object_name(project, "networks", key),
        "Driver": declared.get("driver") or "overlay",
        "Labels": stack_labels(project, declared.get("labels")),
    } | {field: value for field, value in optional.items() if value}


def _make_ipam(ipam: dict[str, Any]) -> dict[str, Any]:
    pools = [_make_pool(pool) for pool in ipam.get("config", [])]
    optional = {"Driver": ipam.get("driver"), "Config": pools, "Options": ipam.get("options")}
    return {field: value for field, value in optional.items() if value}


def _make_pool(pool: dict[str, Any]) -> dict[str, Any]:
    fields = {"subnet": "Subnet", "ip_range": "IPRange", "gateway": "Gateway", "aux_addresses": "AuxiliaryAddresses"}
    return {fields[key]: value for key, value in pool.items() if value}


def make_volumes(project: model.Project) -> model.Section:
    """Gives what the file declares of its volumes; the engine makes them where a task needs one."""
    return {key: _make_volume(project, key, declared) for key, declared in sorted(project.volumes.items())}


def _make_volume(project: model.Project, key: str, declared: dict[str, Any]) -> dict[str, Any]:
    name = object_name(project, "volumes", key)
    if declared.get("external"):
        return {"Name": name, "External": True}
    optional = {
        "Driver": declared.get("driver"),
        "DriverOpts": declared.get("driver_opts"),
        "ClusterVolumeSpec": declared.get("x-cluster-spec"),
    }
    made = {"Name": name, "Labels": stack_labels(project, declared.get("labels"))}
    return made | {field: value for field, value in optional.items() if value}


def make_files(project: model.Project, section: str) -> model.Section:
    """Gives a spec with its data for every config or secret that is not external, used or not."""
    declared = sorted(getattr(project, section).items())
    return {key: _make_file(project, section, key, entry) for key, entry in declared if not entry.get("external")}


def _make_file(project: model.Project, section: str, key: str, declared: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Name": object_name(project, section, key),
        "Labels": stack_labels(project, declared.get("labels")),
        "Data": base64.b64encode(_read_data(project, section, key, declared)).decode(),
    }
    if declared.get("driver"):
        made["Driver"] = {"Name": declared["driver"]} | (
            {"Options": declared["driver_opts"]} if declared.get("driver_opts") else {}
        )
    if declared.get("template_driver"):
        made["Templating"] = {"Name": declared["template_driver"]}
    return made


def _read_data(project: model.Project, section: str, key: str, declared: dict[str, Any]) -> bytes:
    if declared.get("driver"):
        return b""
    data = _find_data(project, section, key, declared)
    if not 1 <= len(data) <= _LARGEST[section]:
        text = f"must hold 1 to {_LARGEST[section]} bytes; got {len(data)}."
        raise project.refuse((section, key), text)
    return data


def _find_data(project: model.Project, section: str, key: str, declared: dict[str, Any]) -> bytes:
    if "content" in declared:
        return str(declared["content"]).encode()
    if "environment" in declared:
        return _from_environment(project, section, key, declared["environment"])
    if "file" not in declared:
        raise project.refuse((section, key), "must have a file, or be external.")
    try:
        return pathlib.Path(declared["file"]).read_bytes()
    except (OSError, ValueError) as error:
        text = f"must be a file that can be read; {getattr(error, 'strerror', error)}: {declared['file']}."
        raise project.refuse((section, key, "file"), text) from error


def _from_environment(project: model.Project, section: str, key: str, variable: str) -> bytes:
    value = project.options.environment.get(variable)
    if value is None:
        text = f"names the environment variable {errors.show(variable)}, which is not set."
        raise project.refuse((section, key, "environment"), text)
    return value.encode()
