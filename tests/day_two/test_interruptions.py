"""The operator's side breaks in the middle of an `up`: killed, cut off, thrown out; and a node's disk is full."""

import os
import random
import secrets
import time

from tests import load
from tests.day_two.scenarios import LOST, WORKERS, Scenarios
from tests.e2e import mishaps

COMPOSE = "apps/shop/compose.yaml"
PAGE = "apps/shop/web/site/index.html"
KILLS = 20
# A kill comes between these, or sooner where an `up` is known to take less.
SHORTEST_SECONDS, LONGEST_SECONDS = 1.5, 30.0
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
    killer = Killer(scenarios, random.Random(seed))

    with scenarios.under_load("up killed at 20 random moments, each time refresh and up") as tally:
        while killer.kills < KILLS:
            killer.change_and_kill()
            env.make("refresh")
            env.make("up")
            _check_whole(scenarios, swarm_id)

    assert tally.failures == [], f"{len(tally.failures)} of {tally.requests} {LOST}"
    env.up("--expect-no-changes")


class Killer:
    """Alternates between an edit and one worker more or less, and kills the `up` at a random moment in it.

    A moment past the end is no kill: from then on the moments lie within the time which that `up` took.
    """

    def __init__(self, scenarios: Scenarios, chance: random.Random) -> None:
        self.kills = 0
        self._scenarios, self._chance, self._changes = scenarios, chance, 0
        self._seconds = dict.fromkeys(("edit", "grow", "shrink"), LONGEST_SECONDS)

    def change_and_kill(self) -> None:
        """Makes a change, and kills its `up`."""
        kind = self._change()
        moment = self._chance.uniform(SHORTEST_SECONDS, self._seconds[kind])
        began = time.monotonic()
        killed = self._scenarios.env.kill_up(moment)
        if killed:
            self.kills += 1
        else:
            self._seconds[kind] = time.monotonic() - began
        print(f"{kind}: {f'kill {self.kills}' if killed else 'was done'} after {time.monotonic() - began:.1f} s")

    def _change(self) -> str:
        self._changes += 1
        if self._changes % 2:
            self._scenarios.env.edit(COMPOSE, lambda text: _switch(text, "DRAIN_SECONDS=5", "DRAIN_SECONDS=6"))
            return "edit"
        grows = self._scenarios.settings["workers"] == WORKERS
        self._scenarios.configure(workers=WORKERS + 1 if grows else WORKERS)
        return "grow" if grows else "shrink"


def _switch(text: str, one: str, other: str) -> str:
    return text.replace(one, other) if one in text else text.replace(other, one)


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
