"""The rules of membership, one YAML file a rule: given, wanted, actions or refusal."""

import pathlib
from typing import Any

import pytest
import yaml

from providers.swarm import beginning, planner

_CASES = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(pathlib.Path(__file__).with_name("planner").glob("*.yaml"))
}


def _cases(key: str) -> list[Any]:
    return [pytest.param(case, id=name) for name, case in _CASES.items() if key in case]


def _view(given: dict[str, Any] | None) -> planner.HostView | None:
    if given is None:
        return None
    state = planner.LocalState(given["state"])
    return planner.HostView(state, given.get("id", ""), given.get("cluster", ""), given.get("managers", []))


def _member(given: dict[str, Any]) -> planner.Member:
    manager = given["role"] == "manager"
    return planner.Member(
        node_id=given["id"],
        hostname=given["name"],
        role=planner.Role(given["role"]),
        ready=given.get("ready", True),
        availability=given.get("availability", "active"),
        labels=given.get("labels", {}),
        reachable=manager and given.get("reachable", True),
        leader=given.get("leader", False),
        manager_address=given.get("manager_address", f"{given['id']}:2377" if manager else ""),
    )


def _seen(given: dict[str, Any]) -> planner.Seen:
    members = [_member(one) for one in given["members"]]
    return planner.Seen("ours", members, _view(given["host"]), given.get("wanted_managers", []))


def _plan(case: dict[str, Any]) -> list[str]:
    seen = _seen(case["given"])
    if "leaves" in case:
        return [str(action) for action in planner.plan_leave(case["leaves"]["host"], case["leaves"]["id"], seen)]
    wish = case["wanted"]
    role, availability = planner.Role(wish["role"]), wish.get("availability", "active")
    wanted = planner.WantedNode(wish["host"], role, availability, wish.get("labels", {}))
    return [str(action) for action in planner.plan_join(wanted, seen)]


@pytest.mark.parametrize("case", _cases("actions"))
def test_a_plan_has_its_actions_in_order(case: dict[str, Any]) -> None:
    assert _plan(case) == case["actions"]


@pytest.mark.parametrize("case", [case for case in _cases("refused") if "members" in case.values[0]["given"]])
def test_a_plan_is_refused_in_one_sentence(case: dict[str, Any]) -> None:
    with pytest.raises(planner.Refused) as caught:
        _plan(case)

    assert str(caught.value) == case["refused"]


@pytest.mark.parametrize("case", _cases("quorum"))
def test_quorum_bears_the_next_change_or_not(case: dict[str, Any]) -> None:
    members = [_member(one) for one in case["given"]["members"]]

    assert planner.has_quorum(members, case["given"]["wanted_managers"]) is case["quorum"]


@pytest.mark.parametrize("case", _cases("begins_to_leave"))
def test_a_worker_begins_to_leave_or_waits_for_its_turn(case: dict[str, Any]) -> None:
    members = [_member(one) for one in case["given"]["members"]]
    turns = planner.Turns(frozenset(case["given"]["leaving"]), frozenset(case["given"]["waiting"]))

    found = {
        node_id: planner.may_begin_to_leave(node_id, members, turns, case["at_most"])
        for node_id in case["begins_to_leave"]
    }

    assert found == case["begins_to_leave"]


@pytest.mark.parametrize("case", _cases("begins"))
def test_a_swarm_begins_or_is_adopted(case: dict[str, Any]) -> None:
    views = {host: _view(view) for host, view in case["given"]["views"].items()}

    assert beginning.must_begin_swarm(views) is case["begins"]


@pytest.mark.parametrize("case", [case for case in _cases("refused") if "views" in case.values[0]["given"]])
def test_a_second_swarm_is_refused_in_one_sentence(case: dict[str, Any]) -> None:
    views = {host: _view(view) for host, view in case["given"]["views"].items()}

    with pytest.raises(planner.Refused) as caught:
        beginning.must_begin_swarm(views)

    assert str(caught.value) == case["refused"]


def test_every_case_names_its_rule_in_one_sentence() -> None:
    assert [name for name, case in _CASES.items() if not case["rule"].endswith(".")] == []
