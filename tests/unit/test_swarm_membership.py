"""Swarm, SwarmNode and HostReady on machines in memory."""

import asyncio

import pytest

from providers import kit
from providers.swarm.cluster import Cluster, ClusterSource
from providers.swarm.nodes import SwarmNode
from tests.doubles import virtual_time, world

_SPEC = {
    "TaskTemplate": {
        "ContainerSpec": {"Image": "web@sha256:1"},
        "Placement": {"Constraints": ["node.role==worker"]},
    },
    "Mode": {"Replicated": {"Replicas": 2}},
}


def _three() -> world.World:
    return world.World("manager-0", "manager-1", "manager-2", "worker-0", "worker-1")


def test_a_swarm_begins_on_the_first_manager() -> None:
    here = world.World("manager-0", "manager-1")

    made = here.make_swarm(autolock=True, taskHistoryLimit=2)

    assert made.state["swarmId"] == here.swarm.id
    assert here.names("manager") == ["manager-0"]
    assert here.swarm.spec["EncryptionConfig"]["AutoLockManagers"] is True
    assert here.swarm.spec["Orchestration"]["TaskHistoryRetentionLimit"] == 2


def test_a_second_create_adopts_the_swarm() -> None:
    here = world.World("manager-0", "manager-1")

    first, second = here.make_swarm(), here.make_swarm()

    assert first.id == second.id
    assert len(here.machines.swarms) == 1


def test_a_swarm_begins_where_a_join_was_cut_off() -> None:
    here = world.World("manager-0")
    here.machines.all["manager-0"].state = "pending"

    here.make_swarm()

    assert here.names("manager") == ["manager-0"]


def test_all_nodes_join_in_their_roles() -> None:
    here = _three()

    made = here.join_all()

    assert here.names("manager") == ["manager-0", "manager-1", "manager-2"]
    assert here.names("worker") == ["worker-0", "worker-1"]
    assert made["worker-0"].state["address"] == here.machines.all["worker-0"].address


def test_a_second_create_of_a_node_adopts_it() -> None:
    here = _three()
    made = here.join_all()["worker-0"]

    again = here.join("worker-0")

    assert again.id == made.id
    assert len(here.swarm.nodes) == 5


def test_labels_and_role_change_in_place() -> None:
    here = _three()
    made = here.join_all()["worker-0"]

    here.update(made, labels={"disk": "ssd"}, role="manager")

    assert here.swarm.nodes[made.id]["Spec"]["Labels"] == {"disk": "ssd"}
    assert "worker-0" in here.names("manager")


def test_a_worker_leaves_and_its_entry_is_removed() -> None:
    here = _three()
    made = here.join_all()["worker-0"]

    here.delete(made)

    assert here.names("worker") == ["worker-1"]
    assert here.machines.all["worker-0"].state == "inactive"
    assert made.id not in here.swarm.nodes


def test_managers_leave_down_to_the_last() -> None:
    here = _three()
    made = here.join_all()

    for host in ("worker-1", "worker-0", "manager-2", "manager-1", "manager-0"):
        here.delete(made[host])

    assert here.machines.swarms == []
    assert {machine.state for machine in here.machines.all.values()} == {"inactive"}


def test_the_leader_leaves_and_another_is_elected() -> None:
    here = _three()
    made = here.join_all()

    here.delete(made["manager-0"])

    assert here.names("manager") == ["manager-1", "manager-2"]


def test_all_managers_are_replaced_without_a_second_swarm() -> None:
    here = _three()
    old = here.join_all()
    swarm_id = here.swarm.id
    here.managers = ["manager-3", "manager-4", "manager-5"]
    for host in here.managers:
        here.machines.boot(host)

    for host in here.managers:
        here.create("SwarmNode", {"host": host, "role": "manager"}, book=["manager-0", "manager-1", "manager-2"])
    for host in ("manager-2", "manager-1", "manager-0"):
        here.delete(old[host])

    assert here.swarm.id == swarm_id
    assert here.names("manager") == here.managers


def test_the_address_book_holds_old_and_new_managers() -> None:
    here = world.World("manager-0")
    made = here.make_swarm()
    here.managers = ["manager-1"]
    here.machines.boot("manager-1")

    after = here.update(made, managers=["manager-1"])

    assert after.state["addressBook"] == ["manager-1", "manager-0"]
    assert here.diff(made, managers=["manager-1"]) == {"managers[0]": kit.Change(kit.ChangeKind.UPDATE)}


def test_the_address_book_holds_a_manager_once_by_the_name_that_leads_to_it() -> None:
    here = world.World("manager-0")
    made = here.make_swarm()
    machine = here.machines.all["manager-0"]
    here.managers = ["manager-0.example.org"]
    here.machines.all["manager-0.example.org"] = machine

    after = here.update(made, managers=here.managers)

    assert after.state["addressBook"] == ["manager-0.example.org"]


def test_a_diff_of_the_swarm_remembers_the_address_book() -> None:
    source, cluster = ClusterSource(), Cluster(world.World().machines, ["manager-1"])
    source.set(cluster)

    world.make_type("Swarm", source).diff({"addressBook": ["manager-0"]}, {})

    assert cluster.known_managers == ["manager-1", "manager-0"]


def test_tokens_rotate_when_asked_and_only_then() -> None:
    here = world.World("manager-0")
    made, before = here.make_swarm(), dict(here.swarm.tokens)

    here.update(made, autolock=True)
    unchanged = dict(here.swarm.tokens)
    here.update(made, tokenRotation="2026-11")

    assert unchanged == before
    assert here.swarm.tokens["Worker"] != before["Worker"]
    assert here.swarm.tokens["Manager"] != before["Manager"]


def test_a_settings_write_waits_out_another_writer() -> None:
    here = world.World("manager-0")
    made = here.join_all()["manager-0"]
    here.swarm.objects.conflicts = 1

    here.update(made, labels={"a": "b"})

    assert here.swarm.nodes[made.id]["Spec"]["Labels"] == {"a": "b"}


def test_refresh_sees_settings_changed_by_hand() -> None:
    here = world.World("manager-0")
    made = here.make_swarm()
    here.swarm.spec["Orchestration"]["TaskHistoryRetentionLimit"] = 9

    found = here.read(made)

    assert found is not None
    assert found.state["taskHistoryLimit"] == 9


def test_refresh_reports_a_swarm_gone_with_its_managers_and_says_so() -> None:
    here = world.World("manager-0")
    made = here.make_swarm()
    here.machines.kill("manager-0")

    assert here.read(made) is None
    assert here.warned[0].startswith("No manager of the swarm answers")


@pytest.mark.parametrize("how", ["left", "killed", "removed"])
def test_refresh_sees_a_node_that_left(how: str) -> None:
    here = _three()
    made = here.join_all()["worker-0"]
    machine = here.machines.all["worker-0"]
    if how == "left":
        machine.state, machine.node_id, machine.swarm = "inactive", "", None
    if how == "killed":
        here.machines.kill("worker-0")
    if how == "removed":
        del here.swarm.nodes[made.id]

    assert here.read(made) is None


def test_refresh_sees_a_node_drained_by_hand() -> None:
    here = _three()
    made = here.join_all()["worker-0"]
    here.swarm.nodes[made.id]["Spec"]["Availability"] = "drain"

    found = here.read(made)

    assert found is not None
    assert world.diff("SwarmNode", found.state, made.inputs) == {"availability": kit.Change(kit.ChangeKind.UPDATE)}


def test_a_node_is_imported_by_its_host() -> None:
    here = _three()
    made = here.join_all()["worker-0"]

    found = here.read(world.Made("SwarmNode", "worker-0", {}))

    assert found is not None
    assert found.id == made.id
    assert found.state["host"] == "worker-0"


@pytest.mark.parametrize("host", ["worker-0", "manager-1"])
def test_a_machine_made_anew_takes_the_place_of_the_dead_one(host: str) -> None:
    here = _three()
    old = here.join_all()[host]
    here.machines.kill(host)
    here.machines.boot(host)

    made = here.join(host)

    assert made.id != old.id
    assert old.id not in here.swarm.nodes
    assert len(here.swarm.nodes) == 5


@pytest.mark.parametrize("host", ["worker-0", "manager-1"])
def test_a_dead_machine_is_removed_from_the_other_side(host: str) -> None:
    here = _three()
    made = here.join_all()[host]
    here.machines.kill(host)

    here.delete(made)

    assert made.id not in here.swarm.nodes


def test_destroy_succeeds_when_every_host_is_gone() -> None:
    here = world.World("manager-0", "worker-0")
    swarm, made = here.make_swarm(), {host: here.join(host) for host in ("manager-0", "worker-0")}
    service = here.create("Service", {"name": "web", "spec": _SPEC})
    for host in here.machines.all:
        here.machines.kill(host)

    for one in (service, made["worker-0"], made["manager-0"], swarm):
        here.delete(one)

    assert here.warned[0] == "Neither a manager nor host 'worker-0' can be reached; the node is taken as gone."


def test_a_host_leaves_by_itself_when_no_manager_is_left() -> None:
    here = world.World("manager-0", "worker-0")
    made = here.join_all()["worker-0"]
    here.machines.kill("manager-0")

    here.delete(made)

    assert here.machines.all["worker-0"].state == "inactive"


def test_a_host_of_another_swarm_is_refused_and_stays_there() -> None:
    here = _three()
    here.join_all()
    foreign = world.World("manager-9", first_id=900)
    foreign.make_swarm()
    here.machines.all["manager-9"] = foreign.machines.all["manager-9"]

    with pytest.raises(kit.ResourceError, match="Host 'manager-9' is a member of another swarm"):
        here.join("manager-9")

    assert foreign.names("manager") == ["manager-9"]


def test_a_node_that_joined_and_then_failed_stays_known() -> None:
    here = _three()
    here.join_all()
    here.machines.boot("manager-3")
    here.machines.kill("manager-2")
    # The dead manager is wanted, so quorum does not bear another one; the join itself was done by hand.
    here.swarm.add(here.machines.all["manager-3"], "worker", "drain")

    with pytest.raises(kit.InitializationFailed, match="Waited 180 s for an elected leader") as caught:
        here.join("manager-3")

    assert caught.value.resource_id == here.machines.all["manager-3"].node_id


def test_managers_that_join_at_once_take_turns() -> None:
    here = _three()
    here.make_swarm()

    async def join_all() -> None:
        source = ClusterSource()
        source.set(Cluster(here.machines, here.managers))
        node = SwarmNode(source)
        wishes = [node.check({"host": host, "role": "manager"}, {}).inputs for host in here.managers]
        await asyncio.gather(*(node.create(here.context(), wish) for wish in wishes))

    virtual_time.run(join_all())

    joins = [index for index, told in enumerate(here.told) if told == "join manager"]
    assert here.names("manager") == here.managers
    assert "await quorum" in here.told[joins[0] : joins[1]]


def test_traffic_stops_before_tasks_move_and_waits_for_the_load_balancer() -> None:
    here = _three()
    here.join_all()
    here.create("Service", {"name": "web", "spec": _SPEC})
    made = here.update(here.join("worker-0"), drainSeconds=15)

    here.told.clear()
    here.machines.changes.clear()
    here.machines.times.clear()
    here.delete(made)

    assert here.told[:5] == [
        f"await others {made.id}",
        "stop traffic",
        "set availability pause",
        f"evacuate {made.id}",
        "moving web",
    ]
    assert here.machines.changes[0] == "stop traffic"
    assert here.machines.times[1] - here.machines.times[0] > 15


def test_a_drain_moves_tasks_first_and_waits_for_the_load_balancer() -> None:
    here = _three()
    here.join_all()
    here.create("Service", {"name": "web", "spec": _SPEC})
    made = here.update(here.join("worker-0"), drainSeconds=15)
    here.machines.times.clear()

    drained = here.update(made, availability="drain")

    assert here.machines.times[1] - here.machines.times[0] > 15
    assert here.machines.all["worker-0"].leaving_since is not None
    assert here.swarm.nodes[made.id]["Spec"]["Availability"] == "drain"

    here.update(drained, availability="active")

    assert here.machines.all["worker-0"].leaving_since is None
    assert here.swarm.nodes[made.id]["Spec"]["Availability"] == "active"


def test_nobody_waits_for_traffic_in_a_swarm_without_services() -> None:
    here = _three()
    here.join_all()
    made = here.update(here.join("worker-0"), drainSeconds=1000)
    before = len(here.machines.times)

    here.delete(made)

    assert here.machines.times[-1] - here.machines.times[before] < 30
