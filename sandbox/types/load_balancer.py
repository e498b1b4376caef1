"""Load balancers of sku Standard; `sandbox/balancers.py` turns them into haproxy's configuration."""

from typing import Any

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm
from sandbox.store import Record

_PARTS = ("frontendIPConfigurations", "backendAddressPools", "probes", "loadBalancingRules")
_REFERENCES = ("frontendIPConfiguration", "backendAddressPool", "probe")


class LoadBalancer(arm.ArmType):
    """A public load balancer."""

    token = "azure-native:network:LoadBalancer"
    description = "A load balancer."
    path = "/providers/Microsoft.Network/loadBalancers/{loadBalancerName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "loadBalancerName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "sku": kit.Property("object", "name: Standard.", replaces=True),
        "frontendIPConfigurations": kit.Property("array", "Public addresses.", default=[]),
        "backendAddressPools": kit.Property("array", "Pools, filled by interfaces.", default=[]),
        "probes": kit.Property("array", "HTTP and TCP probes.", default=[]),
        "loadBalancingRules": kit.Property("array", "TCP rules.", default=[]),
        "tags": arm.TAGS,
    }
    outputs = {
        **arm.ArmType.outputs,
        "frontendIPConfigurations": kit.Property("array", "With ids."),
        "backendAddressPools": kit.Property("array", "With ids."),
    }

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks what is referred to."""
        if arm.look_up(inputs, "sku.name") != "Standard":
            raise arm.ArmError(400, "BasicSkuLoadBalancerRetired", "Basic load balancers are retired; use Standard.")
        for frontend in inputs["frontendIPConfigurations"]:
            self.require(arm.id_of(frontend.get("publicIPAddress")))
        for rule in inputs["loadBalancingRules"]:
            _refuse_bad(record, inputs, rule)
        return {}

    def describe(self, record: Record) -> Plain:
        """Gives the parts their ids."""
        return {
            key: [{**part, "id": f"{record.id}/{key}/{part['name']}"} for part in record.inputs[key]]
            for key in ("frontendIPConfigurations", "backendAddressPools")
        }


def _refuse_bad(record: Record, inputs: Plain, rule: dict[str, Any]) -> None:
    if rule.get("protocol") != "Tcp":
        raise kit.ResourceError(
            f"The sandbox covers TCP rules only; '{rule.get('name')}' has {rule.get('protocol')!r}."
        )
    known = {f"$self/{part}/{one['name']}" for part in _PARTS for one in inputs[part]}
    known |= {f"{record.id}/{part}/{one['name']}" for part in _PARTS for one in inputs[part]}
    for key in _REFERENCES:
        # A rule may do without a probe.
        if (rule.get(key) or key != "probe") and arm.id_of(rule.get(key)) not in known:
            text = f"Resource {arm.id_of(rule.get(key))} referenced by resource {record.id} was not found."
            raise arm.ArmError(400, "InvalidResourceReference", text)
