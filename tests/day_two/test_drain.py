"""A host is taken out of service for a while, under load."""

from tests.day_two.scenarios import Scenarios
from tests.e2e import environment

COMPOSE = "apps/shop/compose.yaml"
TWO = "    deploy:\n      replicas: 2\n      endpoint_mode: dnsrr\n"


def test_the_only_task_of_a_service_leaves_a_drained_node_without_a_lost_request(scenarios: Scenarios) -> None:
    scenarios.settle()
    env = scenarios.env
    name = next(node["name"] for node in env.outputs["nodes"] if node["name"].startswith("worker-1"))
    only = TWO.replace("2", "1") + f"      placement: {{constraints: [node.hostname == {name}]}}\n"

    with scenarios.edited(COMPOSE, lambda text: text.replace(TWO, only, 1)):
        # Swarm leaves the task where it is when the constraint is relaxed.
        env.edit(COMPOSE, lambda text: text.replace(f"== {name}", "!= nowhere", 1))
        env.up()
        before = env.tasks("shop_web")
        env.pulumi("config", "set", "--path", "drainedHosts[0]", "worker-1")

        scenarios.lossless("a service with one replica, start-first, its node drained", env.up)

        assert _places(before) == {"worker-1"}
        assert "worker-1" not in _places(env.tasks("shop_web"))
        assert _availabilities(env) == {"manager-0": "Active", "worker-0": "Active", "worker-1": "Drain"}
        env.clear("drainedHosts")

    assert set(_availabilities(env).values()) == {"Active"}


def _places(tasks: list[dict[str, str]]) -> set[str]:
    return {task["Node"].rpartition("-")[0] for task in tasks}


def _availabilities(env: environment.Environment) -> dict[str, str]:
    return {node["Hostname"].rpartition("-")[0]: node["Availability"] for node in env.swarm("node", "ls")}
