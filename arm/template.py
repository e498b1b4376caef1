"""The Azure part of a record as an ARM template, for a resource group that exists; no secret stands in it."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from arm import bodies, deployer, expressions, registrations, resource_types, user_data

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_GROUP = "azure-native:resources:ResourceGroup"
_SECURE = "securestring"
# How a shell gives what a template asks for.
_GIVEN = {
    expressions.OPERATOR_KEY: '"$(cat ~/.ssh/id_ed25519.pub)"',
    deployer.NETWORKS: '"[\\"$(curl -s https://ifconfig.me)/32\\"]"',
}
# What a template tells of its resources, by type: the end of the output's name, and where the value stands.
_OUTPUTS = {
    "azure-native:network:PublicIPAddress": ("Address", "ipAddress"),
    "azure-native:network:NetworkInterface": ("Address", "ipConfigurations[0].properties.privateIPAddress"),
    "azure-native:containerregistry:Registry": ("Server", "loginServer"),
}


def make_template(recorded: Sequence[registrations.Registration]) -> dict[str, Any]:
    """Gives the template. Raises `UncoveredTypeError` for a type whose form on Azure is not known here."""
    found = list_resources(recorded)
    names = expressions.Names(found)
    machines = [one for one in found if one.token == resource_types.MACHINE]
    texts = {one.name: user_data.without_identity(_custom_data(one)) for one in machines}
    # Hosts of one kind share a text.
    variables = {text: f"userData{index}" for index, text in enumerate(dict.fromkeys(texts.values()), start=1)}
    given = {**_SHARED, **deployer.make_parameters(found)}
    return {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {**given, **_make_name_parameters(found, names), **_make_secrets(texts), **_make_kept(found)},
        "variables": {name: expressions.escape(text) for text, name in variables.items()},
        "resources": [_make_resource(one, found, names, variables.get(texts.get(one.name, ""))) for one in found],
        "outputs": dict(_make_output(one, names) for one in found if one.token in _OUTPUTS),
    }


def print_template(recorded: Sequence[registrations.Registration]) -> str:
    """Gives the template's JSON."""
    return json.dumps(make_template(recorded), indent=2) + "\n"


def make_commands(recorded: Sequence[registrations.Registration], file: str) -> list[str]:
    """Gives the command lines that deploy a template: the group, which no template of a group can hold, comes first.

    They give every parameter without a default. Secrets come from a file, since others see a command line.
    """
    group = next(one.inputs for one in recorded if one.token == _GROUP)
    name = group["resourceGroupName"]
    asked = {key: one for key, one in make_template(recorded)["parameters"].items() if "defaultValue" not in one}
    secure = {key: {"value": "..."} for key, one in asked.items() if one["type"] == _SECURE}
    secure_file = f"{file.removesuffix('.json')}.secure.json"
    words = [*(f"{key}={_GIVEN[key]}" for key in asked if key not in secure), *([f"@{secure_file}"] if secure else [])]
    return [
        *([f"# Write {secure_file}, with mode 600: {json.dumps(secure)}"] if secure else []),
        f"az group create --name {name} --location {group['location']}",
        f"az deployment group create --resource-group {name} --template-file {file} --parameters {' '.join(words)}",
    ]


def list_resources(recorded: Sequence[registrations.Registration]) -> list[registrations.Registration]:
    """Lists what stands in a template, without generations: a template makes hosts, it does not replace them."""
    machines = {one.name: one.name.rpartition("-")[0] for one in recorded if one.token == resource_types.MACHINE}
    inside = [one for one in registrations.list_of_azure(recorded) if one.token != _GROUP]
    for one in inside:
        bodies.find_type(one.token)
    return [registrations.rename(one, machines) for one in inside]


def _custom_data(one: registrations.Registration) -> str:
    return str(one.inputs["osProfile"]["customData"])


_SHARED = {
    expressions.LOCATION: expressions.declare("The region of everything.", "[resourceGroup().location]"),
    expressions.OPERATOR_KEY: expressions.declare("The SSH public key of those who may log in to the hosts."),
}


def _make_name_parameters(found: Sequence[registrations.Registration], names: expressions.Names) -> dict[str, Any]:
    made = {}
    for one in found:
        known = bodies.find_type(one.token)
        default = deployer.make_unique_name(one) or get_own_name(one)
        made[names.get_parameter(one)] = expressions.declare(f"The name of a {known.arm_type}.", default)
    return made


def get_own_name(one: registrations.Registration) -> str:
    """Gives the name that a resource has on Azure, without its parent's."""
    return str(one.inputs[bodies.find_type(one.token).name_inputs[-1]])


def _make_secrets(machines: Iterable[str]) -> dict[str, Any]:
    sentence = "User-data of {} in base64, with a host key that you know; when empty, the host makes its own keys."
    return {
        expressions.make_parameter_name(name, "UserData"): expressions.declare(sentence.format(name), "", _SECURE)
        for name in sorted(machines)
    }


def _make_kept(found: Iterable[registrations.Registration]) -> dict[str, Any]:
    """Gives the parameters of what a key vault keeps; they have no default."""
    kept = [one for one in found if one.token == expressions.VAULT_SECRET]
    sentence = "What the key vault keeps as {}."
    return {
        expressions.make_secret_parameter(one): expressions.declare(sentence.format(get_own_name(one)), kind=_SECURE)
        for one in kept
    }


def _make_resource(
    one: registrations.Registration,
    found: Sequence[registrations.Registration],
    names: expressions.Names,
    variable: str | None,
) -> dict[str, Any]:
    known = bodies.find_type(one.token)
    before = sorted(f"[{names.make_own_reference(other)}]" for other in found if _comes_before(other, one))
    body = expressions.Converter(one, names, variable).convert(bodies.make_body(one))
    return {
        "type": known.arm_type,
        "apiVersion": known.api_version,
        "name": f"[{names.make_own_name(one)}]",
        **names.make_scope(one),
        **({"dependsOn": before} if before else {}),
        **deployer.adapt(one.token, body, deployer.find_operator_rule(found)),
    }


def _comes_before(other: registrations.Registration, one: registrations.Registration) -> bool:
    return other is not one and other.name in one.depends_on


def _make_output(one: registrations.Registration, names: expressions.Names) -> tuple[str, dict[str, str]]:
    ending, path = _OUTPUTS[one.token]
    value = f"[reference({names.make_own_reference(one)}).{path}]"
    return expressions.make_parameter_name(one.name, ending), {"type": "string", "value": value}
