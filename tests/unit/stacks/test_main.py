"""The program as Pulumi starts it."""

import logging
import runpy
from typing import Any

import pytest

from tests.unit import deploying
from tests.unit.stacks import environments


def _run(**changes: Any) -> deploying.Deployed:
    config = environments.make_config("dev", **changes)
    return deploying.deploy(lambda: runpy.run_path("__main__.py", run_name="__main__"), settings=config)


def test_the_program_deploys_the_platform() -> None:
    deployed = _run(applications=[])

    assert deployed.names("azure-swarm:components:SwarmCluster") == ["swarm"]


def test_a_refusal_is_one_sentence_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    # The language host adds nothing when a program ends with 32.
    with pytest.raises(SystemExit, match="32"):
        _run(managers=2)

    assert [one.message for one in caplog.records if one.levelno == logging.ERROR] == [
        "Pulumi.dev.yaml: azure-swarm:managers must be 1, 3, 5 or 7; got 2."
    ]
