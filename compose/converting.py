"""Turns a loaded project into the Engine API specs that `docker stack deploy` would send."""

import dataclasses
import pathlib
from typing import Any

from compose import engines, errors, image_names, model, objects, service_specs, swarm_names


@dataclasses.dataclass(frozen=True)
class Build:
    """How the image of a service is built."""

    context: pathlib.Path
    dockerfile: str
    args: dict[str, str]
    target: str


@dataclasses.dataclass(frozen=True)
class Published:
    """A port that the swarm publishes; `mode` is `ingress` or `host`."""

    service: str
    published: int
    target: int
    protocol: str
    mode: str


@dataclasses.dataclass(frozen=True)
class Converted:
    """What a project is on a swarm.

    Services are keyed by their short names and refer to networks, configs and secrets by the names on the swarm
    (`net:x`, `config:x`, `secret:x`); everything else is keyed as in the file. A service that is built and has no
    image of its own has an empty `Image` and no image label.
    """

    services: dict[str, dict[str, Any]]
    networks: dict[str, dict[str, Any]]
    configs: dict[str, dict[str, Any]]
    secrets: dict[str, dict[str, Any]] = dataclasses.field(repr=False)
    volumes: dict[str, dict[str, Any]]
    builds: dict[str, Build]
    depends_on: dict[str, dict[str, str]]
    """Per service, the services that come before it, each with what is waited for."""
    published: list[Published]
    warnings: list[model.Notice]
    restarts: dict[str, str] = dataclasses.field(default_factory=dict)
    """Per service that says so, its `restart`: a swarm knows no `no`, and a single host does."""
    needs: list[engines.Need] = dataclasses.field(default_factory=list)
    """What only a newer engine than the oldest takes."""
    unfit: list[errors.KeyRefused] = dataclasses.field(default_factory=list, compare=False)
    """Refusals of names that no swarm takes, and a single host does."""

    def refuse_unfit(self) -> "Converted":
        """Gives itself. Raises a `KeyRefused` where a swarm would not take a name."""
        if self.unfit:
            raise self.unfit[0]
        return self

    def list_too_new(self, engine: int) -> list[engines.Need]:
        """Lists what takes a newer engine than one, by the first number of its version."""
        return [need for need in self.needs if need.engine > engine]


def convert(project: model.Project) -> Converted:
    """Converts a project; raises a `ComposeError` where a service cannot be one on a swarm."""
    for name, service in project.services.items():
        _check_image(project, name, service)
    converted = Converted(
        services={name: service_specs.make_service(project, name) for name in sorted(project.services)},
        networks=objects.make_networks(project),
        configs=objects.make_files(project, "configs"),
        secrets=objects.make_files(project, "secrets"),
        volumes=objects.make_volumes(project),
        builds=_make_builds(project),
        depends_on=_make_order(project),
        published=_list_published(project),
        warnings=project.notices,
        restarts={
            name: one["restart"]
            for name, one in project.services.items()
            if one.get("restart") and "restart_policy" not in one.get("deploy", {})
        },
        unfit=swarm_names.list_unfit(project),
    )
    _notice_losses(project)
    project.notices.sort()
    converted.needs.extend(engines.list_needs(project))
    return converted


def _check_image(project: model.Project, name: str, service: dict[str, Any]) -> None:
    image = service.get("image", "")
    if not image and _is_built(project, service):
        return
    if not image:
        raise project.refuse(("services", name), "must have an image.")
    try:
        image_names.check(image)
    except errors.Refusal as refusal:
        raise project.refuse(("services", name, "image"), refusal.text) from refusal


def _is_built(project: model.Project, service: dict[str, Any]) -> bool:
    return project.dialect is model.Dialect.SPEC and "build" in service


def _make_builds(project: model.Project) -> dict[str, Build]:
    built = {name: service for name, service in sorted(project.services.items()) if _is_built(project, service)}
    return {name: _make_build(project, service["build"]) for name, service in built.items()}


def _make_build(project: model.Project, build: dict[str, Any]) -> Build:
    environment = project.options.environment
    given = build.get("args", {}).items()
    args = {key: environment.get(key, "") if value is None else value for key, value in given}
    return Build(
        context=pathlib.Path(build.get("context") or project.directory),
        dockerfile=build.get("dockerfile", "Dockerfile"),
        args=args,
        target=build.get("target", ""),
    )


def _make_order(project: model.Project) -> dict[str, dict[str, str]]:
    if project.dialect is model.Dialect.STACK:
        return {}
    return {
        name: {other: entry["condition"] for other, entry in service["depends_on"].items()}
        for name, service in sorted(project.services.items())
        if service.get("depends_on")
    }


def _list_published(project: model.Project) -> list[Published]:
    return [
        Published(
            name, port["published"], port.get("target", 0), port.get("protocol") or "tcp", port.get("mode") or "ingress"
        )
        for name, service in sorted(project.services.items())
        for port in service.get("ports", [])
        if port.get("published")
    ]


def _notice_losses(project: model.Project) -> None:
    """Notes what the conversion leaves out."""
    for name, service in sorted(project.services.items()):
        _notice_ports(project, name, service)
        if service.get("restart") and "restart_policy" in service.get("deploy", {}):
            project.notice(name, ("restart",), "deploy.restart_policy wins over it")
        for index, volume in enumerate(service.get("volumes", [])):
            for option in volume.get("ignored", []):
                project.notice(name, ("volumes", index), f"Docker does not know the option {option}")
        for entry in service.get("extra_hosts", []):
            if ":" not in entry:
                project.notice(name, ("extra_hosts",), f"{errors.show(entry)} names no address")
    _notice_unused(project)


def _notice_ports(project: model.Project, name: str, service: dict[str, Any]) -> None:
    for port in service.get("ports", []):
        if port.get("host_ip"):
            reason = f"a swarm publishes port {port.get('published') or port.get('target', 0)} on every address"
            project.notice(name, ("ports",), f"{reason}, not only on {port['host_ip']}")


def _notice_unused(project: model.Project) -> None:
    used = objects.used_networks(project)
    mounted = {volume.get("source") for service in project.services.values() for volume in service.get("volumes", [])}
    for section, keys, verb in (("networks", used, "joins"), ("volumes", mounted, "mounts")):
        for key in getattr(project, section):
            if key not in keys:
                project.notice_top((section, key), f"no service {verb} it")
