"""The bodies that go to Azure, put back from azure-native's flat inputs."""

from typing import Any

import pytest

from arm import bodies, identifiers, registrations

_PLACE = {"resourceGroupName": "g", "location": "westeurope"}
_GROUP_ID = f"/subscriptions/{identifiers.SUBSCRIPTION}/resourceGroups/g"


def _make(kind: str, **inputs: Any) -> dict[str, Any]:
    one = registrations.Registration(token=f"azure-native:{kind}", name="web", inputs={**_PLACE, **inputs})
    return bodies.make_body(one)


def test_names_stand_in_the_url_and_the_rest_in_properties() -> None:
    body = _make(
        "network:PublicIPAddress", publicIpAddressName="ip", sku={"name": "Standard"}, zones=["1"], dnsSettings={}
    )

    assert body == {
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "zones": ["1"],
        "properties": {"dnsSettings": {}},
    }


def test_a_part_has_properties_of_its_own() -> None:
    body = _make(
        "network:NetworkSecurityGroup", networkSecurityGroupName="n", securityRules=[{"name": "a", "access": "Deny"}]
    )

    assert body["properties"] == {"securityRules": [{"name": "a", "properties": {"access": "Deny"}}]}


def test_a_reference_to_an_interface_has_properties_too() -> None:
    profile = {"networkInterfaces": [{"id": "/nic", "primary": True}]}
    body = _make("compute:VirtualMachine", vmName="web", networkProfile=profile)

    assert body["properties"]["networkProfile"] == {
        "networkInterfaces": [{"id": "/nic", "properties": {"primary": True}}]
    }


def test_what_azure_calls_otherwise_goes_by_its_name() -> None:
    properties = {"contentType": "password", "attributes": {"enabled": True, "expires": 5}}
    secret = registrations.Registration(
        token="azure-native:keyvault:Secret", name="s", inputs={"vaultName": "v", "properties": properties}
    )

    assert bodies.make_body(secret)["properties"] == {
        "contentType": "password",
        "attributes": {"enabled": True, "exp": 5},
    }


def test_self_is_the_resources_id() -> None:
    rules = [{"name": "r", "probe": {"id": "$self/probes/p"}}]
    body = _make("network:LoadBalancer", loadBalancerName="lb", loadBalancingRules=rules)

    probe = body["properties"]["loadBalancingRules"][0]["properties"]["probe"]
    assert probe == {"id": f"{_GROUP_ID}/providers/Microsoft.Network/loadBalancers/lb/probes/p"}


def test_a_resource_without_properties_has_none() -> None:
    assert _make("resources:ResourceGroup") == {"location": "westeurope"}


@pytest.mark.parametrize(
    ("kind", "inputs", "path"),
    [
        ("resources:ResourceGroup", {}, ""),
        ("compute:VirtualMachine", {"vmName": "a"}, "/providers/Microsoft.Compute/virtualMachines/a"),
        (
            "network:Subnet",
            {"virtualNetworkName": "v", "subnetName": "s"},
            "/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
        ),
    ],
)
def test_an_id_is_made_of_the_inputs(kind: str, inputs: dict[str, str], path: str) -> None:
    assert identifiers.make_id(f"azure-native:{kind}", {**_PLACE, **inputs}) == f"{_GROUP_ID}{path}"


@pytest.mark.parametrize(("kind", "inputs"), [("sql:Server", {}), ("compute:VirtualMachine", {"vmName": None})])
def test_what_the_inputs_do_not_tell_has_no_id(kind: str, inputs: dict[str, Any]) -> None:
    assert identifiers.make_id(f"azure-native:{kind}", {**_PLACE, **inputs}) is None


def test_an_id_is_taken_apart() -> None:
    text = f"{_GROUP_ID}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"

    assert identifiers.parse_id(text) == ("Microsoft.Network/virtualNetworks/subnets", ["v", "s"])
    assert identifiers.parse_id(_GROUP_ID) is None
    assert identifiers.parse_id("10.0.0.0/16") is None
