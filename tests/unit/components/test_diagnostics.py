"""What resources say of themselves."""

from typing import Any

import pytest

from components import diagnostics
from tests.unit import deploying
from tests.unit.components import building

_WORKSPACE = "azure-native:operationalinsights:Workspace"
_SETTING = "azure-native:monitor:DiagnosticSetting"
_REGISTRY = f"{deploying.GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/images"
_SOURCES = {
    "registry": diagnostics.Source(resource_id=_REGISTRY),
    "group": diagnostics.Source(resource_id=f"{deploying.GROUP_ID}/nsg", metrics=False),
}


def _deploy(**args: Any) -> deploying.Deployed:
    return building.deploy_on_network(diagnostics.Diagnostics, "logs", {"sources": _SOURCES, **args})


def test_the_workspace_is_bounded_in_days_and_in_what_it_takes() -> None:
    made = _deploy(retention_days=90, daily_gb=2).one(_WORKSPACE).inputs

    assert made["retentionInDays"] == 90
    assert made["workspaceCapping"] == {"dailyQuotaGb": 2}


def test_the_workspace_is_read_with_roles_and_not_with_a_key() -> None:
    assert _deploy().one(_WORKSPACE).inputs["features"] == {"disableLocalAuth": True}


def test_a_source_says_what_its_type_can() -> None:
    made = {one.name: one.inputs for one in _deploy().all(_SETTING)}

    assert made["registry-diagnostics"]["logs"] == [{"categoryGroup": "allLogs", "enabled": True}]
    assert made["registry-diagnostics"]["metrics"] == [{"category": "AllMetrics", "enabled": True}]
    assert "metrics" not in made["group-diagnostics"]


def test_a_setting_is_for_its_resource_and_goes_by_itself() -> None:
    made = _deploy().one(_SETTING, "registry-diagnostics")

    assert made.inputs["resourceUri"] == _REGISTRY
    assert made.inputs["workspaceId"].endswith("/workspaces/logs-workspace")
    assert made.deleted_with == ""


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"retention_days": 29}, "retention_days must be a whole number from 30 to 730; got 29."),
        ({"daily_gb": 0}, "daily_gb must be a whole number from 1 to 1000; got 0."),
        ({"sources": {"a": "b"}}, "sources[a] must be a Source; got 'b'."),
        (
            {"sources": {"a": diagnostics.Source(resource_id="/b", logs=False, metrics=False)}},
            "sources[a] must be a Source with logs, metrics or both; got "
            "Source(resource_id='/b', logs=False, metrics=False).",
        ),
    ],
)
def test_a_wrong_input_is_refused(change: dict[str, Any], refusal: str) -> None:
    sentence = building.refusal_on_network(diagnostics.Diagnostics, "logs", {"sources": _SOURCES, **change})

    assert sentence == f"Diagnostics 'logs': {refusal}"
