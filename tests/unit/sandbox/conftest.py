"""A group, and a network in it, of types without bodies."""

import pathlib

import pytest

from tests.unit.sandbox.bare_azure import GROUP, Azure


@pytest.fixture
def azure(tmp_path: pathlib.Path) -> Azure:
    made = Azure(tmp_path)
    made.create("ResourceGroup", GROUP)
    return made


@pytest.fixture
def network(azure: Azure) -> Azure:
    azure.create(
        "VirtualNetwork",
        {**GROUP, "virtualNetworkName": "net", "addressSpace": {"addressPrefixes": ["10.80.0.0/16"]}},
    )
    azure.create(
        "Subnet",
        {
            "resourceGroupName": "rg",
            "virtualNetworkName": "net",
            "subnetName": "hosts",
            "addressPrefix": "10.80.1.0/29",
            "defaultOutboundAccess": False,
        },
    )
    return azure
