"""The load balancer before the hosts: one rule and one probe for every published port."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_azure_native.network as azure_network

import cloud_init
from components import checks, inputs, machine, network, public_address

PROBE_SECONDS = 5
PROBE_THRESHOLD = 2


class IngressArgs(TypedDict):
    """What an `Ingress` takes."""

    network: "network.ClusterNetwork"
    """The network whose hosts it feeds; its `open_ports` must hold the same ports."""
    ports: Sequence[int]
    """The published TCP ports; each is forwarded to the same port of the hosts."""
    ready_paths: NotRequired[Mapping[int, str]]
    """By port, a path that the service itself must answer with 2xx to get connections; default none: an open port is
    enough. A service that answers it with 503 while it still serves can stop without a lost connection."""
    zones: NotRequired[Sequence[str]]
    """The zones of the public address, fixed when it is made; default none."""


class Ingress(pulumi.ComponentResource):
    """A public address and a Standard load balancer with HTTP probes of `/ready/<port>` on every host.

    It comes before the hosts: membership in its pool is a property of a host's network interface.
    """

    address: pulumi.Output[str]
    pool_id: pulumi.Output[str]
    balancer_id: pulumi.Output[str]
    address_id: pulumi.Output[str]
    drain_seconds: int

    def __init__(self, name: str, args: IngressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        ports = sorted(set(args["ports"]))
        probes = [_make_probe(port, args.get("ready_paths", {}).get(port, "")) for port in ports]
        super().__init__("azure-swarm:components:Ingress", name, {"ports": ports}, opts)
        place = args["network"].place
        self._inside = pulumi.ResourceOptions(parent=self, deleted_with=place.resource_group)
        public = public_address.create_public_address(
            f"{name}-ip", place.resource_group_name, place.location, self._inside, args.get("zones", ())
        )
        balancer = self._create_balancer(name, place, public.id, ports, probes)
        # How long after a host's "no" the load balancer may still send to it.
        self.drain_seconds = PROBE_SECONDS * PROBE_THRESHOLD
        self.address = pulumi.Output.all(public.ip_address, balancer.id).apply(lambda found: str(found[0]))
        self.balancer_id, self.address_id = balancer.id, public.id
        self.pool_id = pulumi.Output.concat(balancer.id, "/backendAddressPools/hosts")
        self.register_outputs({"address": self.address})

    def _create_balancer(
        self,
        name: str,
        place: machine.Place,
        address_id: pulumi.Input[str],
        ports: Sequence[int],
        probes: Sequence[Mapping[str, Any]],
    ) -> azure_network.LoadBalancer:
        return azure_network.LoadBalancer(
            f"{name}-lb",
            resource_group_name=place.resource_group_name,
            location=place.location,
            load_balancer_name=f"{name}-lb",
            sku={"name": "Standard"},
            frontend_ip_configurations=[{"name": "public", "public_ip_address": {"id": address_id}}],
            backend_address_pools=[{"name": "hosts"}],
            probes=list(probes),
            load_balancing_rules=[_make_rule(port) for port in ports],
            opts=self._inside,
        )


def _check(name: str, args: IngressArgs) -> None:
    who = f"Ingress '{name}'"
    inputs.check_keys(who, args, IngressArgs)
    inputs.refuse(who, "name", name, checks.expected_host_name(name))
    inputs.check_kind(who, "network", args["network"], network.ClusterNetwork, "a ClusterNetwork")
    zones = args.get("zones", ())
    inputs.refuse(who, "zones", zones, checks.expected_zones(zones))
    ports, opened = inputs.check_list(who, "ports", args["ports"], "ports"), args["network"].open_ports
    inputs.refuse(who, "ports", ports, None if ports else "at least one published port")
    for port, path in args.get("ready_paths", {}).items():
        inputs.refuse(who, f"ready_paths[{port}]", path, checks.expected_path(path))
    for port in ports:
        inputs.refuse(who, "ports", port, None if port in opened else f"among the network's open_ports {opened}")


def _make_probe(port: int, path: str) -> dict[str, Any]:
    return {
        "name": f"ready-{port}",
        "protocol": "Http",
        "port": cloud_init.READINESS_PORT,
        "request_path": f"/ready/{port}{path}",
        "interval_in_seconds": PROBE_SECONDS,
        "number_of_probes": PROBE_THRESHOLD,
        "probe_threshold": PROBE_THRESHOLD,
    }


def _make_rule(port: int) -> dict[str, Any]:
    return {
        "name": f"tcp-{port}",
        "protocol": "Tcp",
        "frontend_port": port,
        "backend_port": port,
        "frontend_ip_configuration": {"id": "$self/frontendIPConfigurations/public"},
        "backend_address_pool": {"id": "$self/backendAddressPools/hosts"},
        "probe": {"id": f"$self/probes/ready-{port}"},
        # Hosts leave through the NAT gateway; idle flows end with a reset that clients see.
        "disable_outbound_snat": True,
        "enable_tcp_reset": True,
        "idle_timeout_in_minutes": 4,
    }
