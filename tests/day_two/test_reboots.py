"""Hosts are restarted under load, one at a time, drained."""

from tests.day_two.scenarios import Scenarios
from tests.e2e import environment


def list_boots(scenarios: Scenarios) -> dict[str, str]:
    """Lists when each host's container was started."""
    env = scenarios.env
    hosts = [name for name in env.containers() if "-manager-" in name or "-worker-" in name]
    return {name: environment.docker("inspect", "--format", "{{.State.StartedAt}}", name) for name in hosts}


def list_nodes(scenarios: Scenarios) -> set[tuple[str, str]]:
    return {(node["Status"], node["Availability"]) for node in scenarios.env.swarm("node", "ls")}


def test_every_host_that_asks_for_it_is_restarted(scenarios: Scenarios) -> None:
    scenarios.settle()
    before = list_boots(scenarios)
    for name in before:
        environment.docker("exec", name, "touch", "/var/run/reboot-required")

    scenarios.lossless("every host restarted, one at a time, drained", lambda: scenarios.env.make("reboot"))

    after = list_boots(scenarios)
    assert [name for name in before if after[name] == before[name]] == []
    assert list_nodes(scenarios) == {("Ready", "Active")}


def test_without_a_host_that_asks_for_it_nothing_is_restarted(scenarios: Scenarios) -> None:
    before = list_boots(scenarios)

    told = scenarios.env.make("reboot")

    assert "No host asks for a restart." in told
    assert list_boots(scenarios) == before
