"""The operator's side breaks in the middle of an `up`: killed, cut off, thrown out; and a node's disk is full."""

import os
import random
import secrets
import time

from tests import load
from tests.day_two.scenarios import LOST, Scenarios
from tests.e2e import mishaps

COMPOSE = "apps/shop/compose.yaml"
PAGE = "apps/shop/web/site/index.html"
KILLS = 20
# How long an undisturbed `up` of each kind takes here: a kill comes within that.
EDIT_SECONDS, GROW_SECONDS, SHRINK_SECONDS = 25, 25, 30
SERVICES = ["shop_api", "shop_edge", "shop_store", "shop_web"]
# The jump host, the registry and what forwards.
OTHER_CONTAINERS = 3


def _check_whole(scenarios: Scenarios, swarm_id: str) -> None:
    """Holds that there is one swarm, no ghost node, no orphan container and no doubled service."""
    env = scenarios.env
    hosts = scenarios.list_hosts()
    assert scenarios.list_nodes() == hosts
    assert env.swarm_id() == swarm_id
    assert sorted(service["Name"] for service in env.swarm("service", "ls")) == SERVICES
    assert len(env.tasks("shop_web")) == len(env.tasks("shop_api")) == 2
    assert len(env.tasks("shop_edge")) == len(hosts)
    machines = {name for name in env.containers() if "-manager-" in name or "-worker-" in name}
    assert machines == {f"{env.prefix}-{name}" for name, _ in hosts}
    assert len(env.containers()) == len(hosts) + OTHER_CONTAINERS


def test_an_up_that_is_killed_at_random_moments_goes_on(scenarios: Scenarios) -> None:
    scenarios.settle()
    env = scenarios.env
    swarm_id = env.swarm_id()
    seed = os.environ.get("DAY_TWO_SEED") or secrets.token_hex(4)
    print(f"DAY_TWO_SEED={seed}")
    chance = random.Random(seed)

    with scenarios.under_load("up killed at 20 random moments, each time refresh and up") as tally:
        for number in range(KILLS):
            _kill_in_a_change(scenarios, number, chance)
            _go_on(scenarios, swarm_id)

    assert tally.failures == [], f"{len(tally.failures)} {LOST}"
    env.up("--expect-no-changes")


def _kill_in_a_change(scenarios: Scenarios, number: int, chance: random.Random) -> None:
    """Alternates between an edit and one worker more or less, and kills the `up` in the middle."""
    if number % 2 == 0:
        scenarios.env.edit(COMPOSE, lambda text: _switch(text, "DRAIN_SECONDS=5", "DRAIN_SECONDS=6"))
        seconds = EDIT_SECONDS
    else:
        grows = scenarios.settings["workers"] == 2
        scenarios.configure(workers=3 if grows else 2)
        seconds = GROW_SECONDS if grows else SHRINK_SECONDS
    moment = chance.uniform(2, seconds)
    began = time.monotonic()
    cut_off = scenarios.env.kill_up(moment)
    print(f"kill {number}: after {moment:.1f} s, {'in' if cut_off else 'past'} it; {time.monotonic() - began:.0f} s")


def _switch(text: str, one: str, other: str) -> str:
    return text.replace(one, other) if one in text else text.replace(other, one)


def _go_on(scenarios: Scenarios, swarm_id: str) -> None:
    began = time.monotonic()
    scenarios.env.make("refresh")
    scenarios.env.make("up")
    _check_whole(scenarios, swarm_id)
    print(f"went on: {time.monotonic() - began:.0f} s")


def test_the_network_to_the_hosts_is_cut_in_the_middle(scenarios: Scenarios) -> None:
    scenarios.settle()
    env = scenarios.env
    env.edit(PAGE, lambda text: text + f"\n<!-- {secrets.token_hex(4)} -->\n")

    with scenarios.under_load("network between operator and hosts cut in mid-up, then up") as tally:
        with env.running_up() as run:
            run.await_told("tasks run the wanted spec")
            with mishaps.cut_network(env):
                code, told = run.finish()
        env.up()

    _assert_lossless(tally)
    assert code != 0
    assert "cannot be reached over SSH" in told
    assert "Traceback" not in told


def _assert_lossless(tally: load.Tally) -> None:
    assert tally.failures == [], f"{len(tally.failures)} of {tally.requests} {LOST}"


def test_sshd_is_restarted_in_the_middle(scenarios: Scenarios) -> None:
    scenarios.settle()
    env = scenarios.env
    env.edit(PAGE, lambda text: text + f"\n<!-- {secrets.token_hex(4)} -->\n")

    with scenarios.under_load("sshd restarted on every host in mid-up") as tally, env.running_up() as run:
        run.await_told("tasks run the wanted spec")
        mishaps.restart_sshd(env)
        code, told = run.finish()

    _assert_lossless(tally)
    assert code == 0, told


def test_the_disk_of_a_node_is_full(scenarios: Scenarios) -> None:
    scenarios.settle()
    env = scenarios.env
    env.edit("apps/shop/api/shop_api/__init__.py", lambda text: text + f"\n# {secrets.token_hex(4)}\n")
    # Swarm puts the next task where the service has none yet.
    busy = {task["Node"] for task in env.tasks("shop_api")}
    idle = next(name for name, _ in scenarios.list_hosts() if name not in busy)

    with scenarios.under_load("disk of a node full, up fails, then up") as tally:
        with mishaps.fill_disk(env, idle):
            told = env.up(check=False)
        env.up()

    _assert_lossless(tally)
    assert "Service 'shop_api' failed: the update is rollback_" in told
    assert f"Host '{idle}' could not pull it: " in told
    assert "no space left on device" in told
