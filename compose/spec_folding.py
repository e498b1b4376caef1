"""Folds what the Compose Specification says outside of `deploy` into what a swarm service has.

What is left afterwards has the form of the stack dialect, plus `depends_on`, `group_add`, `dns_opt` and `platform`.
"""

import graphlib
import pathlib
from collections.abc import Mapping
from typing import Any

from compose import dotenv, environment, errors, model, sections

_LIMITS = {
    "cpus": ("limits", "cpus"),
    "mem_limit": ("limits", "memory"),
    "mem_reservation": ("reservations", "memory"),
    "pids_limit": ("limits", "pids"),
}
# With these a swarm does what they say: it pulls an image whose digest a node does not have.
_PULLED = frozenset(("always", "missing", "if_not_present"))


def fold(project: model.Project) -> None:
    """Brings a project into the form that is converted; drops what no active profile asks for."""
    _drop_inactive(project)
    for name, service in project.services.items():
        _fold_amounts(project, name, service)
        _fold_devices(service)
        service["volumes"] = [*service.get("volumes", []), *service.pop("tmpfs", [])]
        _resolve_environment(project, name, service)
        _check_pull_policy(project, name, service)
        _check_dependencies(project, name, service)
    _check_order(project)


def _drop_inactive(project: model.Project) -> None:
    active = project.options.profiles
    for name, service in list(project.services.items()):
        profiles = service.pop("profiles", [])
        project.profiles.update(profiles)
        if profiles and not active.intersection(profiles) and "*" not in active:
            project.notice(name, (), f"none of its profiles {', '.join(profiles)} is active")
            del project.services[name]


def _fold_amounts(project: model.Project, name: str, service: dict[str, Any]) -> None:
    resources = service.get("deploy", {}).get("resources", {})
    for key, (group, amount) in _LIMITS.items():
        if key in service:
            resources = {**resources, group: {**resources.get(group, {})}}
            _set_once(project, name, key, resources[group], amount, service.pop(key))
    if resources:
        service["deploy"] = {**service.get("deploy", {}), "resources": resources}
    if "scale" in service:
        service["deploy"] = {**service.get("deploy", {})}
        _set_once(project, name, "scale", service["deploy"], "replicas", service.pop("scale"))


def _set_once(project: model.Project, name: str, key: str, group: dict[str, Any], amount: str, value: int) -> None:
    if group.get(amount, value) != value:
        text = f"must agree with {amount} under deploy; got {value} and {group[amount]}."
        raise project.refuse(("services", name, key), text)
    group[amount] = value


def _fold_devices(service: dict[str, Any]) -> None:
    resources = service.get("deploy", {}).get("resources", {})
    reservations = resources.get("reservations", {})
    devices = [*reservations.get("devices", []), *service.pop("gpus", [])]
    if devices:
        rest = {key: value for key, value in reservations.items() if key != "devices"}
        rest["generic_resources"] = [*rest.get("generic_resources", []), *devices]
        service["deploy"] = {**service.get("deploy", {}), "resources": {**resources, "reservations": rest}}


def _resolve_environment(project: model.Project, name: str, service: dict[str, Any]) -> None:
    known = project.options.environment
    variables: dict[str, str | None] = {}
    for index, entry in enumerate(service.pop("env_file", [])):
        variables |= _read_variables(project, (name, index), entry, known)
    variables |= service.get("environment", {})
    service["environment"] = {key: known.get(key) if value is None else value for key, value in variables.items()}


def _read_variables(
    project: model.Project, owner: tuple[str, int], entry: dict[str, Any], known: Mapping[str, str]
) -> dict[str, str | None]:
    file = pathlib.Path(entry["path"])
    if sections.is_file(file):
        if entry.get("format") == "raw":
            return environment.resolve([file], {}, known)
        return {**dotenv.read(file, known)}
    if entry["required"]:
        name, index = owner
        text = f"must name a file that is there; {file.name} is not."
        raise project.refuse(("services", name, "env_file", index), text)
    return {}


def _check_pull_policy(project: model.Project, name: str, service: dict[str, Any]) -> None:
    policy = service.pop("pull_policy", "missing")
    if policy not in _PULLED and not (policy == "build" and "build" in service):
        reason = f"a node of a swarm pulls an image whose digest it does not have; {policy} cannot be said"
        project.notice(name, ("pull_policy",), reason)


def _check_dependencies(project: model.Project, name: str, service: dict[str, Any]) -> None:
    for other, entry in list(service.get("depends_on", {}).items()):
        path: model.Path = ("services", name, "depends_on", other)
        if other not in project.services and entry["required"]:
            raise project.refuse(path, f"must name a service of an active profile; {errors.show(other)} is none.")
        if other not in project.services:
            del service["depends_on"][other]
        elif entry["restart"]:
            project.notice(name, ("depends_on", other, "restart"), "a swarm restarts no service for another one")


def _check_order(project: model.Project) -> None:
    """Refuses services that wait for each other."""
    order = {name: service.get("depends_on", {}) for name, service in project.services.items()}
    try:
        graphlib.TopologicalSorter(order).prepare()
    except graphlib.CycleError as error:
        circle = _start_with_first(error.args[1][:0:-1], list(order))
        text = f"leads in a circle: {' -> '.join([*circle, circle[0]])}."
        raise project.refuse(("services", circle[0], "depends_on"), text) from error


def _start_with_first(circle: list[str], order: list[str]) -> list[str]:
    """Turns a circle so that it starts with the one that the file has first."""
    start = circle.index(min(circle, key=order.index))
    return circle[start:] + circle[:start]
