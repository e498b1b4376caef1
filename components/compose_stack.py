"""A compose file on a swarm: built images, networks, configs, secrets and services as one component."""

import base64
import dataclasses
import graphlib
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

import compose
from components import (
    checks,
    compose_images,
    container_image,
    errors,
    inputs,
    private_registry,
    references,
    swarm_cluster,
)
from providers.swarm import sdk


@dataclasses.dataclass(frozen=True)
class ComposeFiles:
    """Compose files, read: what they are on a swarm, and the secrets whose files (`*.example`) show only a shape."""

    model: compose.Converted
    example_secrets: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Reading:
    """How compose files are read."""

    dialect: compose.Dialect | None = None
    """As `docker stack deploy` reads them, or by the Compose Specification; by default what they need."""
    strict: bool = False
    """Whether a key without effect is refused; it is warned about otherwise."""
    allow_outside: bool = False
    """Whether paths may leave the folder of the first file."""
    engine: int | None = None
    """The first number of the version of the hosts' Docker engine, to warn of keys that it drops without a word; by
    default it is not known, and nothing is warned about."""


class ComposeStackArgs(TypedDict):
    """What a `ComposeStack` takes."""

    cluster: "swarm_cluster.SwarmCluster"
    """The swarm it runs on."""
    model: compose.Converted
    """What the compose files are on a swarm, as `read_compose_files` gives it."""
    registry: NotRequired["private_registry.PrivateRegistry"]
    """Where images of services with a `build` section go; needed when there is one. Nodes pull other images from it
    with its account, too."""
    secrets: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Values that stand in place of the files of the secrets of these names; default none."""


def read_compose_files(
    name: str, files: Sequence[str], environment: Mapping[str, str] | None = None, reading: Reading | None = None
) -> ComposeFiles:
    """Loads compose files, merged as `docker stack deploy -c` merges several; the first one's folder is the base.

    `${NAME}` stands for what `environment` holds, by default nothing: a preview must not depend on who runs it.
    Raises a `ComponentError` with the loader's sentence, which names file and key.
    """
    inputs.check_list(f"ComposeStack '{name}'", "files", files, "compose files")
    chosen = reading or Reading()
    try:
        project = compose.load(
            [pathlib.Path(file) for file in files],
            name,
            environment=environment or {},
            dialect=chosen.dialect,
            strict=chosen.strict,
            allow_outside=chosen.allow_outside,
        )
        model = compose.convert(project)
    except compose.ComposeError as error:
        raise errors.ComponentError(f"ComposeStack '{name}': {error}") from error
    _check_ports(name, model)
    order_services(name, model)
    if chosen.engine is not None:
        model.warnings.extend(model.list_too_new(chosen.engine))
    examples = {key for key, entry in project.secrets.items() if str(entry.get("file", "")).endswith(".example")}
    return ComposeFiles(model, frozenset(examples & model.secrets.keys()))


class ComposeStack(pulumi.ComponentResource):
    """The objects that `docker stack deploy` would make, each a resource with a diff of its own.

    `images` maps every service to its image reference, with the digest where it was built here; `ports` lists the
    published TCP ports, each with the name of its service on the swarm.
    """

    services: dict[str, sdk.Service]
    images: dict[str, pulumi.Output[str]]
    ports: list[tuple[str, int]]

    def __init__(self, name: str, args: ComposeStackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        model = args["model"]
        super().__init__("azure-swarm:components:ComposeStack", name, {"serviceNames": sorted(model.services)}, opts)
        for notice in model.warnings:
            pulumi.warn(str(notice), self)
        self._name, self._args = name, args
        self._cluster = args["cluster"]
        built = compose_images.build_images(self, name, model.builds, args.get("registry"))
        made = references.References(
            networks={spec["Name"]: self._create_network(key, spec) for key, spec in model.networks.items()},
            configs={spec["Name"]: self._create_config(key, spec) for key, spec in model.configs.items()},
            secrets={spec["Name"]: self._create_secret(key, spec) for key, spec in model.secrets.items()},
        )
        self.services = {}
        for service in order_services(name, model):
            before = sorted(model.depends_on.get(service, {}))
            earlier = [self.services[other] for other in before if other in self.services]
            spec = made.resolve(model.services[service])
            self.services[service] = self._create_service(service, spec, built.get(service), earlier)
        self.images = list_images(model, built)
        self.ports = list_ports(name, model)
        self.register_outputs({"services": sorted(self.services)})

    def _options(self, earlier: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        # After the memberships: what runs waits for where it runs, and goes before it.
        depends_on = [*self._cluster.nodes, *earlier]
        return pulumi.ResourceOptions(
            parent=self,
            provider=self._cluster.provider,
            depends_on=depends_on,
            deleted_with=self._cluster.goes_with,
        )

    def _create_network(self, key: str, spec: Mapping[str, Any]) -> sdk.Network:
        rest = {field: value for field, value in spec.items() if field != "Name"}
        return sdk.Network(f"{self._name}-{key}-network", {"name": spec["Name"], "spec": rest}, self._options())

    def _create_config(self, key: str, spec: Mapping[str, Any]) -> sdk.Config:
        args: sdk.ConfigArgs = {"name": spec["Name"], "data": spec["Data"], "labels": dict(spec["Labels"])}
        if "Templating" in spec:
            args["templating"] = spec["Templating"]
        return sdk.Config(f"{self._name}-{key}-config", args, self._options())

    def _create_secret(self, key: str, spec: Mapping[str, Any]) -> sdk.Secret:
        given = self._args.get("secrets", {}).get(key)
        data = spec["Data"] if given is None else encode_value(given)
        args: sdk.SecretArgs = {"name": spec["Name"], "data": data, "labels": dict(spec["Labels"])}
        if "Templating" in spec:
            args["templating"] = spec["Templating"]
        if "Driver" in spec:
            args["driver"] = spec["Driver"]
        return sdk.Secret(f"{self._name}-{key}-secret", args, self._options())

    def _create_service(
        self,
        service: str,
        spec: dict[str, Any],
        image: container_image.ContainerImage | None,
        earlier: Sequence[sdk.Service],
    ) -> sdk.Service:
        rest = {field: value for field, value in spec.items() if field != "Name"}
        args: sdk.ServiceArgs = {"name": spec["Name"], "spec": rest}
        if image is not None:
            container = rest["TaskTemplate"]["ContainerSpec"]
            container["Image"] = image.reference
            if "Env" in container:
                container["Env"] = [compose_images.pin_digest(entry, image) for entry in container["Env"]]
            args["registry_auth"] = compose_images.make_login(self._args["registry"])
        elif "registry" in self._args and compose_images.names_registry(_image_of(spec)):
            args["registry_auth"] = compose_images.find_login(self._args["registry"], _image_of(spec))
        return sdk.Service(f"{self._name}-{service}", args, self._options(earlier))


def list_ports(name: str, model: compose.Converted) -> list[tuple[str, int]]:
    """Lists the published TCP ports, each with the name of its service on the swarm."""
    return [(f"{name}_{port.service}", port.published) for port in model.published if port.protocol == "tcp"]


def list_images(
    model: compose.Converted, built: Mapping[str, container_image.ContainerImage]
) -> dict[str, pulumi.Output[str]]:
    """Lists the image of every service, with the digest where it was built here."""
    return {
        service: built[service].reference if service in built else pulumi.Output.from_input(_image_of(spec))
        for service, spec in model.services.items()
    }


def order_services(name: str, model: compose.Converted) -> list[str]:
    """Lists the services so that each comes after those that it depends on. Raises a `ComponentError`."""
    try:
        order = graphlib.TopologicalSorter(model.depends_on).static_order()
        ordered = [service for service in order if service in model.services]
    except graphlib.CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise errors.ComponentError(f"ComposeStack '{name}': depends_on must come to an end; got {circle}.") from error
    return [*ordered, *sorted(set(model.services) - set(ordered))]


def _check_ports(name: str, model: compose.Converted) -> None:
    for port in model.published:
        place = f"services.{port.service}.ports"
        inputs.refuse(f"ComposeStack '{name}'", place, port.published, checks.expected_published_port(port.published))


def _check(name: str, args: ComposeStackArgs) -> None:
    who = f"ComposeStack '{name}'"
    inputs.check_keys(who, args, ComposeStackArgs)
    model = args["model"]
    inputs.check_kind(who, "cluster", args["cluster"], swarm_cluster.SwarmCluster, "a SwarmCluster")
    inputs.check_kind(who, "model", model, compose.Converted, "what read_compose_files gives")
    try:
        model.refuse_unfit()
    except compose.ComposeError as error:
        raise errors.ComponentError(f"{who}: {error}") from error
    check_beside_model(who, model, args.get("registry"), args.get("secrets", {}))


def check_beside_model(who: str, model: compose.Converted, registry: object, secrets: Any) -> None:
    """Refuses a registry and secrets that do not go with the model."""
    if registry is not None:
        inputs.check_kind(who, "registry", registry, private_registry.PrivateRegistry, "a PrivateRegistry")
    if model.builds and registry is None:
        raise errors.InputError(who, "registry", f"given, since {sorted(model.builds)} are built here", None)
    inputs.check_kind(who, "secrets", secrets, Mapping, "a mapping of names to values")
    unknown = sorted(set(secrets) - set(model.secrets))
    if unknown:
        raise errors.InputError(who, "secrets", f"among the file's secrets {sorted(model.secrets)}", unknown)


def encode_value(given: pulumi.Input[str]) -> pulumi.Output[str]:
    """Gives a value in base64, as the Engine API takes content."""
    return pulumi.Output.from_input(given).apply(lambda text: base64.b64encode(text.encode()).decode())


def _image_of(spec: Mapping[str, Any]) -> str:
    return str(spec["TaskTemplate"]["ContainerSpec"]["Image"])
