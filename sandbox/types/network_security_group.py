"""Network security groups; `sandbox/rules.py` turns them into the packet filter of every machine."""

from typing import Any

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm, rules
from sandbox.store import Record


class NetworkSecurityGroup(arm.ArmType):
    """A network security group with inline rules."""

    token = "azure-native:network:NetworkSecurityGroup"
    description = "A network security group."
    path = "/providers/Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "networkSecurityGroupName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "securityRules": kit.Property("array", "The rules.", default=[]),
        "tags": arm.TAGS,
    }

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks the rules."""
        listed = inputs["securityRules"]
        for rule in listed:
            _refuse_bad(record, rule)
        numbers = [(rule["direction"], rule["priority"]) for rule in listed]
        twice = sorted({priority for direction, priority in numbers if numbers.count((direction, priority)) > 1})
        if twice:
            text = f"Security rules of {record.name} have the same Priority {twice[0]} and Direction."
            raise arm.ArmError(400, "SecurityRuleConflict", text)
        return {}

    def refuse_delete(self, record: Record) -> None:
        """Refuses while a subnet refers to it."""
        users = self.users_of(record.id)
        if users:
            text = f"Network security group {record.id} cannot be deleted because it is in use by {users[0].id}."
            raise arm.ArmError(400, "InUseNetworkSecurityGroupCannotBeDeleted", text)


def _refuse_bad(record: Record, rule: dict[str, Any]) -> None:
    missing = [key for key in rules.REQUIRED if rule.get(key) is None]
    if missing:
        text = f"Required security rule parameters are missing for security rule {rule.get('name')}: {missing}."
        raise arm.ArmError(400, "SecurityRuleParameterMissing", text)
    if not 100 <= rule["priority"] <= 4096:
        text = f"Security rule has invalid Priority. Value provided: {rule['priority']} Allowed range 100-4096."
        raise arm.ArmError(400, "SecurityRuleInvalidPriority", text)
    unknown = sorted(set(rule) - rules.COVERED)
    if unknown:
        raise kit.ResourceError(
            f"Security rule '{rule['name']}' of '{record.name}' has properties that the sandbox does not cover: "
            f"{', '.join(unknown)}; covered are {', '.join(sorted(rules.COVERED))}."
        )
    rules.refuse_uncovered(rule)
