"""The network of a cluster."""

from typing import Any

import pulumi
import pytest

from components import images, inputs, network
from tests.unit import deploying
from tests.unit.components import building

_NSG = "azure-native:network:NetworkSecurityGroup"
_SUBNET_ID = (
    "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.Network/"
    "virtualNetworks/corp/subnets/swarm"
)
_NIC = "azure-native:network:NetworkInterface"
_KNOWN = (
    "access, address_space, encryption_at_host, host_subnet, image, jump_disk_type, jump_size, location, open_ports, "
    "operator_networks, protect, proxy_command, subnet_id, unattended_upgrades"
)


def _rules(**changes: Any) -> dict[str, dict[str, Any]]:
    args: Any = {**building.NETWORK_ARGS, **changes}
    return _rules_of(deploying.deploy(lambda: network.ClusterNetwork("net", args)))


def _deploy(**changes: Any) -> deploying.Deployed:
    args: Any = {**building.NETWORK_ARGS, **changes}

    def program() -> None:
        net = network.ClusterNetwork("net", args)
        pulumi.export("proxy", net.access.proxy_command or "")
        pulumi.export("jump", net.access.jump_address or "")

    return deploying.deploy(program)


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


def test_the_jump_host_has_the_asked_for_size_image_and_disk() -> None:
    deployed = _deploy(jump_size="Standard_F2s_v2", image="a:b:c:d", jump_disk_type="StandardSSD_LRS")

    machine = deployed.one("azure-native:compute:VirtualMachine").inputs
    assert machine["hardwareProfile"] == {"vmSize": "Standard_F2s_v2"}
    assert machine["storageProfile"]["osDisk"]["managedDisk"] == {"storageAccountType": "StandardSSD_LRS"}
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
            {"operator_networks": ["203.0.113.0/24", "203.0.113.7/32"]},
            "operator_networks must be a list in which no two overlap, as 203.0.113.0/24 and 203.0.113.7/32 do; "
            "got ['203.0.113.0/24', '203.0.113.7/32'].",
        ),
        (
            {"open_ports": [22]},
            "open_ports must be a port from 1 to 65535 that hosts do not need themselves (22, 2377, 4789, 7946, 9180); "
            "got 22.",
        ),
        ({"open_ports": 80}, "open_ports must be a list of ports; got 80."),
        (
            {"jump_size": "Standard_A2_v2"},
            "jump_size must be a size with the letter s, which takes Premium disks, where the disk is Premium_LRS; "
            "got 'Standard_A2_v2'.",
        ),
        ({"jump_disk_type": "HDD"}, "jump_disk_type must be one of StandardSSD_LRS, Premium_LRS; got 'HDD'."),
        ({"jump_size": "huge"}, "jump_size must be an Azure size such as 'Standard_B2als_v2'; got 'huge'."),
        (
            {"image": "debian"},
            f"image must be {images.EXPECTED}; got 'debian'.",
        ),
        ({"access": "vpn"}, "access must be one of jump, bastion, private; got 'vpn'."),
        ({"proxy_command": "gate %h"}, "proxy_command must be empty where access is not private; got 'gate %h'."),
        (
            {"access": "private", "proxy_command": "gate"},
            "proxy_command must be a command with %h for the host's name, such as 'ssh -W %h:%p gate.example.org'; "
            "got 'gate'.",
        ),
        (
            {"access": "bastion", "host_subnet": "10.80.255.0/24"},
            "host_subnet must be clear of 10.80.255.192/26, which Azure Bastion takes; got '10.80.255.0/24'.",
        ),
        (
            {"access": "bastion", "address_space": "10.80.1.0/26", "host_subnet": "10.80.1.0/27"},
            "host_subnet must be in an address space larger than a /26, the last of which Azure Bastion takes; "
            "got '10.80.1.0/27'.",
        ),
        (
            {"access": "bastion", "subnet_id": _SUBNET_ID},
            "access must be jump or private with a subnet that exists: Bastion needs a subnet of its network besides; "
            "got 'bastion'.",
        ),
        (
            {"subnet_id": "hosts"},
            "subnet_id must be the id of a subnet, "
            "/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…; got 'hosts'.",
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


def test_bastion_takes_the_place_of_the_jump_host() -> None:
    deployed = _deploy(access="bastion")

    bastion = deployed.one("azure-native:network:BastionHost").inputs
    assert (bastion["sku"], bastion["enableTunneling"]) == ({"name": "Standard"}, True)
    assert deployed.names("azure-native:compute:VirtualMachine") == []
    assert deployed.outputs["jump"] == ""
    assert deployed.outputs["proxy"] == f"tools/bastion-proxy net-bastion {deploying.GROUP_ID} %h %p"


def test_bastion_stands_in_the_last_subnet_under_azures_name_and_after_the_hosts() -> None:
    subnet = _deploy(access="bastion").one("azure-native:network:Subnet", "net-bastion-subnet")

    assert (subnet.inputs["subnetName"], subnet.inputs["addressPrefix"]) == ("AzureBastionSubnet", "10.80.255.192/26")
    assert subnet.inputs["networkSecurityGroup"]["id"].endswith("/net-bastion-nsg")
    assert {"net-hosts", "net-vnet"} <= set(subnet.depends_on)


def test_hosts_take_ssh_from_bastion_and_bastion_takes_operators() -> None:
    groups = {one.name: one.inputs["securityRules"] for one in _deploy(access="bastion").all(_NSG)}
    hosts, bastion = ({rule["name"]: rule for rule in groups[name]} for name in ("net-nsg", "net-bastion-nsg"))

    assert hosts["operator-ssh"]["sourceAddressPrefix"] == "10.80.255.192/26"
    assert bastion["operator-https"]["sourceAddressPrefix"] == "203.0.113.0/24"
    assert bastion["operator-https"]["destinationPortRange"] == "443"


def test_bastions_group_has_every_rule_that_azure_asks_for() -> None:
    rules = _deploy(access="bastion").one(_NSG, "net-bastion-nsg").inputs["securityRules"]

    opened = {
        (one["direction"], one["sourceAddressPrefix"], one["destinationAddressPrefix"], _ports(one)) for one in rules
    }
    assert opened == {
        ("Inbound", "203.0.113.0/24", "*", "443"),
        ("Inbound", "GatewayManager", "*", "443"),
        ("Inbound", "AzureLoadBalancer", "*", "443"),
        ("Inbound", "VirtualNetwork", "VirtualNetwork", "8080 5701"),
        ("Inbound", "*", "*", "*"),
        ("Outbound", "*", "VirtualNetwork", "22 3389"),
        ("Outbound", "*", "AzureCloud", "443"),
        ("Outbound", "VirtualNetwork", "VirtualNetwork", "8080 5701"),
        ("Outbound", "*", "Internet", "80"),
    }


def _ports(rule: dict[str, Any]) -> str:
    return " ".join(rule.get("destinationPortRanges") or [rule["destinationPortRange"]])


def test_private_access_makes_no_way_in() -> None:
    deployed = _deploy(access="private", operator_networks=["10.9.0.0/16"])

    assert deployed.names("azure-native:compute:VirtualMachine") == []
    assert deployed.names("azure-native:network:PublicIPAddress") == ["net-nat-ip"]
    assert (deployed.outputs["jump"], deployed.outputs["proxy"]) == ("", "")
    assert _rules_of(deployed)["operator-ssh"]["sourceAddressPrefix"] == "10.9.0.0/16"


def test_private_access_may_have_a_proxy_command_of_ones_own() -> None:
    deployed = _deploy(access="private", proxy_command="ssh -W %h:%p gate")

    assert deployed.outputs["proxy"] == "ssh -W %h:%p gate"


def test_in_a_subnet_that_exists_nothing_of_a_network_is_made() -> None:
    deployed = _deploy(subnet_id=_SUBNET_ID, host_subnet="10.20.4.0/24")

    kinds = {one.token.rpartition(":")[2] for one in deployed.resources if "azure-native:network:" in one.token}
    assert kinds == {"NetworkSecurityGroup", "NetworkInterface", "PublicIPAddress"}
    assert deployed.names("azure-native:network:PublicIPAddress") == [
        one.name.replace("-nic", "-ip") for one in deployed.all(_NIC)
    ]


def test_in_a_subnet_that_exists_interfaces_are_guarded_themselves() -> None:
    deployed = _deploy(subnet_id=_SUBNET_ID, host_subnet="10.20.4.0/24")

    interface = deployed.one(_NIC).inputs
    assert interface["networkSecurityGroup"]["id"].endswith("/networkSecurityGroups/net-nsg")
    assert interface["ipConfigurations"][0]["subnet"] == {"id": _SUBNET_ID}
    assert _rules_of(deployed)["inside-ssh"]["sourceAddressPrefix"] == "10.20.4.0/24"


def test_in_a_subnet_of_our_own_the_subnet_is_guarded_once() -> None:
    assert "networkSecurityGroup" not in building.deploy_network().one(_NIC).inputs
