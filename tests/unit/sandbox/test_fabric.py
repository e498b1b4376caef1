"""From records to a machine's filter: whose security group it is made of."""

from typing import Any

import pytest

from sandbox import fabric
from sandbox.store import Record

_NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
_SUBNET = f"{_NETWORK}/virtualNetworks/net/subnets/hosts"
_NIC = f"{_NETWORK}/networkInterfaces/nic"


def _record(kind: str, resource_id: str, **inputs: Any) -> Record:
    return Record(resource_id, f"azure-native:{kind}", "g", inputs)


def _rule(port: int) -> dict[str, Any]:
    return {
        "name": f"port-{port}",
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "priority": 100,
        "sourceAddressPrefix": "*",
        "destinationPortRange": str(port),
    }


def _filter(subnet: dict[str, Any], interface: dict[str, Any]) -> str:
    machine = Record("/vm", fabric.MACHINE, "g", {}, {"interface": _NIC})
    found = fabric.Fabric(
        [
            machine,
            _record("network:NetworkSecurityGroup", f"{_NETWORK}/nsg/subnets", securityRules=[_rule(1111)]),
            _record("network:NetworkSecurityGroup", f"{_NETWORK}/nsg/own", securityRules=[_rule(2222)]),
            _record("network:Subnet", _SUBNET, addressPrefix="10.0.1.0/24", **subnet),
            _record(
                "network:NetworkInterface",
                _NIC,
                ipConfigurations=[{"name": "p", "subnet": {"id": _SUBNET}}],
                **interface,
            ),
        ]
    ).filter_of(machine)
    assert found is not None
    return found


def _guard(name: str) -> dict[str, Any]:
    return {"networkSecurityGroup": {"id": f"{_NETWORK}/nsg/{name}"}}


@pytest.mark.parametrize(
    ("subnet", "interface", "port"), [(_guard("subnets"), {}, "1111"), ({}, _guard("own"), "2222")]
)
def test_the_filter_is_made_of_the_group_that_there_is(
    subnet: dict[str, Any], interface: dict[str, Any], port: str
) -> None:
    opened = [line for line in _filter(subnet, interface).splitlines() if "--dports" in line]

    assert [line.rpartition("--dports ")[2] for line in opened] == [f"{port} -j ACCEPT"] * 3


def test_without_a_group_no_rule_is_there() -> None:
    assert "--dports" not in _filter({}, {})
