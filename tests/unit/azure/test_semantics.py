"""What azure-native does not know or gets wrong, held for every environment as it is recorded."""

import base64
import dataclasses
import inspect
import itertools
import pathlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi_azure_native as azure_native
import pytest

from arm import identifiers, registrations, resource_types, user_data
from tests.unit.stacks import environments as deployed

_VM = "azure-native:compute:VirtualMachine"
_GROUP = "azure-native:resources:ResourceGroup"
_INTERFACE = "azure-native:network:NetworkInterface"
_SUBNET = "azure-native:network:Subnet"
_BUDGET = "azure-native:consumption:Budget"
_LOAD_BALANCER = "azure-native:network:LoadBalancer"
# Azure refuses a change of these, or makes a new machine of it; azure-native previews an update (facts 1.4).
_FIXED: Mapping[str, tuple[str, ...]] = {
    _VM: (
        "location",
        "plan",
        "priority",
        "zones",
        "availabilitySet",
        "osProfile.adminUsername",
        "osProfile.computerName",
        "osProfile.customData",
        "osProfile.linuxConfiguration",
        "securityProfile.encryptionAtHost",
        "securityProfile.securityType",
        "storageProfile.imageReference",
        "storageProfile.osDisk.createOption",
        "storageProfile.osDisk.diskSizeGB",
        "storageProfile.osDisk.managedDisk",
    ),
    "azure-native:network:NetworkInterface": ("location", "ipConfigurations.subnet.id"),
    "azure-native:network:PublicIPAddress": ("location", "sku", "zones"),
    "azure-native:network:NatGateway": ("location", "sku", "zones"),
    "azure-native:network:LoadBalancer": ("location", "sku"),
    "azure-native:network:Subnet": ("addressPrefix",),
    "azure-native:compute:AvailabilitySet": (
        "location",
        "sku",
        "platformFaultDomainCount",
        "platformUpdateDomainCount",
    ),
    "azure-native:containerregistry:Registry": ("location", "zoneRedundancy"),
}
_SUBNET_ID = f"{identifiers.make_group_id('shared')}/providers/Microsoft.Network/virtualNetworks/corp/subnets/swarm"
# What hosts stand in; where Azure refuses it for what stays (docs/azure.md says so), that is in the second column.
_PLACES: list[tuple[dict[str, Any], set[str]]] = [
    ({"subnetId": _SUBNET_ID, "hostSubnet": "192.168.7.0/24"}, set()),
    ({"hostSubnet": "10.82.2.0/24"}, {"addressPrefix"}),
    ({"addressSpace": "10.90.0.0/16", "hostSubnet": "10.90.1.0/24"}, {"addressPrefix"}),
    ({"location": "northeurope"}, {"location"}),
]
_CHANGES: list[dict[str, Any]] = [
    {"hostImage": "Debian:debian-13:13-gen2:latest"},
    {"hostImage": "flatcar"},
    {"hostDiskGib": 128},
    {"hostDiskType": "StandardSSD_LRS"},
    {"hostSizes": {"worker-1": "Standard_D4s_v5"}},
    {"zones": [], "availabilitySets": True},
    {"managerSize": "Standard_D8as_v5"},
    {"workerSize": "Standard_D8as_v5"},
    {"jumpSize": "Standard_B2als_v2"},
    {"jumpImage": "debian-13"},
    {"zones": ["3"]},
    {"zones": []},
    {"managers": 5},
    {"workers": 1},
    {"registrySku": "Standard"},
    {"operatorNetworks": ["198.51.100.0/24"]},
    {"protect": False},
    {"encryptionAtHost": False},
    {"applications": []},
]
_EVERY = pytest.mark.parametrize("stack", deployed.JUDGED)


def _list(stack: str, token: str = "") -> list[registrations.Registration]:
    found = registrations.list_of_azure(deployed.deploy_judged(stack).resources)
    return [one for one in found if token in ("", one.token)]


def _list_changed(**changes: Any) -> list[registrations.Registration]:
    return registrations.list_of_azure(deployed.deploy_changed("prod", **changes).resources)


def _by_id(found: list[registrations.Registration], *tokens: str) -> dict[str, registrations.Registration]:
    return {str(identifiers.make_id(one.token, one.inputs)).lower(): one for one in found if one.token in tokens}


def _list_refused(
    before: list[registrations.Registration], after: list[registrations.Registration]
) -> set[tuple[str, str]]:
    """Lists by name what is asked of a resource that stays though Azure cannot change it."""
    old, new = _by_id(before, *_FIXED), _by_id(after, *_FIXED)
    asked = ((old[one], new[one], path) for one in old.keys() & new.keys() for path in _FIXED[new[one].token])
    return {
        (one.name, path)
        for known, one, path in asked
        if path not in one.ignore_changes and _look_up(known.inputs, path) != _look_up(one.inputs, path)
    }


def _look_up(value: Any, path: str) -> Any:
    key, _, rest = path.partition(".")
    if isinstance(value, list):
        return [_look_up(item, path) for item in value]
    found = value.get(key) if isinstance(value, dict) else None
    return _look_up(found, rest) if rest else found


def _find_ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from itertools.chain.from_iterable(_find_ids(item) for item in value.values())
    elif isinstance(value, list):
        yield from itertools.chain.from_iterable(_find_ids(item) for item in value)
    elif isinstance(value, str) and value.startswith(("/subscriptions/", "$self/")):
        yield value


def _user_data(one: registrations.Registration) -> str:
    return base64.b64decode(one.inputs["osProfile"]["customData"], validate=True).decode()


@pytest.mark.parametrize("token", resource_types.TYPES)
def test_the_api_version_is_the_one_that_the_sdk_sends(token: str) -> None:
    module, kind = token.split(":")[1:]
    file = pathlib.Path(inspect.getfile(getattr(getattr(azure_native, module), kind)))

    found = re.findall(r"Uses Azure REST API version ([\w-]+)\.", file.read_text(encoding="utf-8"))
    assert set(found) == {resource_types.TYPES[token].api_version}


@_EVERY
def test_every_type_is_one_that_can_be_judged(stack: str) -> None:
    assert {one.token for one in _list(stack)} <= set(resource_types.TYPES)


@_EVERY
def test_every_name_is_given(stack: str) -> None:
    missing = [
        (one.name, key)
        for one in _list(stack)
        for key in resource_types.TYPES[one.token].name_inputs
        if not one.inputs.get(key)
    ]

    assert missing == []


@_EVERY
def test_no_two_resources_have_one_id(stack: str) -> None:
    ids = [str(identifiers.make_id(one.token, one.inputs)).lower() for one in _list(stack)]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("change", _CHANGES, ids=lambda change: "-".join(change))
def test_what_azure_cannot_change_is_never_asked_of_what_stays(change: dict[str, Any]) -> None:
    assert _list_refused(_list("prod"), _list_changed(**change)) == set()


@pytest.mark.parametrize(("change", "refused"), _PLACES, ids=lambda given: "-".join(given))
def test_hosts_do_not_move_to_another_place(change: dict[str, Any], refused: set[str]) -> None:
    before, after = _list("prod"), _list_changed(**change)

    hosts = (_VM, "azure-native:network:NetworkInterface")
    assert _by_id(before, *hosts).keys() & _by_id(after, *hosts).keys() == set()
    assert {path for _, path in _list_refused(before, after)} == refused


@_EVERY
def test_generations_do_what_lists_of_properties_would(stack: str) -> None:
    assert {one.replace_on_changes for one in _list(stack)} == {()}


@_EVERY
def test_only_what_stays_as_it_was_made_may_differ_from_what_is_asked_for(stack: str) -> None:
    ignored = {
        _BUDGET: ("timePeriod",),
        "azure-native:network:PublicIPAddress": ("zones",),
        "azure-native:containerregistry:Registry": ("zoneRedundancy",),
    }

    assert [one.name for one in _list(stack) if one.ignore_changes != ignored.get(one.token, ())] == []


@_EVERY
def test_no_subnet_leaves_by_azures_default_way(stack: str) -> None:
    found = _list(stack, "azure-native:network:Subnet")

    assert [one.inputs["defaultOutboundAccess"] for one in found] == [False] * len(found) != []


@_EVERY
def test_subnets_and_their_network_do_not_fight(stack: str) -> None:
    found = _list(stack, "azure-native:network:VirtualNetwork")

    assert [one.name for one in found if "subnets" in one.inputs] == []


@_EVERY
def test_rules_and_pools_stand_in_their_resource_only(stack: str) -> None:
    standalone = {"SecurityRule", "LoadBalancerBackendAddressPool", "BackendAddressPoolAddress", "InboundNatRule"}

    assert [one.name for one in _list(stack) if one.token.rpartition(":")[2] in standalone] == []


@_EVERY
def test_pools_hold_interfaces_and_not_addresses(stack: str) -> None:
    pools = [pool for one in _list(stack, _LOAD_BALANCER) for pool in one.inputs["backendAddressPools"]]

    assert pools == [{"name": "hosts"}]


@_EVERY
def test_what_a_load_balancer_says_of_itself_is_there(stack: str) -> None:
    (balancer,) = _list(stack, _LOAD_BALANCER)
    lists = {key: value for key, value in balancer.inputs.items() if isinstance(value, list)}
    parts = {f"$self/{key}/{part['name']}" for key, value in lists.items() for part in value}

    found = {text for text in _find_ids(balancer.inputs) if text.startswith("$self/")}
    assert found - parts == set()
    assert {text.split("/")[1] for text in found} == {"frontendIPConfigurations", "backendAddressPools", "probes"}


def _find_missing_references(found: list[registrations.Registration]) -> list[tuple[str, str]]:
    """Gives what mentions a resource, or a part of it, and does not depend on it; every id begins with the group's."""
    made = {f"{identifiers.make_id(one.token, one.inputs)}/": one.name for one in found if one.token != _GROUP}
    pairs = [(one, f"{text}/") for one in found for text in _find_ids(one.inputs)]
    owners = [(one, [known for known in made if text.startswith(known)]) for one, text in pairs]
    named = {(one.name, made[max(known, key=len)]) for one, known in owners if known}
    return sorted(named - {(one.name, other) for one in found for other in [*one.depends_on, one.name]})


@_EVERY
def test_an_id_is_a_reference_so_that_deletion_goes_the_other_way(stack: str) -> None:
    assert _find_missing_references(_list(stack)) == []


@_EVERY
def test_an_id_without_a_reference_would_be_found(stack: str) -> None:
    bare = [dataclasses.replace(one, depends_on=[]) for one in _list(stack)]

    missing = _find_missing_references(bare)
    assert {one for one, _ in missing} >= {one.name for one in bare if one.token in (_VM, _INTERFACE, _SUBNET)}
    assert {"net-nsg", "net-nat", "net-hosts"} <= {other for _, other in missing}


@_EVERY
def test_destroying_is_one_call_but_for_what_is_protected(stack: str) -> None:
    inside = [one for one in _list(stack) if one.token != _GROUP and not resource_types.TYPES[one.token].scope]

    kept = {one.name for one in inside if one.deleted_with not in ("net-group", "vault")}
    assert kept <= {one.name for one in inside if one.protect}
    assert {one.inputs["resourceGroupName"] for one in inside} == {_list(stack, _GROUP)[0].inputs["resourceGroupName"]}


@_EVERY
def test_what_is_for_another_resource_is_deleted_by_itself_and_before_that(stack: str) -> None:
    found = [(one, resource_types.TYPES[one.token].scope) for one in _list(stack)]
    ids = {identifiers.make_id(one.token, one.inputs): one.name for one, _ in found}

    extensions = [(one, one.inputs[scope]) for one, scope in found if scope]
    assert [one.name for one, scope in extensions if one.deleted_with or ids[scope] not in one.depends_on] == []


@_EVERY
def test_a_disk_goes_with_its_machine(stack: str) -> None:
    found = _list(stack, _VM)

    assert {_look_up(one.inputs, "storageProfile.osDisk.deleteOption") for one in found} == {"Delete"}


@_EVERY
def test_every_address_is_standard_and_static(stack: str) -> None:
    found = _list(stack, "azure-native:network:PublicIPAddress")

    kinds = {(one.inputs["sku"]["name"], one.inputs["publicIPAllocationMethod"]) for one in found}
    assert kinds == {("Standard", "Static")}


@_EVERY
def test_a_machine_has_one_zone_or_none(stack: str) -> None:
    zones = [one.inputs.get("zones", []) for one in _list(stack, _VM)]

    assert max(len(one) for one in zones) <= 1


@_EVERY
def test_user_data_fits_and_is_what_cloud_init_or_ignition_reads(stack: str) -> None:
    texts = [_user_data(one) for one in _list(stack, _VM)]

    assert max(len(text.encode()) for text in texts) <= 65_535
    assert all(text.startswith(("#cloud-config\n", '{"ignition": ')) for text in texts)


@_EVERY
def test_the_only_secret_in_user_data_is_the_hosts_own_key(stack: str) -> None:
    secrets = ("ca-private", "operator-private", "pass-word", "token-", "SWMTKN", "private-")
    texts = {one.name: _user_data(one).replace(f"private-{one.name}-identity", "") for one in _list(stack, _VM)}

    assert [(name, secret) for name, text in texts.items() for secret in secrets if secret in text] == []


@_EVERY
def test_user_data_differs_between_hosts_of_a_kind_by_keys_and_name_alone(stack: str) -> None:
    hosts = [one.inputs["osProfile"] for one in _list(stack, _VM) if "net-jump" not in one.name]

    assert len({user_data.without_identity(one["customData"]) for one in hosts}) == 1


@_EVERY
def test_the_keys_of_a_host_are_secret(stack: str) -> None:
    assert [one.name for one in _list(stack, _VM) if "osProfile" not in one.secrets] == []
