"""The private registry and its account."""

from typing import Any

import pytest

from components import private_registry
from tests.unit import deploying
from tests.unit.components import building

_ACR = "azure-native:containerregistry:Registry"


def _deploy_registry(**args: Any) -> deploying.Deployed:
    return building.deploy_on_network(private_registry.PrivateRegistry, "registry", args)


def test_the_name_is_derived_when_none_is_given() -> None:
    registry = _deploy_registry().one(_ACR).inputs

    assert registry["registryName"] == "crazureswarmdevregistry12a7fa2ae55f"
    assert registry["sku"] == {"name": "Basic"}


def test_an_empty_name_is_derived_too() -> None:
    assert _deploy_registry(registry_name="").one(_ACR).inputs["registryName"].startswith("crazureswarm")


def test_a_given_name_and_tier_are_taken() -> None:
    registry = _deploy_registry(registry_name="images", sku="Premium").one(_ACR).inputs

    assert registry["registryName"] == "images"
    assert registry["sku"] == {"name": "Premium"}


@pytest.mark.parametrize(("redundant", "told"), [(True, "Enabled"), (False, "Disabled")])
def test_a_premium_registry_may_be_in_several_zones(redundant: bool, told: str) -> None:
    registry = _deploy_registry(sku="Premium", zone_redundant=redundant).one(_ACR).inputs

    assert registry["zoneRedundancy"] == told
    assert registry["anonymousPullEnabled"] is False


@pytest.mark.parametrize(("protect", "deleted_with"), [(True, ""), (False, "net-group")])
def test_a_protected_registry_does_not_go_with_its_group(protect: bool, deleted_with: str) -> None:
    registry = _deploy_registry(protect=protect).one(_ACR)

    assert registry.protect is protect
    assert registry.deleted_with == deleted_with


def test_docker_is_logged_in_to_it() -> None:
    provider = _deploy_registry(registry_name="images").one("pulumi:providers:docker")

    assert "pass-word" in provider.inputs["registryAuth"]
    assert "images.azurecr.io" in provider.inputs["registryAuth"]
    assert provider.secrets == {"registryAuth"}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"network": "net"}, "network must be a ClusterNetwork; got 'net'."),
        ({"registry_name": "a-b"}, "registry_name must be 5 to 50 letters and digits; got 'a-b'."),
        ({"registry_name": 5}, "registry_name must be 5 to 50 letters and digits; got 5."),
        ({"sku": "basic"}, "sku must be one of Basic, Standard, Premium; got 'basic'."),
        ({"zone_redundant": "Enabled"}, "zone_redundant must be True or False; got 'Enabled'."),
        ({"zone_redundant": True}, "zone_redundant must be False where sku is Basic; got True."),
        ({"protect": "true"}, "protect must be True or False; got 'true'."),
        ({"name": "x"}, "every input must be one of network, protect, registry_name, sku, zone_redundant; got 'name'."),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    sentence = building.refusal_on_network(private_registry.PrivateRegistry, "registry", change)

    assert sentence == f"PrivateRegistry 'registry': {refusal}"
