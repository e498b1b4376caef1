"""An ARM template that exists already, inside a stack: what it makes goes away with a resource group of its own."""

import json
import pathlib
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_azure_native.resources as resources

from components import checks, errors, inputs, naming, network


class ArmTemplateArgs(TypedDict):
    """What an `ArmTemplate` takes."""

    network: "network.ClusterNetwork"
    """The network in whose region its resource group is."""
    file: str
    """The path of the template's JSON, relative to the project."""
    parameters: NotRequired[Mapping[str, pulumi.Input[Any]]]
    """Values of the template's parameters; those without a default must be here."""
    group_name: NotRequired[str]
    """The name of its resource group; default: derived from project, stack and logical name."""
    protect: NotRequired[bool]
    """Whether the group, and with it what the template made, is protected from `destroy`; default no."""


class ArmTemplate(pulumi.ComponentResource):
    """A deployment stack of Azure's in a group of its own.

    The stack deletes what a newer template makes no more. When it goes itself, azure-native says nothing of what it
    made, which then stays (`unmanageAction` is a query that only the request itself could have): so it goes with its
    group. What a template scopes outside of that group stays all the same.
    """

    outputs: pulumi.Output[dict[str, Any]]

    def __init__(self, name: str, args: ArmTemplateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        who = f"ArmTemplate '{name}'"
        inputs.check_keys(who, args, ArmTemplateArgs)
        _check(who, name, args)
        template = read_template(who, args["file"])
        given = args.get("parameters", {})
        check_parameters(who, template, given)
        super().__init__("azure-swarm:components:ArmTemplate", name, {"file": args["file"]}, opts)
        group = self._create_group(name, args)
        protect = args.get("protect", False)
        deployment = resources.DeploymentStackAtResourceGroup(
            name,
            resource_group_name=group.name,
            deployment_stack_name=name,
            template=template,
            parameters={key: {"value": value} for key, value in given.items()},
            action_on_unmanage={"resources": "delete", "resource_groups": "detach", "management_groups": "detach"},
            # Whatever is denied is denied to Pulumi too, which deletes the group.
            deny_settings={"mode": "none"},
            # What is protected must not go with its group in silence either.
            opts=pulumi.ResourceOptions(parent=self, protect=protect, deleted_with=None if protect else group),
        )
        self.outputs = deployment.outputs.apply(make_outputs)
        self.register_outputs({"outputs": self.outputs})

    def _create_group(self, name: str, args: ArmTemplateArgs) -> resources.ResourceGroup:
        return resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=args.get("group_name") or naming.make_group_name(name),
            location=args["network"].place.location,
            opts=pulumi.ResourceOptions(parent=self, protect=args.get("protect", False)),
        )


def _check(who: str, name: str, args: ArmTemplateArgs) -> None:
    inputs.refuse(who, "name", name, checks.expected_host_name(name))
    inputs.check_kind(who, "network", args["network"], network.ClusterNetwork, "a ClusterNetwork")
    if "group_name" in args:
        inputs.refuse(who, "group_name", args["group_name"], checks.expected_group_name(args["group_name"]))
    protect = args.get("protect", False)
    inputs.refuse(who, "protect", protect, checks.expected_flag(protect))


def read_template(who: str, file: object) -> dict[str, Any]:
    """Reads a template. Raises an `InputError` for what is none."""
    expected = "the path of an ARM template in JSON"
    if not isinstance(file, str) or not pathlib.Path(file).is_file():
        raise errors.InputError(who, "file", expected, file)
    try:
        template = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
    except ValueError as error:
        raise errors.InputError(who, "file", expected, file) from error
    fits = isinstance(template, dict) and "deploymentTemplate.json" in str(template.get("$schema"))
    inputs.refuse(who, "file", file, None if fits else expected)
    return dict(template)


def check_parameters(who: str, template: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuses parameters that the template does not have, and the absence of those without a default."""
    declared: Mapping[str, Mapping[str, Any]] = template.get("parameters") or {}
    for key in sorted(set(given) - set(declared)):
        raise errors.InputError(who, "every parameter", f"one of {', '.join(sorted(declared)) or 'none'}", key)
    for key in sorted(set(declared) - set(given)):
        inputs.refuse(who, f"parameter {key}", None, None if "defaultValue" in declared[key] else "given")


def make_outputs(told: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Any]:
    """Gives the values of a deployment's outputs, which ARM tells with their types."""
    return {key: entry.get("value") for key, entry in (told or {}).items()}
