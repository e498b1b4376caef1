"""Diagnostic settings: state only; what they refer to must be there."""

from providers import kit
from providers.kit.resource import Plain
from sandbox import arm, scoped
from sandbox.store import Record

# Of the covered types: Azure refuses the kinds that a type does not have.
_WITHOUT_METRICS = ("azure-native:network:NetworkSecurityGroup",)
_WITHOUT_LOGS = ("azure-native:network:NatGateway", "azure-native:network:NetworkInterface")


class DiagnosticSetting(scoped.ScopedType):
    """What of a resource goes to a workspace."""

    token = "azure-native:monitor:DiagnosticSetting"
    description = "A diagnostic setting; sends nothing here."
    path = "/providers/Microsoft.Insights/diagnosticSettings/{name}"
    scope_input = "resourceUri"
    inputs = {
        "resourceUri": arm.string("The id of what reports.", required=True, replaces=True),
        "name": arm.string("The name.", required=True, replaces=True),
        "workspaceId": arm.string("The id of a workspace.", required=True),
        "logs": kit.Property("array", "Categories of logs."),
        "metrics": kit.Property("array", "Categories of metrics."),
    }

    def decide(self, record: Record, inputs: Plain, old: Record | None) -> Plain:
        """Checks what is referred to, and that it has what is asked for."""
        self.require(inputs["workspaceId"])
        scope = self.require(inputs["resourceUri"])
        for key, without in (("metrics", _WITHOUT_METRICS), ("logs", _WITHOUT_LOGS)):
            if inputs.get(key) and scope.token in without:
                text = f"{key.capitalize()} are not supported for resource {scope.id}."
                raise arm.ArmError(400, "BadRequest", text)
        return {}
