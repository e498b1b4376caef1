"""The load balancer: who gets connections, from whom, and when no longer."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest

from sandbox.rules import CLIENT_ADDRESS
from tests.sandbox import docker, web
from tests.sandbox.azure import Azure, Machine, Made, make_balancing_rule, make_rule
from tests.waiting import wait_for
from tools import asking

WEB, READY = 80, 9180
# Azure's shortest interval. A host is out after two bad answers, each at most an interval and its own time away.
PROBE = {
    "name": "ready",
    "protocol": "Http",
    "port": READY,
    "requestPath": "/ready",
    "intervalInSeconds": 5,
    "probeThreshold": 2,
}
RELOAD_SECONDS = 5
OUT_SECONDS, IN_SECONDS = 5 * 2 + 2, 5 + 2
# That one of two hosts gets none of so many connections by chance happens once in a billion runs.
MANY = 30


@pytest.fixture(scope="module")
def address(azure: Azure) -> Made:
    azure.create_group()
    azure.create_network()
    probed = [make_rule(110, "AzureLoadBalancer", READY), make_rule(120, "*", READY, "Deny")]
    azure.create_security_group(make_rule(100, "Internet", WEB), *probed)
    azure.create_subnet()
    return azure.create_address("front")


@pytest.fixture(scope="module")
def balancer(azure: Azure, address: Made) -> Made:
    return azure.create("LoadBalancer", azure.balancer_inputs(address, WEB, probe=PROBE))


@pytest.fixture(scope="module")
def pool(balancer: Made) -> str:
    return str(balancer.state["backendAddressPools"][0]["id"])


@pytest.fixture(scope="module")
def machines(azure: Azure, pool: str) -> dict[str, Machine]:
    user_data = web.make_user_data(WEB, READY)
    made = [azure.create_machine(name, user_data, pools=[pool]) for name in ("one", "two")]
    return {machine.name: machine.wait_until_booted() for machine in made}


@pytest.fixture
def public(address: Made, machines: dict[str, Machine]) -> str:
    """The balancer's address; both machines get connections."""
    at = str(address.state["ipAddress"])
    wait_for(lambda: set(machines) <= hosts_at(at), IN_SECONDS * 3, "both machines get connections")
    return at


@contextlib.contextmanager
def leaving(machine: Machine) -> Iterator[None]:
    """A machine that says no to probes."""
    machine.run("touch /run/leaving")
    try:
        yield
    finally:
        machine.run("rm -f /run/leaving")


def hosts_at(address: str, times: int = MANY) -> set[str]:
    """Lists who answers to new connections; an empty name stands for no answer."""
    return {web.ask(address, WEB).get("host", "") for _ in range(times)}


def answers(url: str) -> str:
    """Gives what `make status` says of an address."""
    return asyncio.run(asking.ask(url)).text


def test_connections_arrive_at_both_machines_from_the_clients_address(public: str) -> None:
    answers = [web.ask(public, WEB) for _ in range(MANY)]

    assert {answer["host"] for answer in answers} == {"one", "two"}
    assert {answer["client"] for answer in answers} == {CLIENT_ADDRESS}


def test_a_machine_that_says_no_keeps_its_connections_and_gets_no_new_ones(
    public: str, machines: dict[str, Machine]
) -> None:
    with contextlib.closing(web.connect(public, WEB)) as kept:
        stays = machines[web.get(kept)["host"]]
        with leaving(stays):
            others = set(machines) - {stays.name}
            wait_for(lambda: hosts_at(public) == others, OUT_SECONDS, "the machine that leaves gets nothing")

            assert web.get(kept) == {"host": stays.name, "client": CLIENT_ADDRESS}


def test_what_a_machine_loses_is_lost_until_the_probe_says_no(public: str, machines: dict[str, Machine]) -> None:
    machines["two"].run(f"systemctl stop serve-{WEB}")
    try:
        found = hosts_at(public)
    finally:
        machines["two"].run(web.start_command(WEB))

    assert found == {"one", ""}


def test_adding_rules_loses_no_request(azure: Azure, balancer: Made, public: str) -> None:
    rules = balancer.inputs["loadBalancingRules"]

    with web.Load(public, WEB) as load:
        for port in (8001, 8002, 8003):
            azure.update(balancer, loadBalancingRules=[*rules, make_balancing_rule(port, PROBE)])
        azure.update(balancer, loadBalancingRules=rules)
        enough = load.asked + MANY
        wait_for(lambda: load.asked > enough or load.failed, 10, "requests after the last reload")

    assert load.failed == []


def test_a_rule_of_the_balancer_opens_nothing_that_the_security_group_closes(
    azure: Azure, balancer: Made, public: str
) -> None:
    rules = balancer.inputs["loadBalancingRules"]

    azure.update(balancer, loadBalancingRules=[*rules, make_balancing_rule(READY)])
    wait_for(lambda: web.takes_connections(public, READY), RELOAD_SECONDS, "the balancer listens")

    assert web.ask(public, READY) == {}
    # The balancer itself takes connections, and keeps them while it looks for the host in vain: that is no answer.
    assert answers(f"http://{public}:{READY}/") == "no answer: the connection was closed without a word"
    azure.update(balancer, loadBalancingRules=rules)


def test_a_machine_out_of_the_pool_gets_nothing_at_once(
    azure: Azure, public: str, machines: dict[str, Machine]
) -> None:
    interface = machines["two"].interface
    inside = interface.inputs["ipConfigurations"]
    outside = [{key: value for key, value in inside[0].items() if key != "loadBalancerBackendAddressPools"}]

    azure.update(interface, ipConfigurations=outside)

    wait_for(lambda: hosts_at(public) == {"one"}, RELOAD_SECONDS, "the machine outside the pool gets nothing")
    azure.update(interface, ipConfigurations=inside)


def test_a_new_machine_gets_nothing_before_its_first_good_probe(azure: Azure, public: str, pool: str) -> None:
    user_data = web.make_user_data(WEB, READY, ready=False)

    with web.Load(public, WEB) as load:
        new = azure.create_machine("new", user_data, pools=[pool]).wait_until_booted()
        wait_for(lambda: new.succeeds(f"curl -s http://127.0.0.1:{READY}/ready"), 10, "the new machine serves")
        before = hosts_at(public)
        new.run("rm /run/leaving")
        wait_for(lambda: "new" in hosts_at(public), IN_SECONDS, "the new machine gets connections")

    assert before == {"one", "two"}
    assert load.failed == []


def test_a_killed_balancer_is_back_after_the_next_change(azure: Azure, balancer: Made, public: str) -> None:
    docker.ask("kill", f"{azure.home.prefix}-edge")

    azure.update(balancer, tags={"touched": "yes"})

    wait_for(lambda: "" not in hosts_at(public), OUT_SECONDS, "the balancer answers again")


def test_a_balancer_that_crashed_comes_back_by_itself(azure: Azure, public: str) -> None:
    edge = f"{azure.home.prefix}-edge"
    started = docker.inspect(edge)[0]["State"]["StartedAt"]

    docker.ask("exec", edge, "sh", "-c", "kill -SEGV $(cat /proc/1/task/1/children)")

    wait_for(lambda: docker.inspect(edge)[0]["State"]["StartedAt"] != started, 10, "the balancer is started again")
    wait_for(lambda: "" not in hosts_at(public), OUT_SECONDS, "the balancer answers again")


def test_without_rules_nothing_answers(azure: Azure, balancer: Made, public: str) -> None:
    azure.delete(balancer)

    assert web.ask(public, WEB) == {}
    assert answers(f"http://{public}:{WEB}/") == "no answer: connection refused"
