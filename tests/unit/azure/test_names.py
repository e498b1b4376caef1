"""Names are valid on Azure whatever project and stack are called, and as long as components let them be."""

import random
import re
import string

import pytest

from arm import registrations, resource_types
from components import checks, naming
from tests.unit.stacks import environments as deployed

# What Pulumi takes in the name of a project or a stack, up to a hundred characters.
_ALPHABETS = (
    string.ascii_lowercase,
    string.ascii_letters + string.digits,
    string.digits,
    "-._",
    string.ascii_letters + string.digits + "-._",
)
_LENGTHS = (1, 2, 3, 24, 50, 90, 100)
# From Microsoft's "Naming rules and restrictions for Azure resources", by the input that holds the name.
_NETWORK_NAME = r"[a-zA-Z0-9]([\w.-]{0,78}\w)?"
_VAULT_NAME = r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]"
_RULES = {
    "resourceGroupName": r"[\w.()-]{0,89}[\w()-]",
    "virtualNetworkName": r"[a-zA-Z0-9]([\w.-]{0,62}\w)",
    "subnetName": _NETWORK_NAME,
    "networkSecurityGroupName": _NETWORK_NAME,
    "publicIpAddressName": _NETWORK_NAME,
    "natGatewayName": _NETWORK_NAME,
    "loadBalancerName": _NETWORK_NAME,
    "networkInterfaceName": _NETWORK_NAME,
    "vmName": r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,62}[a-zA-Z0-9])?",
    "registryName": r"[a-zA-Z0-9]{5,50}",
    "bastionHostName": _NETWORK_NAME,
    "availabilitySetName": _NETWORK_NAME,
    "vaultName": _VAULT_NAME,
    "secretName": r"[a-zA-Z0-9-]{1,127}",
    "workspaceName": r"[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]",
    "lockName": r"[\w.()-]{0,89}[\w()-]",
    "budgetName": r"[\w-]{1,63}",
    "deploymentStackName": r"[\w.()-]{1,90}",
    # A diagnostic setting's.
    "name": r"[^<>*%&:\\?+/]{0,259}[^<>*%&:\\?+/ .]",
}
_GROUP_NAME = "resourceGroupName"
# Of `ArmTemplate`: nothing that is judged uses it.
_NOT_OF_THE_PROGRAM = "deploymentStackName"
_LONGEST_ENDING = len("-123456") + len("-nic")


def _draw(seed: int) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices(chance.choice(_ALPHABETS), k=chance.choice(_LENGTHS))) for _ in range(3)]


@pytest.mark.parametrize("seed", range(300))
def test_every_derived_name_is_one_that_azure_takes(seed: int) -> None:
    organization, project, stack = _draw(seed)

    assert re.fullmatch(_RULES["resourceGroupName"], naming.derive_group_name(project, stack, "net"))
    assert re.fullmatch(_RULES["registryName"], naming.derive_name("cr", [organization, project, stack, "registry"]))
    vault = naming.derive_name("kv", [organization, project, stack, "vault"], naming.READABLE_OF_VAULT)
    assert re.fullmatch(_VAULT_NAME, vault)


def test_no_two_environments_share_a_name() -> None:
    drawn = {tuple(_draw(seed)[1:]) for seed in range(2000)}

    groups = {naming.derive_group_name(project, stack, "net").lower() for project, stack in drawn}
    registries = {naming.derive_name("cr", ["o", project, stack, "registry"]) for project, stack in drawn}
    assert len(groups) == len(registries) == len(drawn)


def _list_names(judged: str) -> set[tuple[str, str]]:
    """Gives the names of every type, each with the input that holds it."""
    found = registrations.list_of_azure(deployed.deploy_judged(judged).resources)
    keys = [(one, [_GROUP_NAME, *resource_types.TYPES[one.token].name_inputs]) for one in found]
    return {(key, str(one.inputs[key])) for one, names in keys for key in names if key in one.inputs}


def test_every_input_that_holds_a_name_has_a_rule() -> None:
    inputs = {key for known in resource_types.TYPES.values() for key in known.name_inputs}

    assert inputs | {_GROUP_NAME} == set(_RULES)


@pytest.mark.parametrize("judged", deployed.JUDGED)
def test_every_name_of_an_environment_is_one_that_azure_takes(judged: str) -> None:
    names = _list_names(judged)

    assert [(key, name) for key, name in sorted(names) if not re.fullmatch(_RULES[key], name)] == []


def test_what_is_judged_has_a_name_of_every_kind() -> None:
    assert {key for judged in deployed.JUDGED for key, _ in _list_names(judged)} == set(_RULES) - {_NOT_OF_THE_PROGRAM}


def test_the_longest_host_leaves_room_for_what_its_resources_end_in() -> None:
    longest = "h" * checks.LONGEST_HOST_NAME

    assert checks.expected_host_name(longest) is None
    assert checks.expected_host_name(f"{longest}h") is not None
    # A computer name on Linux has at most 64 characters, a DNS label 63.
    assert len(longest) + _LONGEST_ENDING < 63
