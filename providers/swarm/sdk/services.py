"""Service: containers on the swarm."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from providers.swarm.sdk import _wire


class ServiceArgs(TypedDict):
    """What a `Service` takes."""

    name: pulumi.Input[str]
    """The service's name; a change makes a new service."""
    spec: pulumi.Input[Mapping[str, Any]]
    """Engine API ServiceSpec without Name; only another kind of mode makes a new service."""
    registry_auth: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """username, password and serveraddress of the registry, always a secret; default none. No task restarts for it."""
    timeout_seconds: NotRequired[pulumi.Input[int]]
    """How long to wait for the tasks; default 600. `custom_timeouts` of the resource take its place, and are the time
    of this wait, not of the whole operation."""


class Service(pulumi.CustomResource):
    """A service of the swarm; it is done when every task runs what was asked for."""

    service_id: pulumi.Output[str]

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = _wire.with_outputs(_wire.make_inputs(args, secrets=["registryAuth"]), "serviceId")
        super().__init__("swarm:index:Service", name, inputs, opts)
        self.service_id = _wire.get_output(self, "serviceId")
