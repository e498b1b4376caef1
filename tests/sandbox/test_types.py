"""Every covered type with its body: created, refused, updated in place, read after a loss, deleted."""

import pathlib
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox import home
from tests.sandbox import docker, web
from tests.sandbox.azure import Azure, Made, code_of, make_balancing_rule, make_rule, run_sandbox

RULE = make_rule(100, "Internet", 22)
TYPES = (
    "ResourceGroup", "VirtualNetwork", "NetworkSecurityGroup", "NatGateway", "Subnet", "PublicIPAddress",
    "LoadBalancer", "NetworkInterface", "VirtualMachine", "Registry",
)  # fmt: skip


def create_all(azure: Azure) -> dict[str, Made]:
    """Creates one of each type, each after what it refers to."""
    made = {"ResourceGroup": azure.create_group(), "VirtualNetwork": azure.create_network()}
    made["NetworkSecurityGroup"] = azure.create_security_group(RULE)
    made["NatGateway"] = azure.create_way_out()
    made["Subnet"] = azure.create_subnet(natGateway={"id": made["NatGateway"].id})
    made["PublicIPAddress"] = azure.create_address("front")
    made["LoadBalancer"] = azure.create("LoadBalancer", azure.balancer_inputs(made["PublicIPAddress"], 80))
    machine = azure.create_machine("vm", web.make_user_data())
    made["NetworkInterface"], made["VirtualMachine"] = machine.interface, machine.resource
    made["Registry"] = azure.create("Registry", azure.registry_inputs("images"))
    return made


@pytest.fixture(scope="module")
def world(azure: Azure) -> dict[str, Made]:
    return create_all(azure)


@pytest.mark.parametrize("name", TYPES)
def test_what_is_created_has_azures_id_and_reads_as_it_was_put(azure: Azure, world: dict[str, Made], name: str) -> None:
    made = world[name]

    assert made.id.startswith(f"/subscriptions/{home.SUBSCRIPTION}/resourceGroups/rg")
    assert azure.read(made) == made.state
    assert azure.diff(made).changes == provider_pb2.DiffResponse.DIFF_NONE


@pytest.mark.parametrize("name", TYPES)
def test_what_is_there_is_not_created_again(azure: Azure, world: dict[str, Made], name: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        azure.create(name, world[name].inputs)

    assert caught.value.details() == f"cannot create already existing resource '{world[name].id}'"


def with_mixed_up_pool(azure: Azure) -> dict[str, Any]:
    rule = {**make_balancing_rule(80), "backendAddressPool": {"id": "$self/backendAddressPools/nowhere"}}
    return {"loadBalancingRules": [rule]}


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        (
            "VirtualNetwork",
            lambda _: {"addressSpace": {"addressPrefixes": ["10.123.1.1/8"]}},
            "InvalidAddressPrefixFormat",
        ),
        ("Subnet", lambda azure: {"addressPrefix": azure.outside_prefix}, "NetcfgInvalidSubnet"),
        ("Subnet", lambda azure: {"addressPrefix": azure.prefix.replace("/25", "/26")}, "InUsePrefixCannotBeDeleted"),
        ("NetworkSecurityGroup", lambda _: {"securityRules": [RULE, {**RULE, "name": "b"}]}, "SecurityRuleConflict"),
        ("NatGateway", lambda azure: {"publicIpAddresses": [{"id": azure.id_of("none")}]}, "InvalidResourceReference"),
        (
            "PublicIPAddress",
            lambda _: {"publicIPAllocationMethod": "Dynamic"},
            "StandardSkuPublicIPAddressesMustBeStatic",
        ),
        ("LoadBalancer", with_mixed_up_pool, "InvalidResourceReference"),
        (
            "NetworkInterface",
            lambda azure: {"ipConfigurations": [{"name": "primary", "subnet": {"id": azure.id_of("none")}}]},
            "InvalidResourceReference",
        ),
        ("VirtualMachine", lambda _: {"hardwareProfile": {"vmSize": "huge"}}, "InvalidParameter"),
        ("VirtualMachine", lambda _: {"zones": ["2"]}, "PropertyChangeNotAllowed"),
        ("Registry", lambda _: {"sku": {"name": "Huge"}}, "InvalidSku"),
    ],
)
def test_what_azure_refuses_is_refused_with_its_code(
    azure: Azure, world: dict[str, Made], name: str, change: Callable[[Azure], dict[str, Any]], code: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        azure.update(world[name], **change(azure))

    assert code_of(caught) == code
    assert azure.read(world[name]) == world[name].state


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("VirtualNetwork", "InUseSubnetCannotBeDeleted"),
        ("Subnet", "InUseSubnetCannotBeDeleted"),
        ("NatGateway", "InUseNatGatewayCannotBeDeleted"),
        ("NetworkSecurityGroup", "InUseNetworkSecurityGroupCannotBeDeleted"),
        ("PublicIPAddress", "PublicIPAddressCannotBeDeleted"),
        ("NetworkInterface", "NicInUse"),
    ],
)
def test_what_is_in_use_is_not_deleted(azure: Azure, world: dict[str, Made], name: str, code: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        azure.delete(world[name])

    assert code_of(caught) == code
    assert azure.read(world[name]) == world[name].state


def test_nothing_is_made_in_a_group_that_is_not_there(azure: Azure) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        azure.create("Registry", {**azure.registry_inputs("others"), "resourceGroupName": "other"})

    assert code_of(caught) == "ResourceGroupNotFound"


TAGS = {"tags": {"owner": "me"}}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ResourceGroup", lambda _: TAGS),
        ("VirtualNetwork", lambda azure: {"addressSpace": {"addressPrefixes": [azure.prefix, "10.123.255.0/24"]}}),
        ("NetworkSecurityGroup", lambda _: {"securityRules": [RULE, make_rule(110, "Internet", 80)]}),
        ("NatGateway", lambda _: {"idleTimeoutInMinutes": 10}),
        ("Subnet", lambda _: {"privateEndpointNetworkPolicies": "Disabled"}),
        ("PublicIPAddress", lambda _: TAGS),
        ("LoadBalancer", lambda _: {"loadBalancingRules": [make_balancing_rule(80), make_balancing_rule(443)]}),
        ("NetworkInterface", lambda _: TAGS),
        ("VirtualMachine", lambda _: {"hardwareProfile": {"vmSize": "Standard_D2s_v5"}}),
        ("Registry", lambda _: {"sku": {"name": "Premium"}}),
    ],
)
def test_a_change_is_made_in_place(
    azure: Azure, world: dict[str, Made], name: str, change: Callable[[Azure], dict[str, Any]]
) -> None:
    changes = change(azure)

    assert list(azure.diff(world[name], **changes).replaces) == []
    azure.update(world[name], **changes)

    found = azure.read(world[name])
    assert found == world[name].state
    assert changes.items() <= found.items()


def test_a_changed_address_space_keeps_the_subnet(azure: Azure, world: dict[str, Made]) -> None:
    azure.update(world["VirtualNetwork"], **TAGS)

    assert azure.read(world["Subnet"]) == world["Subnet"].state


@pytest.mark.parametrize(
    ("name", "inputs", "sentence"),
    [
        ("Subnet", {"serviceEndpoints": []}, "got 'serviceEndpoints'"),
        ("VirtualMachine", {"licenseType": "x"}, "got 'licenseType'"),
        ("Registry", {"encryption": {}}, "got 'encryption'"),
    ],
)
def test_a_property_that_is_not_covered_is_refused_by_name(
    azure: Azure, world: dict[str, Made], name: str, inputs: dict[str, Any], sentence: str
) -> None:
    failures = azure.client.check(world[name].token, {**world[name].inputs, **inputs})[1]

    assert [reason.endswith(sentence) for reason in failures.values()] == [True]


def test_a_type_that_is_not_covered_is_refused_with_a_list_of_those_that_are(azure: Azure) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        azure.client.check("azure-native:storage:StorageAccount", {})

    assert "does not cover 'azure-native:storage:StorageAccount'; it covers azure-native:" in caught.value.details()


def test_a_killed_machine_is_gone_and_is_made_again(azure: Azure, world: dict[str, Made]) -> None:
    container = f"{azure.home.prefix}-vm"
    before = docker.inspect(container)[0]["Id"]
    docker.ask("kill", container)

    assert azure.read(world["VirtualMachine"]) == {}
    again = azure.create("VirtualMachine", azure.machine_inputs("vm", web.make_user_data()))

    assert azure.read(again) == again.state
    assert docker.inspect(container)[0]["Id"] != before


def test_a_killed_registry_is_gone_and_is_made_again(azure: Azure, world: dict[str, Made]) -> None:
    docker.ask("rm", "-f", f"{azure.home.prefix}-images")

    assert azure.read(world["Registry"]) == {}
    again = azure.create("Registry", azure.registry_inputs("images"))

    assert azure.read(again)["loginServer"] == world["Registry"].state["loginServer"]


def test_a_removed_network_is_gone_and_is_made_again(azure: Azure, world: dict[str, Made]) -> None:
    space = {"addressPrefixes": [azure.outside_prefix]}
    named = {"virtualNetworkName": "other"}
    azure.create("VirtualNetwork", {**world["VirtualNetwork"].inputs, **named, "addressSpace": space})
    inputs = {**world["Subnet"].inputs, **named, "addressPrefix": azure.outside_prefix}
    subnet = azure.create("Subnet", inputs)
    networks = ("network", "ls", "-q", "--filter", f"label={home.RESOURCE_LABEL}={subnet.id}")
    docker.ask("network", "rm", docker.ask(*networks))

    assert azure.read(subnet) == {}
    assert azure.read(azure.create("Subnet", inputs)) == subnet.state
    assert docker.ask(*networks) != ""


def test_a_preview_makes_nothing(azure: Azure, world: dict[str, Made]) -> None:
    before = docker.list_labelled(azure.label)

    azure.client.create(world["Registry"].token, azure.registry_inputs("previewed"), preview=True)

    assert docker.list_labelled(azure.label) == before
    assert azure.read(Made(world["Registry"].token, azure.id_of("registries/previewed"), {}, {})) == {}


def test_deleting_one_after_the_other_leaves_nothing(tmp_path: pathlib.Path) -> None:
    with run_sandbox("delete", tmp_path) as azure:
        made = create_all(azure)
        made["way-out"] = Made(made["PublicIPAddress"].token, azure.id_of("publicIPAddresses/way-out"), {}, {})
        first = [
            made.pop(name) for name in ("VirtualMachine", "NetworkInterface", "LoadBalancer", "Subnet", "NatGateway")
        ]
        for one in [*first, *reversed(made.values())]:
            azure.delete(one)
            assert azure.read(one) == {}

        assert azure.list_left() == []
        assert list((tmp_path / "registries").iterdir()) == []


def test_deleting_the_group_leaves_nothing_though_the_balancer_was_killed(tmp_path: pathlib.Path) -> None:
    with run_sandbox("group", tmp_path) as azure:
        made = create_all(azure)

        docker.ask("kill", f"{azure.home.prefix}-edge")

        azure.delete(made["ResourceGroup"])

        assert azure.read(made["VirtualMachine"]) == {}
        assert azure.list_left() == []


def test_what_is_deleted_already_is_deleted_without_an_error(azure: Azure, world: dict[str, Made]) -> None:
    azure.delete(Made(world["Registry"].token, azure.id_of("registries/never"), {}, {}))
