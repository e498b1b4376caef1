"""The last scenario: the end of the environment, while a part of it is gone."""

import time

from tests import load
from tests.day_two.scenarios import Scenarios
from tests.e2e import environment


def test_destroy_succeeds_while_hosts_are_gone(scenarios: Scenarios) -> None:
    scenarios.settle()
    env = scenarios.env
    environment.docker("kill", env.find("worker-1"))
    environment.docker("rm", "--force", "--volumes", env.find("manager-0"))
    began = time.monotonic()

    env.make("down")

    scenarios.keep("destroy while hosts are gone", load.Tally(), time.monotonic() - began)
    assert env.leftovers() == []
