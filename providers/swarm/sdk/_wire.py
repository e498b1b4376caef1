"""From a program's arguments to what crosses the wire: names in camelCase on top, everything below untouched."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi


def make_inputs(args: Mapping[str, Any], *, secrets: Sequence[str] = ()) -> dict[str, Any]:
    """Gives the input properties; those in `secrets` (wire names) are secret whatever was given.

    Only the first level is renamed: the keys of a `spec` or of labels belong to the engine or to the user.
    """
    inputs = {make_wire_name(key): value for key, value in args.items() if value is not None}
    return {key: pulumi.Output.secret(value) if key in secrets else value for key, value in inputs.items()}


def with_outputs(inputs: Mapping[str, Any], *outputs: str) -> dict[str, Any]:
    """Adds the properties (wire names) that the provider fills in; Pulumi resolves only what is declared."""
    return {**inputs, **dict.fromkeys(outputs)}


def make_wire_name(name: str) -> str:
    """Turns `ca_private_key` into `caPrivateKey`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def get_output(resource: pulumi.Resource, name: str) -> pulumi.Output[Any]:
    """Gives the output that Pulumi put on a resource under a property's wire name."""
    output: pulumi.Output[Any] = resource.__dict__[name]
    return output


def get_whole_number(resource: pulumi.Resource, name: str) -> pulumi.Output[int]:
    """Gives an output as int: on the wire every number is a float."""
    return get_output(resource, name).apply(int)


def keep_secret(opts: pulumi.ResourceOptions | None, *outputs: str) -> pulumi.ResourceOptions:
    """Adds to a resource's own options that these outputs (wire names) are secret, in previews too."""
    ours = pulumi.ResourceOptions(additional_secret_outputs=list(outputs))
    return pulumi.ResourceOptions.merge(opts, ours)
