"""Why a command finds nothing to work on."""

from typing import Any

import pytest

from tools import absence

UP = "'make up' with the same STACK and CLOUD"


def _export(*types: str) -> dict[str, Any]:
    return {"deployment": {"resources": [{"type": kind, "inputs": {}} for kind in types]}}


@pytest.mark.parametrize("export", [None, {}, {"deployment": {}}, _export("pulumi:pulumi:Stack")])
def test_an_empty_state_is_nothing(export: Any) -> None:
    assert absence.explain("dev", None, export) == f"Nothing is up on stack dev: {UP} brings it up."


def test_a_first_up_that_was_cut_off_is_told_by_what_is_there() -> None:
    export = _export(
        "pulumi:pulumi:Stack", "pulumi:providers:docker", "azure-swarm:components:Ingress", "a:b:C", "d:e:F"
    )

    assert absence.explain("dev", {}, export) == (
        f"An up of stack dev was not finished: 2 resources are there; {UP} goes on, 'make down' removes what is there."
    )


def test_what_was_being_created_may_be_there_too() -> None:
    operations = [
        {"type": "creating", "resource": {"type": "a:b:C"}},
        {"type": "deleting", "resource": {"type": "d:e:F"}},
    ]

    assert "1 resource is there" in absence.explain("dev", {}, {"deployment": {"pending_operations": operations}})


def test_a_state_that_lost_the_swarm_is_told_by_what_the_outputs_name() -> None:
    outputs = {"nodes": [{"name": "manager-0", "role": "manager"}]}

    assert absence.explain_no_swarm("dev", outputs, _export("a:b:C"), "audit") == (
        f"The state of stack dev has no swarm, though its outputs name 1 node: {UP} takes over what lives."
    )


def test_one_host_has_no_swarm_to_look_at() -> None:
    outputs = {"nodes": [{"name": "manager-0", "role": "host"}]}

    assert absence.explain_no_swarm("dev", outputs, _export("a:b:C"), "audit") == (
        "Stack dev is one host without a swarm (composeTarget host), and 'make audit' is for swarms."
    )
