"""The settings of the three environments, as Pulumi hands them to a program: Pulumi.yaml, then Pulumi.<stack>.yaml."""

import functools
import json
import pathlib
from collections.abc import Callable
from typing import Any

import yaml

from stacks import platform, settings
from tests.unit import deploying

ROOT = pathlib.Path(__file__).parents[3]


def read_schema() -> dict[str, dict[str, Any]]:
    """Gives the schema of the settings."""
    return _read_config("Pulumi.yaml")


def make_config(stack: str, **changes: Any) -> dict[str, str]:
    """Gives the config of a stack, with changes."""
    defaults = {key: entry["default"] for key, entry in read_schema().items()}
    given = _read_config(f"Pulumi.{stack}.yaml")
    own = {key.removeprefix("azure-swarm:"): value for key, value in given.items()}
    return {key: _as_text(value) for key, value in {**defaults, **own, **changes}.items()}


@functools.cache
def _read_config(file: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((ROOT / file).read_text())["config"]
    return config


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def load_settings(stack: str, **changes: Any) -> settings.Settings:
    """Reads the settings of a stack, with changes."""
    loaded: list[settings.Settings] = []
    config = make_config(stack, **changes)
    deploying.deploy(lambda: loaded.append(settings.load()), stack=stack, settings=config)
    return loaded[0]


def refusal_of_settings(stack: str, config: dict[str, str]) -> str:
    """Gives the sentence by which the settings of a stack are refused."""
    return deploying.refusal_of(settings.load, stack=stack, settings=config)


@functools.cache
def deploy_environment(stack: str) -> deploying.Deployed:
    """Deploys a stack as it stands in the project, once for all tests that look at it."""
    return deploying.deploy(_run_program, stack=stack, settings=make_config(stack))


def deploy_changed(stack: str, **changes: Any) -> deploying.Deployed:
    """Deploys a stack with changed settings."""
    return deploying.deploy(_run_program, stack=stack, settings=make_config(stack, **changes))


def make_program(stack: str, **changes: Any) -> Callable[[], None]:
    """Gives the program of a stack with changed settings, without its config."""
    chosen = load_settings(stack, **changes)
    return lambda: platform.deploy(chosen)


def _run_program() -> None:
    platform.deploy(settings.load())
