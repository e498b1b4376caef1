"""Hosts come, go and are replaced under load; managers too, with quorum at every instant."""

import json
import re
import time

import pytest

from tests.day_two import watching
from tests.day_two.scenarios import Scenarios
from tests.e2e import environment

COMPOSE = "apps/shop/compose.yaml"
SPREAD = "      replicas: 2\n      endpoint_mode: dnsrr\n"
ON_WORKERS = "      placement: {constraints: [node.role == worker]}\n"
# Two probes, five seconds apart, and what the second one is waited for.
NOTICED_SECONDS = 15


class Quorum(watching.Watcher):
    """Asks a living manager all the time how many managers there are and how many are reachable."""

    def __init__(self, env: environment.Environment) -> None:
        super().__init__()
        self.lost: list[str] = []
        self.looks = 0
        self._env = env

    def look(self) -> None:
        seen = self._ask()
        if seen is not None:
            self.looks += 1
            managers = [status for status in seen if status]
            if sum(status in ("Leader", "Reachable") for status in managers) <= len(managers) // 2:
                self.lost.append(str(seen))

    def _ask(self) -> list[str] | None:
        """Asks the managers in turn; those that come or go cannot answer."""
        for name in self._env.containers():
            if "-manager-" in name:
                try:
                    told = environment.docker("exec", name, "docker", "node", "ls", "--format", "{{json .}}")
                except environment.CommandFailed:
                    continue
                return [json.loads(line)["ManagerStatus"] for line in told.splitlines()]
        return None


@pytest.fixture
def version(scenarios: Scenarios) -> str:
    """Gives a host image that no host has yet: every host is made anew for it."""
    scenarios.env.image_version += 1
    return f"Debian:debian-12:12-gen2:0.20260101.{scenarios.env.image_version}"


def test_workers_go_from_two_to_four_and_back(scenarios: Scenarios) -> None:
    def change() -> None:
        scenarios.configure(workers=4)
        scenarios.env.up()
        scenarios.configure(workers=2)
        scenarios.env.up()

    scenarios.settle()

    scenarios.lossless("workers 2 to 4, 4 to 2", change)


def test_every_host_is_replaced_the_single_manager_too(scenarios: Scenarios, version: str) -> None:
    scenarios.settle()
    before = scenarios.env.swarm_id()
    scenarios.env.configure(hostImage=version)

    scenarios.lossless("every worker and the single manager replaced (new host image)", scenarios.env.up)

    assert scenarios.env.swarm_id() == before


@pytest.mark.parametrize(("old", "new"), [(1, 3), (3, 5), (5, 3)])
def test_managers_grow_and_shrink(scenarios: Scenarios, old: int, new: int) -> None:
    scenarios.settle(managers=old)
    scenarios.configure(managers=new)

    with Quorum(scenarios.env) as quorum:
        scenarios.lossless(f"managers {old} to {new}", scenarios.env.up)

    assert quorum.looks > 0
    assert quorum.lost == []


def test_all_three_managers_are_replaced_in_one_up(scenarios: Scenarios, version: str) -> None:
    scenarios.settle(managers=3)
    before = scenarios.env.swarm_id()
    scenarios.env.configure(hostImage=version)

    with Quorum(scenarios.env) as quorum:
        scenarios.lossless("all three managers and every worker replaced in one up, quorum polled", scenarios.env.up)

    assert quorum.looks > 0
    assert quorum.lost == []
    assert scenarios.env.swarm_id() == before


def test_one_of_three_managers_is_lost(scenarios: Scenarios) -> None:
    def change() -> None:
        environment.docker("kill", scenarios.env.find("manager-1"))
        scenarios.env.make("refresh")
        scenarios.env.make("up")

    scenarios.settle(managers=3)

    scenarios.lossless("one of three managers killed, then refresh and up", change)

    assert scenarios.list_nodes() == scenarios.list_hosts()


def test_two_of_three_managers_are_lost_and_the_documented_recovery_works(scenarios: Scenarios) -> None:
    scenarios.settle(managers=3)
    env = scenarios.env

    # The recovery restarts the survivor's part in the swarm, and what runs there is not found for a while.
    with scenarios.edited(COMPOSE, lambda text: text.replace(SPREAD, f"{SPREAD}{ON_WORKERS}")):
        env.edit("apps/shop/web/site/index.html", lambda text: text + "\n<!-- during the loss -->\n")
        with scenarios.under_load(
            "two of three managers killed (tasks on workers), up refused, then the documented recovery"
        ) as tally:
            for name in ("manager-1", "manager-2"):
                environment.docker("kill", env.find(name))
            refused = env.up(check=False)
            command, survivor = find_recovery(refused)
            environment.docker("exec", f"{env.prefix}-{survivor}", "sh", "-c", command)
            env.make("refresh")
            env.make("up")

        assert tally.failures == []
        assert scenarios.list_nodes() == scenarios.list_hosts()


def find_recovery(told: str) -> tuple[str, str]:
    """Finds the command that a refusal gives, and the host that it names."""
    found = re.search(r"run '(docker swarm init --force-new-cluster [^']*)' on (\S+),", told)
    assert found is not None, told
    return found[1], found[2]


def test_managers_go_back_to_one(scenarios: Scenarios) -> None:
    scenarios.settle(managers=3)
    scenarios.configure(managers=1)

    with Quorum(scenarios.env) as quorum:
        scenarios.lossless("managers 3 to 1", scenarios.env.up)

    assert quorum.lost == []
    assert scenarios.list_nodes() == scenarios.list_hosts()


def test_a_worker_is_lost(scenarios: Scenarios) -> None:
    scenarios.settle()

    with scenarios.under_load("a worker's machine lost, then refresh and up") as tally:
        killed = time.monotonic()
        environment.docker("kill", scenarios.env.find("worker-1"))
        scenarios.env.make("refresh")
        scenarios.env.make("up")

    assert [when - killed for when in tally.lost_at if when - killed > NOTICED_SECONDS] == []
    assert scenarios.list_nodes() == scenarios.list_hosts()
