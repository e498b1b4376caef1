"""Every rule of the pack passes what keeps it and finds what breaks it."""

import base64
from typing import Any

import pytest

from policy import machine_rules, network_rules, rule, rules, service_rules, vault_rules

_SECURITY_RULE = {
    "name": "in",
    "direction": "Inbound",
    "access": "Allow",
    "protocol": "Tcp",
    "sourceAddressPrefix": "203.0.113.0/24",
    "destinationPortRange": "22",
}
_CLOSED = {
    "name": "closed",
    "priority": 4000,
    "direction": "Inbound",
    "access": "Deny",
    "protocol": "*",
    "sourceAddressPrefix": "*",
    "destinationPortRange": "*",
}
_TRUSTED = {"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True}}
_LINUX = {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [{"keyData": "ssh-ed25519 A"}]}}
_DISK = {"managedDisk": {"storageAccountType": "Premium_LRS"}, "deleteOption": "Delete"}
_BALANCING = {"name": "tcp-80", "probe": {"id": "$self/probes/ready-80"}, "disableOutboundSnat": True}
_ROLE = {"principalType": "ServicePrincipal", "roleAssignmentName": "7f951dda-4ed3-4680-a7ca-43fe172d538d"}
_VAULT = {
    "enablePurgeProtection": True,
    "enableSoftDelete": True,
    "enableRbacAuthorization": True,
    "networkAcls": {"defaultAction": "Deny"},
}
_SECRET = {"contentType": "password", "attributes": {"expires": 1_827_532_800}}
_OWN_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----"


def _group(**changes: Any) -> dict[str, Any]:
    return {"securityRules": [{**_SECURITY_RULE, **changes}, _CLOSED]}


def _linux(**changes: Any) -> dict[str, Any]:
    return {"osProfile": {"linuxConfiguration": {**_LINUX, **changes}}}


def _user_data(text: str) -> dict[str, Any]:
    return {"osProfile": {"customData": base64.b64encode(text.encode()).decode()}}


def _container(**spec: Any) -> dict[str, Any]:
    return {"spec": {"TaskTemplate": {"ContainerSpec": spec}}}


@pytest.mark.parametrize(
    ("find", "inputs"),
    [
        (network_rules.find_open_ssh, _group()),
        (network_rules.find_open_ssh, _group(sourceAddressPrefix="Internet", destinationPortRange="80")),
        (network_rules.find_open_ssh, _group(sourceAddressPrefix="Internet", direction="Outbound")),
        (network_rules.find_open_ssh, _group(sourceAddressPrefix="Internet", access="Deny")),
        (network_rules.find_open_remote_desktop, _group(sourceAddressPrefix="Internet")),
        (network_rules.find_open_udp, _group(sourceAddressPrefix="Internet")),
        (network_rules.find_open_udp, _group(protocol="Udp", sourceAddressPrefix="AzureLoadBalancer")),
        (network_rules.find_no_last_denial, _group()),
        (network_rules.find_open_subnet, {"networkSecurityGroup": {"id": "/nsg"}}),
        (network_rules.find_default_outbound, {"defaultOutboundAccess": False}),
        (network_rules.find_inline_subnets, {"addressSpace": {}}),
        (
            network_rules.find_retired_address,
            {"sku": {"name": "Standard"}, "publicIPAllocationMethod": "Static"},
        ),
        (network_rules.find_retired_balancer, {"sku": {"name": "Standard"}}),
        (network_rules.find_rule_without_probe, {"loadBalancingRules": [_BALANCING]}),
        (network_rules.find_forwarding, {"enableIPForwarding": False}),
        (machine_rules.find_password_login, _linux()),
        (machine_rules.find_untrusted_launch, {"securityProfile": _TRUSTED}),
        (
            machine_rules.find_untrusted_launch,
            {"storageProfile": {"imageReference": {"publisher": "kinvolk", "offer": "flatcar"}}},
        ),
        (machine_rules.find_untrusted_launch, _user_data('{"ignition": {"version": "3.3.0"}}')),
        (machine_rules.find_orphan_disk, {"storageProfile": {"osDisk": _DISK}}),
        (machine_rules.find_bad_user_data, _user_data(_OWN_KEY)),
        (machine_rules.find_bad_user_data, {"osProfile": {}}),
        (machine_rules.find_unencrypted_host, {"securityProfile": {"encryptionAtHost": True}}),
        (vault_rules.find_purgeable_vault, {"properties": _VAULT}),
        (vault_rules.find_open_vault, {"properties": _VAULT}),
        (vault_rules.find_open_vault, {"properties": {"publicNetworkAccess": "Disabled"}}),
        (vault_rules.find_vault_without_roles, {"properties": _VAULT}),
        (vault_rules.find_endless_secret, {"properties": _SECRET}),
        (service_rules.find_anonymous_pull, {"anonymousPullEnabled": False}),
        (service_rules.find_bad_role_assignment, _ROLE),
        (service_rules.find_even_managers, {"managers": ["a", "b", "c"]}),
        (service_rules.find_engine_in_container, _container(CapabilityAdd=["NET_ADMIN"], Mounts=[{"Source": "data"}])),
        (
            service_rules.find_no_memory_limit,
            {"spec": {"TaskTemplate": {"Resources": {"Limits": {"MemoryBytes": 1}}}}},
        ),
    ],
)
def test_what_keeps_a_rule_passes(find: Any, inputs: dict[str, Any]) -> None:
    assert list(find(inputs)) == []


@pytest.mark.parametrize(
    ("find", "inputs", "sentence"),
    [
        (
            network_rules.find_open_ssh,
            _group(sourceAddressPrefix="Internet"),
            "Let SSH in from named networks only: security rule 'in' lets in 'Internet'.",
        ),
        (
            network_rules.find_open_ssh,
            _group(sourceAddressPrefix=None, sourceAddressPrefixes=["0.0.0.0/0"], protocol="*"),
            "Let SSH in from named networks only: security rule 'in' lets in '0.0.0.0/0'.",
        ),
        (
            network_rules.find_open_ssh,
            _group(sourceAddressPrefix="128.0.0.0/1", destinationPortRange=None, destinationPortRanges=["20-30"]),
            "Let SSH in from named networks only: security rule 'in' lets in '128.0.0.0/1'.",
        ),
        (
            network_rules.find_open_remote_desktop,
            _group(sourceAddressPrefix="*", destinationPortRange="*"),
            "Close port 3389: security rule 'in' lets in '*'.",
        ),
        (
            network_rules.find_open_udp,
            _group(sourceAddressPrefix="Any", protocol="Udp"),
            "Let no UDP in from the internet: security rule 'in' does so from 'Any'.",
        ),
        (
            network_rules.find_no_last_denial,
            {"securityRules": [_SECURITY_RULE]},
            "End the inbound rules with one that denies everything.",
        ),
        (network_rules.find_no_last_denial, {}, "End the inbound rules with one that denies everything."),
        (network_rules.find_open_subnet, {}, "Give the subnet a networkSecurityGroup."),
        (
            network_rules.find_default_outbound,
            {},
            "Set defaultOutboundAccess to false, and give the subnet a NAT gateway.",
        ),
        (
            network_rules.find_inline_subnets,
            {"subnets": []},
            "Leave `subnets` out of the virtual network, and declare each as a Subnet.",
        ),
        (
            network_rules.find_retired_address,
            {"sku": {"name": "Basic"}, "publicIPAllocationMethod": "Static"},
            "Make the address Standard and Static: Azure retired the others in September 2025.",
        ),
        (
            network_rules.find_retired_balancer,
            {},
            "Make the load balancer Standard: Azure retired Basic in September 2025.",
        ),
        (
            network_rules.find_rule_without_probe,
            {"loadBalancingRules": [{**_BALANCING, "probe": None}]},
            "Give load balancing rule 'tcp-80' a probe.",
        ),
        (
            network_rules.find_rule_without_probe,
            {"loadBalancingRules": [{**_BALANCING, "disableOutboundSnat": False}]},
            "Set disableOutboundSnat of load balancing rule 'tcp-80': hosts leave by the NAT gateway.",
        ),
        (
            network_rules.find_forwarding,
            {"enableIPForwarding": True},
            "Turn enableIPForwarding off: no Docker network needs it.",
        ),
        (
            machine_rules.find_password_login,
            _linux(disablePasswordAuthentication=False),
            "Set disablePasswordAuthentication, and no adminPassword.",
        ),
        (
            machine_rules.find_password_login,
            _linux(ssh={}),
            "Give the machine an SSH key in linuxConfiguration.ssh.publicKeys.",
        ),
        (
            machine_rules.find_untrusted_launch,
            {"securityProfile": {**_TRUSTED, "uefiSettings": {"secureBootEnabled": True}}},
            "Set securityType to TrustedLaunch, with secureBootEnabled and vTpmEnabled.",
        ),
        *(
            (
                machine_rules.find_untrusted_launch,
                _user_data(text),
                "Set securityType to TrustedLaunch, with secureBootEnabled and vTpmEnabled.",
            )
            for text in ("#cloud-config\n{}", '["ignition"]', '{"hostname": "ignition"}')
        ),
        (
            machine_rules.find_orphan_disk,
            {"storageProfile": {"osDisk": {**_DISK, "deleteOption": "Detach"}}},
            "Set the OS disk's deleteOption to Delete.",
        ),
        (
            machine_rules.find_orphan_disk,
            {"storageProfile": {"osDisk": {**_DISK, "vhd": {"uri": "https://a"}}}},
            "Make the OS disk a managedDisk, without a vhd.",
        ),
        (
            machine_rules.find_bad_user_data,
            _user_data(_OWN_KEY * 2),
            "customData must be without join tokens, account keys and private keys other than the host's own.",
        ),
        (
            machine_rules.find_bad_user_data,
            _user_data("docker swarm join --token SWMTKN-1-abc"),
            "customData must be without join tokens, account keys and private keys other than the host's own.",
        ),
        (machine_rules.find_bad_user_data, _user_data("x" * 65_536), "customData must be at most 65535 bytes."),
        (machine_rules.find_bad_user_data, {"osProfile": {"customData": "#!"}}, "Encode customData in base64."),
        (
            machine_rules.find_extension,
            {"type": "CustomScript"},
            "Do in user-data what the extension 'CustomScript' does: it runs as root on a living host, past its "
            "generation.",
        ),
        (
            machine_rules.find_unencrypted_host,
            {"securityProfile": _TRUSTED},
            "Set encryptionAtHost, for which the subscription needs the feature of that name.",
        ),
        (
            vault_rules.find_purgeable_vault,
            {"properties": {**_VAULT, "enablePurgeProtection": None}},
            "Set enablePurgeProtection, and leave enableSoftDelete on.",
        ),
        (
            vault_rules.find_open_vault,
            {"properties": {**_VAULT, "networkAcls": {"defaultAction": "Allow"}}},
            "Set networkAcls.defaultAction to Deny, and name the networks that are let in.",
        ),
        (
            vault_rules.find_vault_without_roles,
            {"properties": {}},
            "Set enableRbacAuthorization: Azure's default is access policies.",
        ),
        (
            vault_rules.find_endless_secret,
            {"properties": {"contentType": "password"}},
            "Give the secret a day on which it ends, in attributes.expires.",
        ),
        (
            vault_rules.find_endless_secret,
            {"properties": {"attributes": {"expires": 1}}},
            "Say in contentType what the secret is.",
        ),
        (service_rules.find_anonymous_pull, {}, "Set anonymousPullEnabled to false."),
        (
            service_rules.find_bad_role_assignment,
            {**_ROLE, "principalType": None},
            "Set principalType: without it a new identity is not found (PrincipalNotFound).",
        ),
        (
            service_rules.find_bad_role_assignment,
            {**_ROLE, "roleAssignmentName": "pull"},
            "Set roleAssignmentName to a UUID made of scope, principal and role (uuid5).",
        ),
        (
            service_rules.find_even_managers,
            {"managers": ["a", "b"]},
            "The number of managers must be 1, 3, 5 or 7; there are 2.",
        ),
        (
            service_rules.find_engine_in_container,
            _container(Mounts=[{"Source": "/var/run/docker.sock"}]),
            "Mount no engine socket: whoever holds it is root on the host.",
        ),
        (
            service_rules.find_engine_in_container,
            _container(CapabilityAdd=["CAP_ALL"]),
            "Add the capabilities that the service needs by name, not ALL.",
        ),
        (
            service_rules.find_no_memory_limit,
            _container(Image="nginx"),
            "Set deploy.resources.limits.memory: without it one task can take the host's memory from all others.",
        ),
    ],
)
def test_what_breaks_a_rule_is_found(find: Any, inputs: dict[str, Any], sentence: str) -> None:
    assert list(find(inputs)) == [sentence]


def _interface(name: str, **ip: Any) -> rule.Resource:
    return rule.Resource("azure-native:network:NetworkInterface", name, {"ipConfigurations": [ip]})


def test_one_way_in_passes() -> None:
    found = [_interface("jump-nic", publicIPAddress={"id": "/a"}), _interface("web-nic")]

    assert list(network_rules.find_ways_in(found)) == []


def test_a_second_way_in_is_found() -> None:
    found = [_interface(name, publicIPAddress={"id": "/a"}) for name in ("web-nic", "jump-nic")]

    assert list(network_rules.find_ways_in(found)) == [
        "Leave one interface with a public address, the jump host's; there are jump-nic, web-nic."
    ]


def _subnet(name: str, **inputs: Any) -> rule.Resource:
    return rule.Resource("azure-native:network:Subnet", name, {"subnetName": name, **inputs})


_GUARD = {"networkSecurityGroup": {"id": "/nsg"}}
_BESIDE = rule.Resource(
    "azure-native:network:NetworkInterface", "own", {**_GUARD, "ipConfigurations": [{"subnet": {"id": "/x/theirs"}}]}
)


@pytest.mark.parametrize("subnet_id", ["/x/subnets/hosts", "04da6b54-80e4-46f7-96ec-b56ff0331ba9"])
def test_an_interface_behind_a_security_group_passes(subnet_id: str) -> None:
    found = [_subnet("hosts", **_GUARD), _interface("web-nic", subnet={"id": subnet_id}), _BESIDE]

    assert list(network_rules.find_open_interfaces(found)) == []


@pytest.mark.parametrize("subnets", [[], [_subnet("hosts")], [_subnet("others", **_GUARD)]])
def test_an_interface_that_nothing_guards_is_found(subnets: list[rule.Resource]) -> None:
    found = [*subnets, _interface("web-nic", subnet={"id": "/x/subnets/hosts"})]

    assert list(network_rules.find_open_interfaces(found)) == [
        "Give interface 'web-nic' a networkSecurityGroup: its subnet is not made here."
    ]


def test_parts_in_their_whole_pass() -> None:
    assert list(network_rules.find_standalone_parts([_interface("web-nic")])) == []


def test_a_part_of_its_own_is_found() -> None:
    part = rule.Resource("azure-native:network:SecurityRule", "ssh", {})

    assert list(network_rules.find_standalone_parts([part])) == [
        "Write the rule into the security group's securityRules. 'ssh' is a resource of its own."
    ]


def test_every_rule_has_a_name_and_a_sentence_of_its_own() -> None:
    listed: list[rule.Rule | rule.StackRule] = [*rules.RULES, *rules.STACK_RULES]

    assert len({one.name for one in listed}) == len({one.description for one in listed}) == len(listed) == 29
    assert all(one.description.endswith(".") for one in listed)
