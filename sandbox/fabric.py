"""From the store's records to what spans them: each machine's filter, and what is forwarded where; pure."""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

from sandbox import arm, balancers, rules
from sandbox.store import Record

_NETWORK = "azure-native:network:"
SUBNET = f"{_NETWORK}Subnet"
MACHINE = "azure-native:compute:VirtualMachine"
REGISTRY = "azure-native:containerregistry:Registry"
_REGISTRY_PORT = 443
# A registry's port at the gateway is this plus the last part of its address, of which no other resource has the same.
_GATEWAY_PORTS = 21_000


class Fabric:
    """A reading of all records at one moment."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = {record.id.lower(): record for record in records}

    def list_of(self, token: str) -> list[Record]:
        """Lists the records of a type."""
        return [record for record in self._records.values() if record.token == token]

    def _find(self, reference: object) -> Record | None:
        return self._records.get(arm.id_of(reference).lower())

    def filter_of(self, machine: Record) -> str | None:
        """Gives the script of a machine's packet filter; None while its interface or subnet is not there."""
        interface = self._records.get(machine.facts["interface"].lower())
        subnet = self._subnet_of(interface) if interface is not None else None
        if interface is None or subnet is None:
            return None
        network = self._records.get(subnet.id.partition("/subnets/")[0].lower())
        own_address = bool(_configuration(interface).get("publicIPAddress"))
        around = rules.Surroundings(
            spaces=network.inputs["addressSpace"]["addressPrefixes"] if network is not None else [],
            gateway=gateway_of(subnet.inputs["addressPrefix"]),
            way_out=own_address or self._find(subnet.inputs.get("natGateway")) is not None,
            registries={one.facts["address"]: _gateway_port(one) for one in self.list_of(REGISTRY)},
        )
        return rules.render_filter(self._rules_of(interface, subnet), around)

    def _subnet_of(self, interface: Record) -> Record | None:
        return self._find(_configuration(interface).get("subnet"))

    def _rules_of(self, interface: Record, subnet: Record) -> list[rules.Rule]:
        """Lists the rules of the interface's security group, or of its subnet's: one of them has one."""
        own = self._find(interface.inputs.get("networkSecurityGroup"))
        group = own or self._find(subnet.inputs.get("networkSecurityGroup"))
        return list(group.inputs["securityRules"]) if group is not None else []

    def forwards(self) -> list[balancers.Forward]:
        """Lists all that this machine forwards."""
        return [*self._to_interfaces(), *self._to_pools(), *self._to_registries()]

    def published(self) -> list[tuple[str, int]]:
        """Lists the public addresses and ports that answer."""
        registries = [(one.facts["address"], _REGISTRY_PORT) for one in self.list_of(REGISTRY)]
        return [*((one.address, one.port) for one in self.forwards() if one.public), *registries]

    def _to_interfaces(self) -> Iterator[balancers.Forward]:
        for interface in self.list_of(f"{_NETWORK}NetworkInterface"):
            public, subnet = self._find(_configuration(interface).get("publicIPAddress")), self._subnet_of(interface)
            if public is None or subnet is None:
                continue
            for port in rules.open_tcp_ports(self._rules_of(interface, subnet)):
                name = f"address-{public.facts['address']}-{port}"
                target = [(interface.name, interface.facts["address"])]
                yield balancers.Forward(name, public.facts["address"], port, target, port)

    def _to_pools(self) -> Iterator[balancers.Forward]:
        for balancer in self.list_of(f"{_NETWORK}LoadBalancer"):
            for rule in balancer.inputs["loadBalancingRules"]:
                yield from self._to_pool(balancer, rule)

    def _to_pool(self, balancer: Record, rule: rules.Rule) -> Iterator[balancers.Forward]:
        frontend = _part(balancer, "frontendIPConfigurations", rule["frontendIPConfiguration"])
        public = self._find(frontend.get("publicIPAddress"))
        if public is None:
            return
        probe = _part(balancer, "probes", rule["probe"]) if rule.get("probe") else None
        yield balancers.Forward(
            name=f"balancer-{public.facts['address']}-{rule['frontendPort']}",
            address=public.facts["address"],
            port=rule["frontendPort"],
            targets=self._members(balancer, _last(arm.id_of(rule["backendAddressPool"]))),
            target_port=rule["backendPort"],
            probe=_read_probe(probe) if probe is not None else None,
            idle_minutes=rule.get("idleTimeoutInMinutes", 4),
        )

    def _members(self, balancer: Record, pool: str) -> list[tuple[str, str]]:
        pool_id = f"{balancer.id}/backendAddressPools/{pool}".lower()
        return [
            (one.name, one.facts["address"])
            for one in self.list_of(f"{_NETWORK}NetworkInterface")
            if pool_id
            in {arm.id_of(its).lower() for its in _configuration(one)["loadBalancerBackendAddressPools"] or ()}
        ]

    def _to_registries(self) -> Iterator[balancers.Forward]:
        for registry in self.list_of(REGISTRY):
            address = registry.facts["address"]
            for subnet in self.list_of(SUBNET):
                gateway = gateway_of(subnet.inputs["addressPrefix"])
                name = f"registry-{address}-{gateway}"
                port, target = _gateway_port(registry), balancers.listen_port(_REGISTRY_PORT)
                yield balancers.Forward(name, gateway, port, [("it", address)], target, public=False, source="")


def gateway_of(prefix: str) -> str:
    """Gives the first address of a subnet, which is Azure's gateway and the bridge's own address here."""
    return str(next(ipaddress.IPv4Network(prefix).hosts()))


def _gateway_port(registry: Record) -> int:
    return _GATEWAY_PORTS + int(registry.facts["address"].rpartition(".")[2])


def _configuration(interface: Record) -> rules.Rule:
    only: rules.Rule = {"loadBalancerBackendAddressPools": None, **interface.inputs["ipConfigurations"][0]}
    return only


def _part(balancer: Record, kind: str, reference: rules.Rule) -> rules.Rule:
    name = _last(arm.id_of(reference))
    found: Sequence[rules.Rule] = [part for part in balancer.inputs[kind] if part["name"] == name]
    return found[0]


def _last(resource_id: str) -> str:
    return resource_id.rpartition("/")[2]


def _read_probe(probe: rules.Rule) -> balancers.Probe:
    path = probe.get("requestPath", "") if probe["protocol"] == "Http" else ""
    return balancers.Probe(probe["port"], path, probe.get("intervalInSeconds", 15), probe.get("probeThreshold", 1))
