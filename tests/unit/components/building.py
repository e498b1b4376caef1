"""What several tests of components build on: a network, hosts, a swarm, a registry and the specs of a stack."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import compose
from components import access, container_host, network, private_registry, swarm_cluster
from tests.unit import deploying

_Kind = TypeVar("_Kind")

NETWORK_ARGS: network.ClusterNetworkArgs = {
    "location": "westeurope",
    "address_space": "10.80.0.0/16",
    "host_subnet": "10.80.1.0/24",
    "operator_networks": ["203.0.113.0/24"],
    "open_ports": [80],
}
SSH = access.SshAccess(ca_public_key="ssh-ed25519 CA", operator_private_key="key")


def make_blank(kind: type[_Kind], **facts: Any) -> _Kind:
    """Gives a component of a kind that was never created: a refusal comes before anything is."""
    blank = kind.__new__(kind)
    vars(blank).update(facts)
    return blank


def refusal_on_network(kind: Callable[..., object], name: str, args: dict[str, Any]) -> str:
    """Gives the sentence by which a component on a network refuses its inputs."""
    blank = make_blank(network.ClusterNetwork, open_ports=[80])
    return deploying.refusal_of(lambda: kind(name, {"network": blank, **args}))


def deploy_on_network(kind: Callable[..., object], name: str, args: dict[str, Any]) -> deploying.Deployed:
    """Deploys a component on a network."""
    return deploying.deploy(lambda: kind(name, {"network": create_network(), **args}))


def create_network() -> network.ClusterNetwork:
    """Creates the network 'net'."""
    return network.ClusterNetwork("net", NETWORK_ARGS)


@functools.cache
def deploy_network() -> deploying.Deployed:
    """Deploys the network 'net', once for all tests that look at it."""
    return deploying.deploy(create_network)


def create_hosts(net: network.ClusterNetwork, role: str, count: int) -> list[container_host.ContainerHost]:
    """Creates hosts named by role and index."""
    return [container_host.ContainerHost(f"{role}-{index}", {"network": net}) for index in range(count)]


def make_existing_hosts(role: str, count: int) -> list[access.ExistingHost]:
    """Gives machines that exist already, reached directly."""
    return [
        access.ExistingHost(host_name=f"{role}-{index}", private_ip=f"10.0.9.{index}", access=SSH)
        for index in range(count)
    ]


def create_cluster() -> swarm_cluster.SwarmCluster:
    """Creates a swarm of one machine that exists already."""
    return swarm_cluster.SwarmCluster("swarm", {"managers": make_existing_hosts("manager", 1)})


def create_registry() -> private_registry.PrivateRegistry:
    """Creates the registry 'registry' on a network of its own."""
    return private_registry.PrivateRegistry("registry", {"network": create_network(), "registry_name": "images"})


def make_service(image: str = "nginx:1.27", **container: Any) -> dict[str, Any]:
    """Gives the spec of a service `shop_web` as the converter gives it."""
    return {"Name": "shop_web", "Labels": {}, "TaskTemplate": {"ContainerSpec": {"Image": image, **container}}}


def make_model(**parts: Any) -> compose.Converted:
    """Gives a converted stack of one service `web`, with further parts."""
    empty: dict[str, Any] = {
        **{key: {} for key in ("networks", "configs", "secrets", "volumes", "builds", "depends_on")},
        "published": [],
        "warnings": [],
        "services": {"web": make_service()},
    }
    return compose.Converted(**{**empty, **parts})


def make_object(name: str, **fields: Any) -> dict[str, Any]:
    """Gives the spec of a config or a secret as the converter gives it."""
    return {"Name": name, "Labels": {"com.docker.stack.namespace": "shop"}, "Data": "b2xk", **fields}
