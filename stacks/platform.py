"""The recipe: an environment from network to ingress, in the order in which one builds on the other."""

from collections.abc import Mapping, Sequence

import pulumi

import compose
from components import (
    access,
    availability_set,
    compose_host,
    compose_stack,
    container_host,
    errors,
    images,
    ingress,
    network,
    placement,
    private_registry,
    ssh_command,
    swarm_cluster,
)
from stacks import aliases, names, operations, settings, tags, targets

_SCHEMES = {80: "http://{address}", 443: "https://{address}"}
_READY_LABEL = "azure-swarm.ready"
_OTHER_SCHEME = "http://{address}:{port}"
_STORAGE_LABELS = {"storage": "true"}


def deploy(chosen: settings.Settings) -> None:
    """Declares the whole environment and exports its outputs."""
    aliases.leave_out_version_aliases()
    tags.put_tags_on_everything(tags.make_tags(chosen.tags))
    files = {app.name: _read_files(app, chosen) for app in chosen.applications}
    models = {name: read.model for name, read in files.items()}
    ports = list_published_ports(models)
    _refuse_unable(chosen, models)
    net = _create_network(chosen, ports)
    edge = _create_ingress(chosen, net, ports, [read.model for read in files.values()]) if ports else None
    managers, workers = _create_hosts(chosen, net, edge)
    registry = _create_registry(chosen, net)
    if chosen.compose_target == settings.HOST:
        placed = targets.place_on_host(managers[0], registry, files)
    else:
        placed = targets.place_on_swarm(_create_cluster(chosen, managers, workers, edge), registry, files)
    operations.deploy(chosen, net, edge, registry, [*workers, *managers][0])
    pulumi.export(names.NODES, placed.nodes)
    pulumi.export(names.REGISTRY, registry.server)
    pulumi.export(names.INGRESS, _make_urls(edge, placed.stacks))
    pulumi.export(names.STACKS, {name: stack.images for name, stack in placed.stacks.items()})
    pulumi.export(names.SSH, ssh_command.make_ssh_command(net.access, managers[0].host_name, names.OPERATOR_KEY))
    pulumi.export(names.OPERATOR_KEY, pulumi.Output.secret(net.access.operator_private_key))
    pulumi.export(names.ACCESS, _describe_access(net.access))


def _read_files(app: settings.Application, chosen: settings.Settings) -> compose_stack.ComposeFiles:
    dialect = None if chosen.compose_dialect == "auto" else compose.Dialect(chosen.compose_dialect)
    engine = images.find_engine(chosen.host_image, chosen.docker_version)
    reading = compose_stack.Reading(dialect, chosen.compose_strict, chosen.compose_allow_outside, engine)
    return compose_stack.read_compose_files(app.name, [str(app.file)], reading=reading)


def list_published_ports(models: Mapping[str, compose.Converted]) -> list[int]:
    """Lists the TCP ports that the compose files publish: the single source of rules, openings and probes.

    Raises a `ComponentError` when two services publish the same one: the second could never start.
    """
    taken: dict[int, str] = {}
    for service, port in (pair for name, model in models.items() for pair in compose_stack.list_ports(name, model)):
        if port in taken:
            sentence = f"Port {port} must be published by one service; got {taken[port]!r} and {service!r}."
            raise errors.ComponentError(sentence)
        taken[port] = service
    return sorted(taken)


def plan_nodes(chosen: settings.Settings) -> list[placement.PlannedNode]:
    """Lists the nodes that there will be, as constraints and reservations see them."""
    places = [("manager", index) for index in range(chosen.managers)]
    places += [("worker", index) for index in range(chosen.workers)]
    return [_plan_node(chosen, role, index) for role, index in places]


def _plan_node(chosen: settings.Settings, role: str, index: int) -> placement.PlannedNode:
    name = f"{role}-{index}"
    labels = _STORAGE_LABELS if (role, index) == _storage_place(chosen) else {}
    return placement.PlannedNode(name, role, labels, chosen.size(role, index), drained=name in chosen.drained_hosts)


def _refuse_unable(chosen: settings.Settings, models: Mapping[str, compose.Converted]) -> None:
    """Refuses, before anything is created, what could never run there."""
    if chosen.compose_target == settings.HOST:
        for name, model in models.items():
            compose_host.refuse_unable(name, model)
    else:
        _check_placement(models, plan_nodes(chosen))


def _check_placement(models: Mapping[str, compose.Converted], nodes: Sequence[placement.PlannedNode]) -> None:
    """Refuses what these nodes can never run."""
    placement.refuse_unplaceable(models, nodes)
    for warning in placement.list_warnings(models, nodes):
        pulumi.warn(warning)


def _create_network(chosen: settings.Settings, ports: Sequence[int]) -> network.ClusterNetwork:
    return network.ClusterNetwork(
        "net",
        {
            "location": chosen.location,
            "address_space": chosen.address_space,
            "host_subnet": chosen.host_subnet,
            "operator_networks": chosen.operator_networks,
            "subnet_id": chosen.subnet_id,
            "access": chosen.access,
            "proxy_command": chosen.proxy_command,
            "open_ports": ports,
            "jump_size": chosen.jump_size,
            "jump_disk_type": chosen.host_disk_type,
            "image": chosen.jump_image,
            "encryption_at_host": chosen.encryption_at_host,
            "unattended_upgrades": chosen.unattended_upgrades,
            "protect": chosen.protect,
        },
    )


def _create_ingress(
    chosen: settings.Settings, net: network.ClusterNetwork, ports: Sequence[int], models: Sequence[compose.Converted]
) -> ingress.Ingress:
    paths = list_ready_paths(models)
    return ingress.Ingress("edge", {"network": net, "ports": ports, "zones": chosen.zones, "ready_paths": paths})


def list_ready_paths(models: Sequence[compose.Converted]) -> dict[int, str]:
    """Lists by published port the path by which its service says that it takes connections (deploy.labels)."""
    published = [(port.published, model.services[port.service]) for model in models for port in model.published]
    labelled = [(port, spec.get("Labels", {}).get(_READY_LABEL)) for port, spec in published]
    return {port: path for port, path in labelled if path is not None}


def _create_hosts(
    chosen: settings.Settings, net: network.ClusterNetwork, edge: ingress.Ingress | None
) -> tuple[list[container_host.ContainerHost], list[container_host.ContainerHost]]:
    """Creates managers and workers; connections go to the workers, and to the managers only where there are none."""
    to_managers = edge if chosen.workers == 0 else None
    managers = _create_hosts_of(chosen, net, "manager", chosen.managers, to_managers)
    return managers, _create_hosts_of(chosen, net, "worker", chosen.workers, edge)


def _create_hosts_of(
    chosen: settings.Settings, net: network.ClusterNetwork, role: str, count: int, edge: ingress.Ingress | None
) -> list[container_host.ContainerHost]:
    together = _create_set(chosen, net, role) if count else None
    return [_create_host(chosen, net, role, index, edge, together) for index in range(count)]


def _create_set(
    chosen: settings.Settings, net: network.ClusterNetwork, role: str
) -> availability_set.AvailabilitySet | None:
    if not chosen.availability_sets:
        return None
    return availability_set.AvailabilitySet(f"{role}s", {"network": net})


def _create_host(
    chosen: settings.Settings,
    net: network.ClusterNetwork,
    role: str,
    index: int,
    edge: ingress.Ingress | None,
    together: availability_set.AvailabilitySet | None,
) -> container_host.ContainerHost:
    args: container_host.ContainerHostArgs = {
        "network": net,
        "size": chosen.size(role, index),
        "image": chosen.host_image,
        "zone": chosen.zone(index),
        "disk_gib": chosen.host_disk_gib,
        "disk_type": chosen.host_disk_type,
        "encryption_at_host": chosen.encryption_at_host,
        "docker_version": chosen.docker_version,
        "unattended_upgrades": chosen.unattended_upgrades,
        "protect": chosen.protect and (role, index) == _storage_place(chosen),
    }
    if edge is not None:
        args["ingress"] = edge
    if together is not None:
        args["availability_set"] = together
    return container_host.ContainerHost(f"{role}-{index}", args)


def _storage_place(chosen: settings.Settings) -> tuple[str, int]:
    """Gives the host that keeps data: the volume of a service is on one host's disk, so it has to stay there."""
    return ("worker" if chosen.workers else "manager", 0)


def _create_cluster(
    chosen: settings.Settings,
    managers: Sequence[access.Host],
    workers: Sequence[access.Host],
    edge: ingress.Ingress | None,
) -> swarm_cluster.SwarmCluster:
    storage = [*workers, *managers][0]
    logical = [*chosen.list_hosts("manager"), *chosen.list_hosts("worker")]
    hosts = dict(zip(logical, [*managers, *workers], strict=True))
    return swarm_cluster.SwarmCluster(
        "swarm",
        {
            "managers": managers,
            "workers": workers,
            "drain_seconds": edge.drain_seconds if edge else 0,
            "max_unavailable": chosen.max_unavailable,
            "labels": {storage.host_name: _STORAGE_LABELS},
            "drained": [hosts[name].host_name for name in chosen.drained_hosts],
        },
    )


def _create_registry(chosen: settings.Settings, net: network.ClusterNetwork) -> private_registry.PrivateRegistry:
    return private_registry.PrivateRegistry(
        "registry",
        {
            "network": net,
            "registry_name": chosen.registry_name,
            "sku": chosen.registry_sku,
            "zone_redundant": bool(chosen.zones) and chosen.registry_sku == "Premium",
            "protect": chosen.protect,
        },
    )


def _describe_access(way: access.SshAccess) -> dict[str, pulumi.Input[str]]:
    return {
        "user": way.user,
        "caPublicKey": way.ca_public_key,
        "jumpAddress": way.jump_address or "",
        "jumpName": way.jump_name or "",
        "proxyCommand": way.proxy_command or "",
    }


def _make_urls(edge: ingress.Ingress | None, stacks: Mapping[str, targets.Stack]) -> dict[str, pulumi.Output[str]]:
    if edge is None:
        return {}
    published = [pair for stack in stacks.values() for pair in stack.ports]
    return {f"{service}:{port}": _make_url_output(edge.address, port) for service, port in published}


def _make_url_output(address: pulumi.Output[str], port: int) -> pulumi.Output[str]:
    return address.apply(lambda found: make_url(found, port))


def make_url(address: str, port: int) -> str:
    """Gives the URL of a published port."""
    return _SCHEMES.get(port, _OTHER_SCHEME).format(address=address, port=port)
