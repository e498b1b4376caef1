"""Log Analytics workspaces: state only, nothing is taken in."""

from providers import kit
from sandbox import arm


class Workspace(arm.ArmType):
    """A workspace."""

    token = "azure-native:operationalinsights:Workspace"
    description = "A Log Analytics workspace; takes nothing in here."
    path = "/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}"
    inputs = {
        "resourceGroupName": arm.GROUP,
        "workspaceName": arm.string("The name.", required=True, replaces=True),
        "location": arm.LOCATION,
        "sku": arm.SKU,
        "retentionInDays": kit.Property("integer", "How long records are kept."),
        "workspaceCapping": kit.Property("object", "dailyQuotaGb."),
        "features": kit.Property("object", "disableLocalAuth."),
        "publicNetworkAccessForIngestion": arm.string("Without effect here."),
        "publicNetworkAccessForQuery": arm.string("Without effect here."),
        "tags": arm.TAGS,
    }
