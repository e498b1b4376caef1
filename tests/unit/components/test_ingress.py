"""The load balancer before the hosts."""

from typing import Any

import pytest

from components import errors, ingress, network
from tests.unit import deploying
from tests.unit.components import building

_LB = "azure-native:network:LoadBalancer"


@pytest.fixture(scope="module")
def edge() -> deploying.Deployed:
    """Gives an ingress of two ports, deployed."""
    return _deploy_edge()


def _deploy_edge(**args: Any) -> deploying.Deployed:
    return deploying.deploy(lambda: _create_edge([80, 443], {"ports": [80, 443], **args}))


def _create_edge(open_ports: list[int], args: Any) -> ingress.Ingress:
    net = network.ClusterNetwork("net", {**building.NETWORK_ARGS, "open_ports": open_ports})
    merged: Any = {"network": net, **args}
    return ingress.Ingress("edge", merged)


def test_every_port_is_forwarded_to_the_same_port_of_the_hosts(edge: deploying.Deployed) -> None:
    rules = edge.one(_LB).inputs["loadBalancingRules"]

    assert [(rule["name"], rule["frontendPort"], rule["backendPort"]) for rule in rules] == [
        ("tcp-80", 80, 80),
        ("tcp-443", 443, 443),
    ]


def test_every_port_has_a_probe_of_its_own(edge: deploying.Deployed) -> None:
    probes = edge.one(_LB).inputs["probes"]

    assert [(probe["protocol"], probe["port"], probe["requestPath"]) for probe in probes] == [
        ("Http", 9180, "/ready/80"),
        ("Http", 9180, "/ready/443"),
    ]


def test_a_rule_refers_to_its_own_parts(edge: deploying.Deployed) -> None:
    rule = edge.one(_LB).inputs["loadBalancingRules"][1]

    assert rule["probe"] == {"id": "$self/probes/ready-443"}
    assert rule["backendAddressPool"] == {"id": "$self/backendAddressPools/hosts"}
    assert rule["frontendIPConfiguration"] == {"id": "$self/frontendIPConfigurations/public"}


def test_idle_clients_are_told_and_hosts_leave_by_nat(edge: deploying.Deployed) -> None:
    rule = edge.one(_LB).inputs["loadBalancingRules"][0]

    assert rule["enableTcpReset"] is True
    assert rule["disableOutboundSnat"] is True


def test_a_port_that_is_named_twice_is_forwarded_once() -> None:
    rules = _deploy_edge(ports=[80, 80]).one(_LB).inputs["loadBalancingRules"]

    assert [rule["name"] for rule in rules] == ["tcp-80"]


@pytest.mark.parametrize(("zones", "wire"), [([], None), (["1", "2"], ["1", "2"]), (("3",), ["3"])])
def test_the_address_is_in_the_zones(zones: Any, wire: list[str] | None) -> None:
    address = _deploy_edge(zones=zones).one("azure-native:network:PublicIPAddress", "edge-ip")

    assert address.inputs.get("zones") == wire


def test_draining_lasts_as_long_as_the_probes_may_need() -> None:
    made: list[ingress.Ingress] = []
    deployed = deploying.deploy(lambda: made.append(_create_edge([80], {"ports": [80]})))

    probe = deployed.one(_LB).inputs["probes"][0]
    assert made[0].drain_seconds == probe["intervalInSeconds"] * probe["probeThreshold"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"network": "net"}, "network must be a ClusterNetwork; got 'net'."),
        ({"ports": None}, "ports must be given; got nothing."),
        ({"ports": []}, "ports must be at least one published port; got []."),
        ({"ports": 80}, "ports must be a list of ports; got 80."),
        ({"ports": [80, 8080]}, "ports must be among the network's open_ports [80]; got 8080."),
        ({"zones": ["4"]}, "zones must be a list of '1', '2' and '3'; got ['4']."),
        ({"hosts": []}, "every input must be one of network, ports, ready_paths, zones; got 'hosts'."),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    sentence = building.refusal_on_network(ingress.Ingress, "edge", {"ports": [80], **change})

    assert sentence == f"Ingress 'edge': {refusal}"


def test_a_name_that_azure_does_not_take_is_refused() -> None:
    sentence = building.refusal_on_network(ingress.Ingress, "E", {"ports": [80]})

    assert sentence == (
        "Ingress 'E': name must be lower-case letters, digits and '-', a letter first, at most 42 characters; got 'E'."
    )


def test_a_service_with_a_path_is_asked_itself() -> None:
    probes = _deploy_edge(ready_paths={443: "/-/ready"}).one(_LB).inputs["probes"]

    assert [probe["requestPath"] for probe in probes] == ["/ready/80", "/ready/443/-/ready"]


def test_a_path_that_is_none_is_refused() -> None:
    with pytest.raises(errors.InputError) as caught:
        _deploy_edge(ready_paths={80: "ready"})

    assert str(caught.value) == (
        "Ingress 'edge': ready_paths[80] must be a path that begins with '/', such as '/ready'; got 'ready'."
    )
