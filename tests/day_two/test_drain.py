"""A host is taken out of service for a while, under load."""

from tests.day_two.scenarios import Scenarios
from tests.e2e import environment

COMPOSE = "apps/shop/compose.yaml"
TWO = "    deploy:\n      replicas: 2\n      endpoint_mode: dnsrr\n"


def _place_only_web_on(env: environment.Environment, host: str) -> None:
    """Leaves one task of the web service, on this host: swarm leaves it alone there when the constraint is relaxed."""
    name = next(node["name"] for node in env.outputs["nodes"] if node["name"].startswith(host))
    there = f"      placement: {{constraints: [node.hostname == {name}]}}\n"
    env.edit(COMPOSE, lambda text: text.replace(TWO, TWO.replace("2", "1") + there, 1))
    env.up()
    env.edit(COMPOSE, lambda text: text.replace(f"== {name}", "!= nowhere", 1))
    env.up()


def test_the_only_task_of_a_service_leaves_a_drained_node_without_a_lost_request(scenarios: Scenarios) -> None:
    scenarios.settle()
    env = scenarios.env
    _place_only_web_on(env, "worker-1")
    before = env.tasks("shop_web")
    env.pulumi("config", "set", "--path", "drainedHosts[0]", "worker-1")

    scenarios.lossless("a service with one replica, start-first, its node drained", env.up)

    assert [task["Node"].rpartition("-")[0] for task in before] == ["worker-1"]
    assert "worker-1" not in {task["Node"].rpartition("-")[0] for task in env.tasks("shop_web")}
    states = {node["Hostname"].rpartition("-")[0]: node["Availability"] for node in env.swarm("node", "ls")}
    assert states == {"manager-0": "Active", "worker-0": "Active", "worker-1": "Drain"}

    env.clear("drainedHosts")
    env.edit(COMPOSE, lambda text: text.replace(TWO.replace("2", "1"), TWO, 1))
    env.make("up")

    assert {node["Availability"] for node in env.swarm("node", "ls")} == {"Active"}
