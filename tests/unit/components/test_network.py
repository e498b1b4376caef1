"""The network of a cluster."""

from typing import Any

import pytest

from components import inputs, network
from tests.unit import deploying
from tests.unit.components import building

_NSG = "azure-native:network:NetworkSecurityGroup"
_KNOWN = (
    "address_space, encryption_at_host, host_subnet, image, jump_size, location, open_ports, operator_networks, "
    "protect, unattended_upgrades"
)


def _rules(**changes: Any) -> dict[str, dict[str, Any]]:
    args: Any = {**building.NETWORK_ARGS, **changes}
    return _rules_of(deploying.deploy(lambda: network.ClusterNetwork("net", args)))


def _rules_of(deployed: deploying.Deployed) -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in deployed.one(_NSG).inputs["securityRules"]}


def test_the_group_is_named_after_project_stack_and_network() -> None:
    deployed = building.deploy_network()

    group = deployed.one("azure-native:resources:ResourceGroup")
    assert group.inputs == {"resourceGroupName": "azure-swarm-dev-net", "location": "westeurope"}
    assert not group.protect


def test_a_protected_network_protects_its_group() -> None:
    args: network.ClusterNetworkArgs = {**building.NETWORK_ARGS, "protect": True}
    deployed = deploying.deploy(lambda: network.ClusterNetwork("net", args))

    assert deployed.one("azure-native:resources:ResourceGroup").protect


def test_what_lives_in_the_group_is_deleted_with_it() -> None:
    deployed = building.deploy_network()

    inside = [
        one for one in deployed.resources if one.token.startswith(("azure-native:network", "azure-native:compute"))
    ]
    assert {one.deleted_with for one in inside} == {"net-group"}


def test_the_virtual_network_names_no_subnets_inline() -> None:
    deployed = building.deploy_network()

    vnet = deployed.one("azure-native:network:VirtualNetwork").inputs
    assert vnet["addressSpace"] == {"addressPrefixes": ["10.80.0.0/16"]}
    assert "subnets" not in vnet


def test_the_subnet_is_closed_and_leaves_by_nat_only() -> None:
    deployed = building.deploy_network()

    subnet = deployed.one("azure-native:network:Subnet").inputs
    assert subnet["addressPrefix"] == "10.80.1.0/24"
    assert subnet["defaultOutboundAccess"] is False
    assert subnet["natGateway"] == {"id": f"{deploying.GROUP_ID}/providers/Microsoft.Network/natGateways/net-nat"}
    assert subnet["networkSecurityGroup"] == {
        "id": f"{deploying.GROUP_ID}/providers/Microsoft.Network/networkSecurityGroups/net-nsg"
    }


def test_the_subnet_is_all_of_the_address_space_when_none_is_given() -> None:
    args: Any = {key: value for key, value in building.NETWORK_ARGS.items() if key != "host_subnet"}
    deployed = deploying.deploy(lambda: network.ClusterNetwork("net", args))

    assert deployed.one("azure-native:network:Subnet").inputs["addressPrefix"] == "10.80.0.0/16"


def test_every_public_address_is_standard_and_static() -> None:
    deployed = building.deploy_network()

    addresses = [one.inputs for one in deployed.all("azure-native:network:PublicIPAddress")]
    assert len(addresses) == 2
    assert [one["sku"] for one in addresses] == [{"name": "Standard"}] * 2
    assert [one["publicIPAllocationMethod"] for one in addresses] == ["Static"] * 2


def test_rules_come_in_order_and_the_last_one_closes() -> None:
    rules = _rules_of(building.deploy_network())

    assert {name: rule["priority"] for name, rule in rules.items()} == {
        "operator-ssh": 100,
        "inside-ssh": 110,
        "swarm-management": 120,
        "swarm-gossip-and-overlay": 130,
        "swarm-encrypted-overlay": 140,
        "probe": 150,
        "published": 160,
        "closed": 4000,
    }
    assert [name for name, rule in rules.items() if rule["access"] == "Deny"] == ["closed"]


@pytest.mark.parametrize(
    ("rule", "protocol", "source", "ports"),
    [
        ("operator-ssh", "Tcp", "203.0.113.0/24", "22"),
        ("inside-ssh", "Tcp", "10.80.1.0/24", "22"),
        ("swarm-management", "Tcp", "10.80.1.0/24", ["2377", "7946"]),
        ("swarm-gossip-and-overlay", "Udp", "10.80.1.0/24", ["7946", "4789"]),
        ("swarm-encrypted-overlay", "Esp", "10.80.1.0/24", "*"),
        ("probe", "Tcp", "AzureLoadBalancer", "9180"),
        ("published", "Tcp", "Internet", "80"),
        ("closed", "*", "*", "*"),
    ],
)
def test_a_rule_opens_what_it_is_for(rule: str, protocol: str, source: str, ports: str | list[str]) -> None:
    found = _rules_of(building.deploy_network())[rule]

    assert found["protocol"] == protocol
    assert found["sourceAddressPrefix"] == source
    assert ports in (found.get("destinationPortRange"), found.get("destinationPortRanges"))


def test_several_operator_networks_and_ports_go_into_one_rule_each() -> None:
    rules = _rules(operator_networks=["203.0.113.0/24", "198.51.100.0/24"], open_ports=[443, 80, 443])

    assert rules["operator-ssh"]["sourceAddressPrefixes"] == ["203.0.113.0/24", "198.51.100.0/24"]
    assert rules["published"]["destinationPortRanges"] == ["80", "443"]


def test_nothing_is_open_to_the_internet_when_nothing_is_published() -> None:
    rules = _rules(open_ports=[])

    assert [rule["name"] for rule in rules.values() if rule["sourceAddressPrefix"] == "Internet"] == []


def test_the_jump_host_has_the_asked_for_size_and_image() -> None:
    args: network.ClusterNetworkArgs = {**building.NETWORK_ARGS, "jump_size": "Standard_F2", "image": "a:b:c:d"}
    deployed = deploying.deploy(lambda: network.ClusterNetwork("net", args))

    machine = deployed.one("azure-native:compute:VirtualMachine").inputs
    assert machine["hardwareProfile"] == {"vmSize": "Standard_F2"}
    assert machine["storageProfile"]["imageReference"]["publisher"] == "a"


def test_two_networks_share_no_name() -> None:
    deployed = deploying.deploy(
        lambda: [network.ClusterNetwork(name, building.NETWORK_ARGS) for name in ("one", "two")]
    )

    groups = deployed.all("azure-native:resources:ResourceGroup")
    assert [one.inputs["resourceGroupName"] for one in groups] == ["azure-swarm-dev-one", "azure-swarm-dev-two"]
    assert len({(one.token, one.name) for one in deployed.resources}) == len(deployed.resources)


def test_a_preview_knows_the_names() -> None:
    deployed = deploying.deploy(building.create_network, preview=True)

    assert deployed.one("azure-native:network:VirtualNetwork").inputs["virtualNetworkName"] == "net-vnet"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"location": "West Europe"}, "location must be an Azure region such as 'westeurope'; got 'West Europe'."),
        ({"location": None}, "location must be given; got nothing."),
        ({"adress_space": "x"}, f"every input must be one of {_KNOWN}; got 'adress_space'."),
        ({"address_space": "10.80"}, "address_space must be an IPv4 network such as '10.80.0.0/16'; got '10.80'."),
        ({"address_space": "10.80.0.0/30"}, "address_space must be a network from /8 to /29; got '10.80.0.0/30'."),
        ({"host_subnet": 24}, "host_subnet must be an IPv4 network such as '10.80.0.0/16'; got 24."),
        ({"host_subnet": "10.81.0.0/24"}, "host_subnet must be inside 10.80.0.0/16; got '10.81.0.0/24'."),
        ({"operator_networks": []}, "operator_networks must be a list of at least one network; got []."),
        ({"operator_networks": "x"}, "operator_networks must be a list of networks; got 'x'."),
        (
            {"operator_networks": ["0.0.0.0/0"]},
            "operator_networks must be a network of at most /8, never the whole internet; got '0.0.0.0/0'.",
        ),
        (
            {"open_ports": [22]},
            "open_ports must be a port from 1 to 65535 that hosts do not need themselves (22, 2377, 7946, 9180); "
            "got 22.",
        ),
        ({"open_ports": 80}, "open_ports must be a list of ports; got 80."),
        ({"jump_size": "huge"}, "jump_size must be an Azure size such as 'Standard_B2als_v2'; got 'huge'."),
        (
            {"image": "debian"},
            "image must be an image as publisher:offer:sku:version, such as 'Debian:debian-12:12-gen2:latest'; "
            "got 'debian'.",
        ),
        ({"protect": "yes"}, "protect must be True or False; got 'yes'."),
        ({"encryption_at_host": 1}, "encryption_at_host must be True or False; got 1."),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    args: Any = {**building.NETWORK_ARGS, **change}
    sentence = deploying.refusal_of(lambda: network.ClusterNetwork("net", args))

    assert sentence == f"ClusterNetwork 'net': {refusal}"


def test_a_name_that_leaves_no_room_is_refused() -> None:
    sentence = deploying.refusal_of(lambda: network.ClusterNetwork("N", building.NETWORK_ARGS))

    assert sentence == (
        "ClusterNetwork 'N': name must be lower-case letters, digits and '-', a letter first, at most 37 characters; "
        "got 'N'."
    )


def test_the_jump_host_is_of_the_smallest_size_by_default() -> None:
    deployed = building.deploy_network()

    machine = deployed.one("azure-native:compute:VirtualMachine").inputs
    assert machine["hardwareProfile"] == {"vmSize": inputs.SMALLEST_SIZE}
