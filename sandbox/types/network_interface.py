"""Network interfaces: an address on a subnet, perhaps a public one, and membership in pools of load balancers."""

from typing import Any

from providers import kit
from providers.kit.resource import Plain
from sandbox import addresses, arm, fabric
from sandbox.store import Record


class NetworkInterface(arm.ArmType):
    """A network interface with one configuration."""

    token = "azure-native:network:NetworkInterface"
    description = "A network interface."
    path = "/providers/Microsoft.Network/networkInterfaces/{networkInterfaceName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "networkInterfaceName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "ipConfigurations": kit.Property("array", "One configuration.", required=True),
        "networkSecurityGroup": kit.Property("object", "The id of a security group, where the subnet has none."),
        "enableIPForwarding": kit.Property("boolean", "Whether it forwards what is not for it."),
        "enableAcceleratedNetworking": kit.Property("boolean", "Without effect here."),
        "tags": arm.TAGS,
    }
    only = {"enableIPForwarding": False}
    outputs = {**arm.ArmType.outputs, "ipConfigurations": kit.Property("array", "With the private address.")}

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks the references and takes a free address of the subnet."""
        configuration = self._only_configuration(record, inputs)
        subnet = self.require(arm.id_of(configuration.get("subnet")))
        self._check_security_group(record, inputs, subnet)
        self._check_public_address(record, configuration)
        for pool in configuration.get("loadBalancerBackendAddressPools") or []:
            self._require_pool(arm.id_of(pool))
        if "address" in record.facts:
            return {}
        taken = {one.facts.get("address", "") for one in self._store.list_of(self.token)}
        return {"address": addresses.take_private(subnet, taken)}

    def _only_configuration(self, record: Record, inputs: Plain) -> dict[str, Any]:
        listed = inputs["ipConfigurations"]
        if len(listed) != 1:
            raise kit.ResourceError(
                f"The sandbox covers one IP configuration an interface; '{record.name}' has {len(listed)}."
            )
        only: dict[str, Any] = listed[0]
        return only

    def _check_security_group(self, record: Record, inputs: Plain, subnet: Record) -> None:
        group_id = arm.id_of(inputs.get("networkSecurityGroup"))
        if not group_id:
            return
        self.require(group_id)
        # On Azure a packet has to pass both; a machine's filter here is made of one.
        if arm.id_of(subnet.inputs.get("networkSecurityGroup")):
            raise kit.ResourceError(
                f"The sandbox covers a security group on an interface or on its subnet, not on both; '{record.name}' "
                f"has one, and so has '{subnet.name}'."
            )

    def _check_public_address(self, record: Record, configuration: dict[str, Any]) -> None:
        public_id = arm.id_of(configuration.get("publicIPAddress"))
        if not public_id:
            return
        users = [one for one in self.users_of(self.require(public_id).id) if one.id != record.id]
        if users:
            text = f"Resource {record.id} is referencing public IP address {public_id} that is already allocated."
            raise arm.ArmError(400, "PublicIPAddressInUse", text)

    def _require_pool(self, pool_id: str) -> None:
        balancer = self.require(pool_id.partition("/backendAddressPools/")[0])
        names = [pool["name"] for pool in balancer.inputs.get("backendAddressPools") or []]
        if pool_id.rpartition("/")[2] not in names:
            text = f"Resource {pool_id} was not found. Please make sure that the referenced resource exists."
            raise arm.ArmError(400, "InvalidResourceReference", text)

    def describe(self, record: Record) -> Plain:
        """Tells the private address within the configuration, as Azure does."""
        configured = {**record.inputs["ipConfigurations"][0], "privateIPAddress": record.facts["address"]}
        configured["id"] = f"{record.id}/ipConfigurations/{configured['name']}"
        return {"ipConfigurations": [configured]}

    def refuse_delete(self, record: Record) -> None:
        """Refuses while a machine uses it."""
        users = [one for one in self.users_of(record.id) if one.token == fabric.MACHINE]
        if users:
            text = (
                f"Network Interface {record.id} is used by existing resource {users[0].id}. In order to delete the "
                "network interface, it must be dissociated from the resource."
            )
            raise arm.ArmError(400, "NicInUse", text)
