"""Network, Config and Secret: the swarm's objects beside services."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from providers.swarm.sdk import _wire


class NetworkArgs(TypedDict):
    """What a `Network` takes; every change makes a new network."""

    name: pulumi.Input[str]
    """The network's name."""
    spec: pulumi.Input[Mapping[str, Any]]
    """Engine API NetworkCreate without Name."""


class Network(pulumi.CustomResource):
    """A network of the swarm."""

    network_id: pulumi.Output[str]
    object_name: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = _wire.with_outputs(_wire.make_inputs(args), "networkId", "objectName")
        super().__init__("swarm:index:Network", name, inputs, opts)
        self.network_id = _wire.get_output(self, "networkId")
        self.object_name = _wire.get_output(self, "objectName")


class ConfigArgs(TypedDict):
    """What a `Config` takes; all but the labels make a new object."""

    name: pulumi.Input[str]
    """The name without the hash of the content."""
    data: pulumi.Input[str]
    """The content in base64."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The labels; default none."""
    templating: NotRequired[pulumi.Input[Mapping[str, Any]]]
    """Engine API Driver that expands templates in the content; default none."""


class Config(pulumi.CustomResource):
    """A config of the swarm, named by its content; the name is known in previews."""

    config_id: pulumi.Output[str]
    object_name: pulumi.Output[str]

    def __init__(self, name: str, args: ConfigArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = _wire.with_outputs(_wire.make_inputs(args), "configId", "objectName")
        super().__init__("swarm:index:Config", name, inputs, opts)
        self.config_id = _wire.get_output(self, "configId")
        self.object_name = _wire.get_output(self, "objectName")


class SecretArgs(TypedDict):
    """What a `Secret` takes; all but the labels make a new object."""

    name: pulumi.Input[str]
    """The name without the hash of the content."""
    data: NotRequired[pulumi.Input[str]]
    """The content in base64, always a secret; default empty, for content that a driver holds."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The labels; default none."""
    templating: NotRequired[pulumi.Input[Mapping[str, Any]]]
    """Engine API Driver that expands templates in the content; default none."""
    driver: NotRequired[pulumi.Input[Mapping[str, Any]]]
    """Engine API Driver that holds the content; default the swarm itself."""


class Secret(pulumi.CustomResource):
    """A secret of the swarm, named by its content; the name is known in previews and is no secret."""

    secret_id: pulumi.Output[str]
    object_name: pulumi.Output[str]

    def __init__(self, name: str, args: SecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = _wire.with_outputs(_wire.make_inputs(args, secrets=["data"]), "secretId", "objectName")
        super().__init__("swarm:index:Secret", name, inputs, opts)
        self.secret_id = _wire.get_output(self, "secretId")
        self.object_name = _wire.get_output(self, "objectName")
