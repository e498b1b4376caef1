"""Hosts come, go and are replaced under load; managers too, with quorum at every instant."""

import json
import threading

import pytest

from tests.day_two.conftest import Scenarios
from tests.e2e import environment


class Quorum:
    """Asks a living manager all the time how many managers there are and how many are reachable."""

    def __init__(self, env: environment.Environment) -> None:
        self.lost: list[str] = []
        self.looks = 0
        self._env, self._stop = env, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Quorum":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            seen = self._look()
            if seen is not None:
                self.looks += 1
                managers = [status for status in seen if status]
                if sum(status in ("Leader", "Reachable") for status in managers) <= len(managers) // 2:
                    self.lost.append(str(seen))

    def _look(self) -> list[str] | None:
        """Asks the managers in turn; those that come or go cannot answer."""
        for name in self._env.containers():
            if "-manager-" in name:
                try:
                    told = environment.docker("exec", name, "docker", "node", "ls", "--format", "{{json .}}")
                except environment.CommandFailed:
                    continue
                return [json.loads(line)["ManagerStatus"] for line in told.splitlines()]
        return None


def swarm_id(env: environment.Environment) -> str:
    return environment.docker("exec", env.find("manager-0"), "docker", "info", "--format", "{{.Swarm.Cluster.ID}}")


@pytest.fixture
def version(scenarios: Scenarios) -> str:
    """Gives a host image that no host has yet: every host is made anew for it."""
    scenarios.env.image_version += 1
    return f"Debian:debian-12:12-gen2:0.20260101.{scenarios.env.image_version}"


def test_workers_go_from_two_to_four_and_back(scenarios: Scenarios) -> None:
    def change() -> None:
        scenarios.env.configure(workers=4)
        scenarios.env.up()
        scenarios.env.configure(workers=2)
        scenarios.env.up()

    scenarios.lossless("workers 2 to 4, 4 to 2", change)


def test_every_host_is_replaced_the_single_manager_too(scenarios: Scenarios, version: str) -> None:
    before = swarm_id(scenarios.env)
    scenarios.env.configure(hostImage=version)

    scenarios.lossless("every worker and the single manager replaced (new host image)", scenarios.env.up)

    assert swarm_id(scenarios.env) == before


@pytest.mark.parametrize(("old", "new"), [(1, 3), (3, 5), (5, 3)])
def test_managers_grow_and_shrink(scenarios: Scenarios, old: int, new: int) -> None:
    scenarios.env.configure(managers=new)

    with Quorum(scenarios.env) as quorum:
        scenarios.lossless(f"managers {old} to {new}", scenarios.env.up)

    assert quorum.looks > 0
    assert quorum.lost == []


def test_all_three_managers_are_replaced_in_one_up(scenarios: Scenarios, version: str) -> None:
    before = swarm_id(scenarios.env)
    scenarios.env.configure(hostImage=version)

    with Quorum(scenarios.env) as quorum:
        scenarios.lossless("all three managers and every worker replaced in one up", scenarios.env.up)

    assert quorum.looks > 0
    assert quorum.lost == []
    assert swarm_id(scenarios.env) == before


def test_one_of_three_managers_is_lost(scenarios: Scenarios) -> None:
    def change() -> None:
        environment.docker("kill", scenarios.env.find("manager-1"))
        scenarios.env.make("refresh")
        scenarios.env.make("up")

    scenarios.lossless("one of three managers killed, then refresh and up", change)

    assert sorted(node["Status"] for node in scenarios.env.swarm("node", "ls")) == ["Ready"] * 5


def test_two_of_three_managers_are_lost_and_the_documented_recovery_works(scenarios: Scenarios) -> None:
    env = scenarios.env
    with scenarios.under_load("two of three managers killed, then the documented recovery") as tally:
        for name in ("manager-1", "manager-2"):
            environment.docker("kill", env.find(name))
        env.make("refresh", check=False)
        refused = env.make("up", check=False)
        environment.docker("exec", env.find("manager-0"), "sh", "-c", "docker swarm init --force-new-cluster")
        env.make("refresh")
        env.make("up")

    assert tally.failures == []
    assert "docker swarm init --force-new-cluster" in refused
    assert sorted(node["Status"] for node in env.swarm("node", "ls")) == ["Ready"] * 5


def test_managers_go_back_to_one(scenarios: Scenarios) -> None:
    scenarios.env.configure(managers=1)

    scenarios.lossless("managers 3 to 1", scenarios.env.up)


def test_a_worker_is_lost(scenarios: Scenarios) -> None:
    allowed = "what was in flight, and new connections until the probe noticed"
    with scenarios.under_load("a worker's machine lost, then refresh and up", allowed) as tally:
        environment.docker("kill", scenarios.env.find("worker-1"))
        scenarios.env.make("refresh")
        scenarios.env.make("up")

    # Half of the load goes to each of two workers; the probe needs two failures five seconds apart.
    assert len(tally.failures) < tally.requests / 4
    assert sorted(node["Status"] for node in scenarios.env.swarm("node", "ls")) == ["Ready"] * 3
