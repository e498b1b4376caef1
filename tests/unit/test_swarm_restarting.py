"""The steps before and after a restart."""

import dataclasses

import pytest

from providers.swarm import planner, restarting
from providers.swarm.planner import HostView, LocalState, Member, Role, Seen

_WORKER = Member("w0", "worker-0", Role.WORKER, True, "drain", {})
_MANAGERS = [
    Member(f"m{index}", f"manager-{index}", Role.MANAGER, True, "active", {}, True, index == 0, "", f"m{index}:2377")
    for index in range(3)
]
_NAMES = [one.hostname for one in _MANAGERS]


def see(node_id: str, state: LocalState = LocalState.ACTIVE, reachable: bool = True) -> Seen:
    managers = [*_MANAGERS[:2], dataclasses.replace(_MANAGERS[2], reachable=reachable)]
    return Seen("ours", [*managers, _WORKER], HostView(state, node_id), _NAMES)


def test_what_is_at_several_nodes_leaves_before_what_is_here_alone_stops() -> None:
    steps = [str(action) for action in restarting.plan_restart("worker-0", see("w0"))]

    assert steps == [
        "await others w0",
        "stop traffic",
        "set availability pause",
        "evacuate w0",
        "evacuate global services w0",
        "set availability drain",
        "await drained w0",
    ]


def test_a_manager_comes_back_with_its_quorum() -> None:
    wanted = planner.WantedNode("manager-1", Role.MANAGER, "active", {})

    steps = [str(action) for action in restarting.plan_return(wanted, see("m1"))]

    assert steps == [
        "await member",
        "await quorum",
        "resume traffic",
        "set availability active",
        "release services m1",
        "await serving",
    ]


def test_a_node_that_is_wanted_drained_gets_no_traffic() -> None:
    wanted = planner.WantedNode("worker-0", Role.WORKER, "drain", {})

    steps = [str(action) for action in restarting.plan_return(wanted, see("w0"))]

    assert steps == ["await member", "stop traffic", "set availability drain", "release services w0", "await serving"]


def test_a_node_that_is_wanted_paused_keeps_its_answer() -> None:
    wanted = planner.WantedNode("worker-0", Role.WORKER, "pause", {})

    steps = [str(action) for action in restarting.plan_return(wanted, see("w0"))]

    assert steps == ["await member", "set availability pause", "release services w0", "await serving"]


def test_no_manager_restarts_while_another_is_missing() -> None:
    with pytest.raises(planner.Refused) as caught:
        restarting.plan_restart("manager-1", see("m1", reachable=False))

    assert str(caught.value) == (
        "Manager 'manager-1' must not be restarted: manager-2 is missing; bring it back first."
    )


def test_a_worker_restarts_while_a_manager_is_missing() -> None:
    assert restarting.plan_restart("worker-0", see("w0", reachable=False)) != []


@pytest.mark.parametrize("state", [LocalState.PENDING, LocalState.INACTIVE, LocalState.LOCKED])
def test_a_host_that_is_no_member_is_refused(state: LocalState) -> None:
    with pytest.raises(planner.Refused) as caught:
        restarting.plan_restart("worker-0", see("w0", state))

    assert str(caught.value) == (
        f"Host 'worker-0' must be a member of the swarm to be restarted in order; it is {state.value}."
    )


def test_workers_come_first_and_the_leader_last() -> None:
    assert restarting.order([*_NAMES, "worker-0"], see("w0")) == ["worker-0", "manager-1", "manager-2", "manager-0"]


def test_a_leader_that_is_known_by_a_name_with_a_domain_comes_last() -> None:
    hosts = ["manager-0.example.org", "manager-1.example.org", "worker-0.example.org"]

    assert restarting.order(hosts, see("w0")) == [
        "worker-0.example.org",
        "manager-1.example.org",
        "manager-0.example.org",
    ]


def test_a_manager_that_a_recovery_left_out_of_the_raft_is_not_missing() -> None:
    seen = see("m1")
    left_out = Member("m9", "manager-9", Role.MANAGER, False, "active", {})

    assert restarting.plan_restart("manager-1", dataclasses.replace(seen, members=[*seen.members, left_out])) != []
