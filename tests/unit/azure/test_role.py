"""The custom role of docs/azure.md: what the program does on Azure, and no more."""

import json
import re

import pytest

from arm import identifiers, resource_types
from components import images
from tools import environments

# What refers to another resource needs the right to join it.
_JOINED = (
    "Microsoft.Network/loadBalancers/backendAddressPools",
    "Microsoft.Network/natGateways",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/publicIPAddresses",
    "Microsoft.Network/virtualNetworks/subnets",
)
# The resource manager has no such action; the secret goes with its vault.
_GOES_WITH_ITS_VAULT = "Microsoft.KeyVault/vaults/secrets/delete"
_DEPLOYMENTS = "Microsoft.Resources/deployments"
_OTHER_GROUP = identifiers.make_group_id("shared")
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
# Of a component that the program does not use; docs/azure.md names the rights that it takes besides.
_NOT_OF_THE_PROGRAM = "azure-native:resources:DeploymentStackAtResourceGroup"


def _read_actions() -> list[str]:
    role = json.loads((environments.ROOT / "docs/azure-role.json").read_text(encoding="utf-8"))
    actions: list[str] = role["Actions"]
    return actions


def _list_kinds() -> set[str]:
    known = [one for token, one in resource_types.TYPES.items() if token != _NOT_OF_THE_PROGRAM]
    return {one.arm_type if one.path else _GROUPS for one in known}


def test_the_role_makes_reads_and_deletes_every_type() -> None:
    kinds = _list_kinds()
    needed = {f"{kind}/{verb}" for kind in kinds for verb in ("read", "write", "delete")}

    assert needed - set(_read_actions()) == {_GOES_WITH_ITS_VAULT}


def test_the_role_joins_what_is_referred_to() -> None:
    assert {f"{kind}/join/action" for kind in _JOINED} - set(_read_actions()) == set()


def test_the_role_deploys_a_template() -> None:
    verbs = ("read", "write", "validate/action", "operationStatuses/read", "operations/read", "whatIf/action")

    assert {f"{_DEPLOYMENTS}/{verb}" for verb in verbs} - set(_read_actions()) == set()


@pytest.mark.parametrize(
    "image",
    [
        f"{_OTHER_GROUP}/providers/Microsoft.Compute/images/host",
        f"{_OTHER_GROUP}/providers/Microsoft.Compute/galleries/ours/images/host",
        f"{_OTHER_GROUP}/providers/Microsoft.Compute/galleries/ours/images/host/versions/1.0.0",
    ],
)
def test_the_role_reads_every_kind_of_image_that_has_an_id_in_a_group(image: str) -> None:
    known = identifiers.parse_id(image)

    assert images.find_image(image) is not None
    assert known is not None
    assert f"{known[0]}/read" in _read_actions()


def test_the_role_follows_what_takes_long() -> None:
    # Where Azure's answer to a long change says that its end is to be asked for.
    polled = (
        "Microsoft.Compute/locations/operations",
        "Microsoft.ContainerRegistry/locations/operationResults",
        "Microsoft.ContainerRegistry/registries/operationStatuses",
        "Microsoft.Network/locations/operationResults",
        "Microsoft.Network/locations/operations",
        "Microsoft.OperationalInsights/locations/operationStatuses",
        "Microsoft.Resources/subscriptions/operationresults",
    )

    assert {f"{kind}/read" for kind in polled} - set(_read_actions()) == set()


def test_every_provider_of_the_program_is_registered_in_the_first_hour() -> None:
    guide = (environments.ROOT / "docs/azure.md").read_text(encoding="utf-8")
    (registered,) = re.findall(r"for provider in (.+?); do az provider register", guide)
    providers = {known.arm_type.partition("/")[0] for known in resource_types.TYPES.values()}

    # These two are registered in every subscription; offers with a plan need the marketplace's.
    always = {"Microsoft.Resources", "Microsoft.Authorization"}
    needed = {*providers - always, "Microsoft.MarketplaceOrdering"}
    assert {f"Microsoft.{one}" for one in registered.split()} == needed


def test_the_role_deletes_and_writes_nothing_else_but_disks_of_machines_and_deployments() -> None:
    kinds = _list_kinds()
    changed = {action.rpartition("/")[0] for action in _read_actions() if action.endswith(("/write", "/delete"))}

    assert changed - kinds == {"Microsoft.Compute/disks", _DEPLOYMENTS}


def test_the_role_has_no_wildcard_and_assigns_no_roles() -> None:
    actions = _read_actions()

    assert [one for one in actions if "*" in one or "Authorization/role" in one] == []
    assert actions == sorted(set(actions))
