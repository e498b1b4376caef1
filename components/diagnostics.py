"""What resources say of themselves, kept in a Log Analytics workspace."""

import dataclasses
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_azure_native.monitor as monitor
import pulumi_azure_native.operationalinsights as operationalinsights

from components import checks, inputs, network


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """A resource that says something; which of the two it has is the type's own (Azure refuses the other)."""

    resource_id: pulumi.Input[str]
    logs: bool = True
    metrics: bool = True


class DiagnosticsArgs(TypedDict):
    """What `Diagnostics` take."""

    network: "network.ClusterNetwork"
    """The network whose resource group the workspace joins."""
    sources: Mapping[str, Source]
    """What is recorded, by the name that its setting begins with."""
    retention_days: NotRequired[int]
    """How long records are kept, from 30 to 730 days; default 30, which costs nothing beside the intake."""
    daily_gb: NotRequired[int]
    """The most that is taken in on a day, in GB, so that a flood costs no fortune; default 1."""


class Diagnostics(pulumi.ComponentResource):
    """A workspace, and a diagnostic setting for every source."""

    settings: list[monitor.DiagnosticSetting]

    def __init__(self, name: str, args: DiagnosticsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        days, daily_gb = args.get("retention_days", 30), args.get("daily_gb", 1)
        _check(f"Diagnostics '{name}'", args, days, daily_gb)
        super().__init__("azure-swarm:components:Diagnostics", name, {"retentionDays": days}, opts)
        workspace = self._create_workspace(name, args["network"], days, daily_gb)
        # What depends on a lock's resource has to go after the lock: `lock.create_lock` takes these.
        self.settings = [self._create_setting(key, one, workspace.id) for key, one in args["sources"].items()]
        self.register_outputs({})

    def _create_workspace(
        self, name: str, net: "network.ClusterNetwork", days: int, daily_gb: int
    ) -> operationalinsights.Workspace:
        return operationalinsights.Workspace(
            f"{name}-workspace",
            resource_group_name=net.place.resource_group_name,
            location=net.place.location,
            workspace_name=f"{name}-workspace",
            sku={"name": "PerGB2018"},
            retention_in_days=days,
            workspace_capping={"daily_quota_gb": daily_gb},
            # Reading takes a role in Entra, not the workspace's shared key.
            features={"disable_local_auth": True},
            opts=pulumi.ResourceOptions(parent=self, deleted_with=net.place.resource_group),
        )

    def _create_setting(self, key: str, source: Source, workspace_id: pulumi.Input[str]) -> monitor.DiagnosticSetting:
        logs: list[dict[str, Any]] = [{"category_group": "allLogs", "enabled": True}] if source.logs else []
        metrics: list[dict[str, Any]] = [{"category": "AllMetrics", "enabled": True}] if source.metrics else []
        return monitor.DiagnosticSetting(
            f"{key}-diagnostics",
            name=f"{key}-diagnostics",
            resource_uri=source.resource_id,
            workspace_id=workspace_id,
            logs=logs or None,
            metrics=metrics or None,
            # Never `deleted_with`: Azure keeps a setting when its resource goes, and gives it to the next of the name.
            opts=pulumi.ResourceOptions(parent=self),
        )


def _check(who: str, args: DiagnosticsArgs, days: object, daily_gb: object) -> None:
    inputs.check_keys(who, args, DiagnosticsArgs)
    inputs.check_kind(who, "network", args["network"], network.ClusterNetwork, "a ClusterNetwork")
    inputs.refuse(who, "retention_days", days, checks.expected_retention(days))
    inputs.refuse(who, "daily_gb", daily_gb, checks.expected_daily_quota(daily_gb))
    for key, source in args["sources"].items():
        inputs.check_kind(who, f"sources[{key}]", source, Source, "a Source")
        says = source.logs or source.metrics
        inputs.refuse(who, f"sources[{key}]", source, None if says else "a Source with logs, metrics or both")
