"""What planned nodes cannot run, one case a rule: tests/unit/placement/*.yaml, on one manager and two workers."""

import dataclasses
import pathlib
from typing import Any

import pytest
import yaml

import compose
from components import compose_stack, errors, placement, sizes
from stacks import platform
from tests.unit import deploying
from tests.unit.stacks import environments

CASES = sorted((pathlib.Path(__file__).parents[1] / "placement").glob("*.yaml"))
GIB = 2**30


def _read_models(case: dict[str, Any], folder: pathlib.Path) -> dict[str, compose.Converted]:
    file = folder / "compose.yaml"
    file.write_text(yaml.safe_dump({key: case[key] for key in ("services", "volumes") if key in case}))
    return {"shop": compose_stack.read_compose_files("shop", [str(file)]).model}


def _make_nodes(size: str = "Standard_B2als_v2") -> list[placement.PlannedNode]:
    return [
        placement.PlannedNode("manager-0", "manager", {}, size),
        placement.PlannedNode("worker-0", "worker", {"storage": "true"}, size),
        placement.PlannedNode("worker-1", "worker", {}, size),
    ]


def _find_refusal(models: dict[str, compose.Converted], nodes: list[placement.PlannedNode]) -> str:
    try:
        placement.refuse_unplaceable(models, nodes)
    except errors.ComponentError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_rule_of_placement(file: pathlib.Path, tmp_path: pathlib.Path) -> None:
    case = yaml.safe_load(file.read_text())
    models, nodes = _read_models(case, tmp_path), _make_nodes(case.get("size", "Standard_B2als_v2"))

    assert _find_refusal(models, nodes) == case["refusal"]
    assert placement.list_warnings(models, nodes) == case.get("warnings", [])


def test_a_drained_node_takes_nothing() -> None:
    chosen = environments.load_settings("dev", drainedHosts=["worker-0"])
    models = {"shop": compose_stack.read_compose_files("shop", ["apps/shop/compose.yaml"]).model}

    assert _find_refusal(models, platform.plan_nodes(chosen)) == (
        "ComposeStack 'shop': service 'store' fits on none of 3 nodes: "
        "manager-0, worker-1: label storage is not 'true'; worker-0: is drained."
    )


def test_what_a_drained_node_has_counts_not(tmp_path: pathlib.Path) -> None:
    case = {"services": {"a": {"image": "a", "deploy": {"resources": {"reservations": {"cpus": "1.5"}}}}}}
    case["services"]["b"] = case["services"]["a"]
    nodes = [dataclasses.replace(node, drained=node.name == "worker-1") for node in _make_nodes()[1:]]

    assert _find_refusal(_read_models(case, tmp_path), nodes) == (
        "The services reserve 3 processors; 1 node offer 2 processors together."
    )


def test_many_nodes_are_not_all_named(tmp_path: pathlib.Path) -> None:
    case = {"services": {"a": {"image": "a", "deploy": {"placement": {"constraints": ["node.role == manager"]}}}}}
    nodes = [placement.PlannedNode(f"w-{index}", "worker", {}, "") for index in range(10)]

    assert _find_refusal(_read_models(case, tmp_path), nodes) == (
        "ComposeStack 'shop': service 'a' fits on none of 10 nodes: "
        "w-0, w-1, w-2, w-3, w-4, w-5, w-6, w-7 and 2 more: role is not 'manager'."
    )


@pytest.mark.parametrize(
    ("size", "cpus", "gib"),
    [
        ("Standard_B1s", 1, 1),
        ("Standard_B2ats_v2", 2, 1),
        ("Standard_B2als_v2", 2, 4),
        ("Standard_B4as_v2", 4, 16),
        ("Standard_D2as_v5", 2, 8),
        ("Standard_D4ds_v5", 4, 16),
        ("Standard_D4lds_v5", 4, 8),
        ("Standard_E8s_v4", 8, 64),
        ("Standard_F4s_v2", 4, 8),
    ],
)
def test_a_common_size_offers(size: str, cpus: int, gib: int) -> None:
    assert sizes.find_capacity(size) == sizes.Capacity(cpus, gib * GIB)


@pytest.mark.parametrize("size", ["Standard_M128s", "Standard_E96s_v5", "Standard_D4pls_v5", "Standard_DS2_v2", "huge"])
def test_another_size_is_not_guessed_at(size: str) -> None:
    assert sizes.find_capacity(size) is None


@pytest.mark.parametrize("stack", ["dev", "test", "prod"])
def test_the_sizes_of_the_environments_are_known(stack: str) -> None:
    nodes = platform.plan_nodes(environments.load_settings(stack))

    assert [node.name for node in nodes if sizes.find_capacity(node.size) is None] == []


def test_the_program_refuses_before_anything_is_declared(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text('services: {a: {image: a, deploy: {placement: {constraints: ["node.labels.ssd == yes"]}}}}')
    program = environments.make_program("dev", applications=[f"shop={file}"])

    assert deploying.refusal_of(program) == (
        "ComposeStack 'shop': service 'a' fits on none of 3 nodes: "
        "manager-0, worker-0, worker-1: label ssd is not 'yes'."
    )
