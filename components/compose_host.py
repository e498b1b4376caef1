"""A compose file on one host without a swarm: networks, volumes and containers as one component."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_docker as docker

import compose
from components import (
    access,
    compose_images,
    compose_stack,
    container_image,
    errors,
    host_containers,
    host_docker,
    inputs,
    private_registry,
    swarm_cluster,
)
from providers.swarm import sdk

_LOG_LINES = 20
_READ_BY_ALL = 0o444


class ComposeHostArgs(TypedDict):
    """What a `ComposeHost` takes."""

    host: access.Host
    """Where it runs: a ContainerHost or an ExistingHost; whether it is in a swarm does not matter."""
    model: compose.Converted
    """What the compose files are, as `read_compose_files` gives it."""
    registry: NotRequired["private_registry.PrivateRegistry"]
    """Where images of services with a `build` section go; needed when there is one. The host pulls with its account."""
    docker: NotRequired[docker.Provider]
    """A provider that reaches the host's engine already; default one over SSH, through the host's jump host."""
    secrets: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Values that stand in place of the files of the secrets of these names; default none."""


class ComposeHost(pulumi.ComponentResource):
    """What `docker stack deploy` would make, as containers that one engine keeps running.

    `images` maps every service to its image reference, with the digest where it was built here; `ports` lists the
    published TCP ports, each with the name of its service.
    """

    containers: dict[str, list[docker.Container]]
    images: dict[str, pulumi.Output[str]]
    ports: list[tuple[str, int]]

    def __init__(self, name: str, args: ComposeHostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        model = args["model"]
        super().__init__("azure-swarm:components:ComposeHost", name, {"serviceNames": sorted(model.services)}, opts)
        for notice in [*map(str, model.warnings), *host_containers.list_notices(model)]:
            pulumi.warn(notice, self)
        self._name, self._args = name, args
        self._provider = args.get("docker") or host_docker.create_provider(
            self, self._name_on_host("docker"), args["host"], args.get("registry")
        )
        self._ready = [] if "docker" in args else [self._await_host()]
        built = compose_images.build_images(self, name, model.builds, args.get("registry"))
        networks = {spec["Name"]: self._create_network(key, spec) for key, spec in model.networks.items()}
        volumes = [self._create_volume(key, spec) for key, spec in model.volumes.items() if not spec.get("External")]
        self.containers = {}
        for service in compose_stack.order_services(name, model):
            image = self._create_image(service, built.get(service))
            self.containers[service] = [
                self._create_container(_pin(planned, built.get(service)), image, networks, volumes)
                for planned in host_containers.plan(name, model, service)
            ]
        self.images = compose_stack.list_images(model, built)
        self.ports = compose_stack.list_ports(name, model)
        ended = [
            _confirm_end(one) for service in self.containers if self._ends(service) for one in self.containers[service]
        ]
        self.register_outputs({"services": sorted(self.containers), "ended": ended})

    def _name_on_host(self, what: str) -> str:
        """Gives a logical name: on another host all is another resource, made there before the old one goes."""
        return f"{self._args['host'].host_name}-{self._name}-{what}"

    def _options(self, earlier: Sequence[pulumi.Resource] = (), **rest: Any) -> pulumi.ResourceOptions:
        depends_on = [*self._ready, *earlier]
        goes_with = self._args["host"].goes_with
        return pulumi.ResourceOptions(
            parent=self, provider=self._provider, depends_on=depends_on, deleted_with=goes_with, **rest
        )

    def _await_host(self) -> sdk.HostReady:
        host = self._args["host"]
        provider = swarm_cluster.create_provider(self, self._name, host.access, [host.host_name])
        options = pulumi.ResourceOptions(parent=self, provider=provider, depends_on=list(host.machine))
        return sdk.HostReady(self._name_on_host("ready"), {"host": host.host_name}, options)

    def _create_network(self, key: str, spec: Mapping[str, Any]) -> docker.Network:
        driver = "bridge" if spec["Driver"] == "overlay" else spec["Driver"]
        pools = (spec.get("IPAM") or {}).get("Config") or []
        fields = {"Subnet": "subnet", "Gateway": "gateway", "IPRange": "ip_range", "AuxiliaryAddresses": "aux_address"}
        ipam = [{fields[field]: value for field, value in pool.items()} for pool in pools]
        return docker.Network(
            self._name_on_host(f"{key}-network"),
            name=spec["Name"],
            driver=driver,
            internal=spec.get("Internal", False),
            options=spec.get("Options"),
            labels=_list_labels(spec),
            ipam_configs=ipam or None,
            # What the engine adds to either is no difference, and would make the network anew.
            opts=self._options(delete_before_replace=True, ignore_changes=[] if ipam else ["ipamConfigs"]),
        )

    def _create_volume(self, key: str, spec: Mapping[str, Any]) -> docker.Volume:
        return docker.Volume(
            self._name_on_host(f"{key}-volume"),
            name=spec["Name"],
            driver=spec.get("Driver"),
            driver_opts=spec.get("DriverOpts"),
            labels=_list_labels(spec),
            # Data outlives its containers, as it outlives `docker stack rm`.
            opts=self._options(retain_on_delete=True),
        )

    def _create_image(self, service: str, built: container_image.ContainerImage | None) -> docker.RemoteImage:
        image = self._args["model"].services[service]["TaskTemplate"]["ContainerSpec"]["Image"]
        return docker.RemoteImage(
            self._name_on_host(f"{service}-image"),
            name=image if built is None else built.reference,
            # Another container, or the next version on its way back, may need it.
            keep_locally=True,
            opts=self._options(),
        )

    def _create_container(
        self,
        planned: host_containers.Planned,
        image: docker.RemoteImage,
        networks: Mapping[str, docker.Network],
        volumes: Sequence[docker.Volume],
    ) -> docker.Container:
        before = self._args["model"].depends_on.get(planned.service, {})
        earlier = [one for other in sorted(before) for one in self.containers.get(other, [])]
        ended = [one for other in sorted(before) if self._ends(other) for one in self.containers[other]]
        return docker.Container(
            self._name_on_host(planned.name.removeprefix(f"{self._name}_")),
            name=planned.name,
            image=_await_ends(image.image_id, ended),
            uploads=[self._make_upload(reference) for reference in planned.files] or None,
            opts=self._options([*volumes, *earlier], delete_before_replace=True, ignore_changes=["networkMode"]),
            **planned.arguments,
            **_attach(planned, networks),
        )

    def _ends(self, service: str) -> bool:
        return host_containers.runs_to_its_end(self._args["model"], service)

    def _make_upload(self, reference: Mapping[str, Any]) -> dict[str, Any]:
        """Gives a config or a secret as a file that is written into the container."""
        kind = "Config" if "ConfigName" in reference else "Secret"
        declared = getattr(self._args["model"], f"{kind.lower()}s")
        key = next(key for key, spec in declared.items() if spec["Name"] == reference[f"{kind}Name"])
        given = self._args.get("secrets", {}).get(key) if kind == "Secret" else None
        data = declared[key]["Data"] if given is None else compose_stack.encode_value(given)
        folder, file = ("/run/secrets/", reference["File"]) if kind == "Secret" else ("/", reference["File"])
        target = file["Name"] if file["Name"].startswith("/") else f"{folder}{file['Name']}"
        mode = f"{file.get('Mode', _READ_BY_ALL):04o}"
        content = pulumi.Output.secret(data) if kind == "Secret" else data
        return {"file": target, "content_base64": content, "permissions": mode}


def _pin(planned: host_containers.Planned, image: container_image.ContainerImage | None) -> host_containers.Planned:
    arguments = dict(planned.arguments)
    if "envs" in arguments:
        arguments["envs"] = [compose_images.pin_digest(entry, image) for entry in arguments["envs"]]
    return dataclasses.replace(planned, arguments=arguments)


def _attach(planned: host_containers.Planned, networks: Mapping[str, docker.Network]) -> dict[str, Any]:
    names = {one["Target"].removeprefix("net:"): one.get("Aliases", []) for one in planned.networks}
    own = next((name for name in names if name in ("host", "none")), None)
    if own is not None:
        return {"network_mode": own}
    attached = [
        {"name": networks[name].name if name in networks else name, "aliases": sorted(set(aliases))}
        for name, aliases in names.items()
    ]
    return {"networks_advanced": attached}


def _list_labels(spec: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"label": key, "value": value} for key, value in sorted((spec.get("Labels") or {}).items())]


def _await_ends(image: pulumi.Output[str], ended: Sequence[docker.Container]) -> pulumi.Output[str]:
    """Gives the image when the containers before it have ended well; one that failed stops those after it."""
    return pulumi.Output.all(image, *map(_confirm_end, ended)).apply(lambda found: str(found[0])) if ended else image


def _confirm_end(container: docker.Container) -> pulumi.Output[str]:
    """Gives the name of a container that has ended well."""
    return pulumi.Output.all(container.name, container.exit_code, container.container_logs).apply(
        lambda found: confirm_end(str(found[0]), int(found[1] or 0), str(found[2] or ""))
    )


def confirm_end(name: str, status: int, log: str) -> str:
    """Gives the name. Raises a `ComponentError` with the end of the log when the status is not 0."""
    if status == 0:
        return name
    lines = log.splitlines()[-_LOG_LINES:]
    quoted = "".join(["\nIts log ends with:", *(f"\n  {line}" for line in lines)]) if lines else ""
    raise errors.ComponentError(f"Container '{name}' was to run to its end and ended with status {status}.{quoted}")


def _check(name: str, args: ComposeHostArgs) -> None:
    who = f"ComposeHost '{name}'"
    inputs.check_keys(who, args, ComposeHostArgs)
    model = args["model"]
    is_host = isinstance(args["host"], access.Host)
    inputs.refuse(who, "host", args["host"], None if is_host else "a ContainerHost or an ExistingHost")
    inputs.check_kind(who, "model", model, compose.Converted, "what read_compose_files gives")
    compose_stack.check_beside_model(who, model, args.get("registry"), args.get("secrets", {}))
    refuse_unable(name, model)


def refuse_unable(name: str, model: compose.Converted) -> None:
    """Raises a `ComponentError` with all that a single host cannot do."""
    refusals = host_containers.list_refusals(model)
    if refusals:
        raise errors.ComponentError(f"ComposeHost '{name}': one host cannot run it: {'; '.join(refusals)}.")
