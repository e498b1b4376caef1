"""How many managers may be lost."""

import pytest

from tests.unit.tools import observed
from tools import quorum


@pytest.mark.parametrize(
    ("managers", "lost", "spare"),
    [(1, 0, 0), (3, 0, 1), (3, 1, 0), (3, 2, -1), (5, 0, 2), (5, 1, 1), (2, 0, 0), (7, 3, 0)],
)
def test_quorum_is_a_majority(managers: int, lost: int, spare: int) -> None:
    nodes = [observed.make_node(f"manager-{index}", "manager") for index in range(managers)]
    for node in nodes[managers - lost :]:
        node["ManagerStatus"]["Reachability"] = "unreachable"

    assert quorum.read(nodes).spare == spare


def test_quorum_is_told_in_words() -> None:
    nodes = [observed.make_node(f"manager-{index}", "manager") for index in range(3)]

    told = str(quorum.read([*nodes, observed.make_node("worker-0")]))

    assert told == "3 managers, 3 reachable, leader manager-0; 1 may be lost"


def test_a_manager_that_is_none_of_the_raft_has_no_status() -> None:
    nodes = [{**observed.make_node("manager-1", "manager"), "ManagerStatus": None}]

    assert str(quorum.read(nodes)) == "1 manager, 0 reachable, no leader; -1 may be lost"


def test_a_leader_that_has_not_described_itself_is_told_by_its_id() -> None:
    nodes = [{**observed.make_node("manager-0", "manager"), "Description": {}}]

    assert str(quorum.read(nodes)) == "1 manager, 1 reachable, leader id-manager-0; 0 may be lost"
