"""What the tools and the sandbox must say alike, though neither may import the other."""

import pathlib

import pytest

import tools
from sandbox import home, rules
from tests.unit.tools import test_stack
from tools import settings_files, stack


def test_what_a_killed_run_was_creating_is_looked_for_in_the_sandboxs_own_subscription() -> None:
    pulumi = test_stack.FakePulumi(test_stack.make_export(test_stack.MACHINE), failing="refresh")

    stack.up(pulumi, stack.Cloud.SANDBOX)

    found = pulumi.read("stack", "export")["deployment"]["resources"][0]["id"]
    assert found.startswith(f"/subscriptions/{home.SUBSCRIPTION}/")


def test_the_operator_who_must_be_let_in_stands_where_the_sandbox_has_its_clients(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text((settings_files.ROOT / "Pulumi.yaml").read_text())
    own = tmp_path / "Pulumi.dev.yaml"
    own.write_text(f"config: {{azure-swarm:operatorNetworks: [{rules.CLIENT_ADDRESS}/32]}}\n")
    settings_files.require_operator("dev", "sandbox", tmp_path)
    own.write_text("config: {azure-swarm:operatorNetworks: []}\n")

    with pytest.raises(tools.ToolError, match=f"must hold {rules.CLIENT_ADDRESS} in the sandbox"):
        settings_files.require_operator("dev", "sandbox", tmp_path)
