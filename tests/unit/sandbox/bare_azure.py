"""The azure-native types on a world without bodies, and inputs as programs give them."""

import base64
import pathlib
from typing import Any

import pytest

from providers import kit
from sandbox import arm, home
from sandbox.store import Store
from sandbox.types import make_types
from sandbox.world import NoWorld
from tests.doubles import virtual_time

GROUP = {"resourceGroupName": "rg", "location": "westeurope"}
ARM_GROUP = f"/subscriptions/{home.SUBSCRIPTION}/resourceGroups/rg"
NETWORK = f"{ARM_GROUP}/providers/Microsoft.Network"
SUBNET_ID = f"{NETWORK}/virtualNetworks/net/subnets/hosts"
STANDARD = {"sku": {"name": "Standard"}}
ADDRESS = {**GROUP, **STANDARD, "publicIpAddressName": "ip", "publicIPAllocationMethod": "Static"}
INTERFACE = {
    **GROUP,
    "networkInterfaceName": "nic",
    "ipConfigurations": [{"name": "primary", "subnet": {"id": SUBNET_ID}}],
}
MACHINE: dict[str, Any] = {
    **GROUP,
    "vmName": "vm",
    "hardwareProfile": {"vmSize": "Standard_B2als_v2"},
    "networkProfile": {"networkInterfaces": [{"id": f"{NETWORK}/networkInterfaces/nic"}]},
    "osProfile": {
        "computerName": "vm",
        "adminUsername": "azureuser",
        "customData": base64.b64encode(b"#cloud-config\n").decode(),
    },
    "storageProfile": {"imageReference": {"offer": "debian-12"}},
}
CONTEXT = kit.Context("it", "urn", 0, lambda _text: None, lambda _text: None)


class Azure:
    """The types by their short names, on one store."""

    def __init__(self, folder: pathlib.Path) -> None:
        place = home.Home(folder, "azsw-test", "/nowhere")
        listed = make_types(Store(folder / "resources.json"), NoWorld(), place)
        self.types: dict[str, arm.ArmType] = {type(one).__name__: one for one in listed}

    def create(self, name: str, inputs: dict[str, Any]) -> kit.Created:
        checked = self.types[name].check(inputs, {})
        assert checked.failures == ()
        return virtual_time.run_in_real_time(self.types[name].create(CONTEXT, checked.inputs))

    def update(self, name: str, resource_id: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return virtual_time.run_in_real_time(
            self.types[name].update(CONTEXT, resource_id, {}, self.types[name].check(inputs, {}).inputs)
        )

    def read(self, name: str, resource_id: str, state: dict[str, Any]) -> kit.Observed | None:
        return virtual_time.run_in_real_time(self.types[name].read(CONTEXT, resource_id, state))

    def delete(self, name: str, resource_id: str) -> None:
        virtual_time.run_in_real_time(self.types[name].delete(CONTEXT, resource_id, {}))


def code_of(error: pytest.ExceptionInfo[arm.ArmError]) -> str:
    return error.value.code
