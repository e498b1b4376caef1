"""Where applications run: as services of a swarm, or as containers on one host without one."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Protocol

import pulumi

from components import access, compose_host, compose_stack, private_registry, swarm_cluster
from providers.swarm import sdk

_ROLE = "host"


class Stack(Protocol):
    """An application that was placed."""

    images: dict[str, pulumi.Output[str]]
    """Every service's image."""
    ports: list[tuple[str, int]]
    """The published TCP ports, each with the name of its service."""


@dataclasses.dataclass(frozen=True)
class Placed:
    """What outputs tell of the target: nodes as name, role, privateIp and zone, and the applications by name."""

    nodes: Sequence[swarm_cluster.Member]
    stacks: Mapping[str, Stack]


def place_on_swarm(
    cluster: swarm_cluster.SwarmCluster,
    registry: private_registry.PrivateRegistry,
    files: Mapping[str, compose_stack.ComposeFiles],
) -> Placed:
    """Creates the services of every application."""
    stacks = {
        name: compose_stack.ComposeStack(
            name, {"cluster": cluster, "model": read.model, "registry": registry, "secrets": draw_secrets(name, read)}
        )
        for name, read in files.items()
    }
    return Placed(cluster.members, stacks)


def place_on_host(
    host: access.Host,
    registry: private_registry.PrivateRegistry,
    files: Mapping[str, compose_stack.ComposeFiles],
) -> Placed:
    """Creates the containers of every application."""
    stacks = {
        name: compose_host.ComposeHost(
            name, {"host": host, "model": read.model, "registry": registry, "secrets": draw_secrets(name, read)}
        )
        for name, read in files.items()
    }
    return Placed([swarm_cluster.describe_member(host, _ROLE)], stacks)


def draw_secrets(name: str, read: compose_stack.ComposeFiles) -> dict[str, pulumi.Output[str]]:
    """Draws a value for each secret whose file shows only a shape: an example must never become a password."""
    return {key: sdk.RandomToken(f"{name}-{key}", {"length": 32}).value for key in sorted(read.example_secrets)}
