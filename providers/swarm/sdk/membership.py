"""HostReady, Swarm and SwarmNode: from a host that boots to a member of the swarm."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from providers.swarm.sdk import _wire


class HostReadyArgs(TypedDict):
    """What a `HostReady` takes."""

    host: pulumi.Input[str]
    """The host's name; a change waits for another host."""
    timeout_seconds: NotRequired[pulumi.Input[int]]
    """How long to wait for SSH, cloud-init and the engine together; default 900. `custom_timeouts` take its place."""


class HostReady(pulumi.CustomResource):
    """Waits until a host has booted; it fails with the host's own cloud-init errors."""

    engine_version: pulumi.Output[str]
    cpus: pulumi.Output[int]
    memory_bytes: pulumi.Output[int]

    def __init__(self, name: str, args: HostReadyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = _wire.with_outputs(_wire.make_inputs(args), "engineVersion", "cpus", "memoryBytes")
        super().__init__("swarm:index:HostReady", name, inputs, opts)
        self.engine_version = _wire.get_output(self, "engineVersion")
        self.cpus = _wire.get_whole_number(self, "cpus")
        self.memory_bytes = _wire.get_whole_number(self, "memoryBytes")


class SwarmArgs(TypedDict):
    """What a `Swarm` takes."""

    managers: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The managers' host names; a new swarm begins on the first."""
    autolock: NotRequired[pulumi.Input[bool]]
    """Whether managers need a key to start again; default no."""
    task_history_limit: NotRequired[pulumi.Input[int]]
    """How many old tasks are kept for each slot; default 5."""
    token_rotation: NotRequired[pulumi.Input[str]]
    """Any text; a change of it makes new join tokens. Default empty."""


class Swarm(pulumi.CustomResource):
    """A Docker swarm: begun on the first manager, or adopted where one of the managers is in one already."""

    swarm_id: pulumi.Output[str]
    address_book: pulumi.Output[Sequence[str]]

    def __init__(self, name: str, args: SwarmArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = _wire.with_outputs(_wire.make_inputs(args), "swarmId", "addressBook")
        super().__init__("swarm:index:Swarm", name, inputs, opts)
        self.swarm_id = _wire.get_output(self, "swarmId")
        self.address_book = _wire.get_output(self, "addressBook")


class SwarmNodeArgs(TypedDict):
    """What a `SwarmNode` takes."""

    host: pulumi.Input[str]
    """The host's name; a change is another node."""
    role: pulumi.Input[str]
    """worker or manager; changed in place."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The node's labels; default none."""
    availability: NotRequired[pulumi.Input[str]]
    """active, pause or drain; default active."""
    drain_seconds: NotRequired[pulumi.Input[int]]
    """How long a load balancer may still send after the host's no; default 0, there is none."""
    timeout_seconds: NotRequired[pulumi.Input[int]]
    """How long each step may take; default 180. `custom_timeouts` of the resource take its place, and are the time of a
    step too, not of the whole operation: a host that joins or leaves takes several steps."""


class SwarmNode(pulumi.CustomResource):
    """A host's membership: joined drained, labelled, activated; left without a lost request or a lost quorum."""

    node_id: pulumi.Output[str]
    address: pulumi.Output[str]

    def __init__(self, name: str, args: SwarmNodeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = _wire.with_outputs(_wire.make_inputs(args), "nodeId", "address")
        super().__init__("swarm:index:SwarmNode", name, inputs, opts)
        self.node_id = _wire.get_output(self, "nodeId")
        self.address = _wire.get_output(self, "address")
