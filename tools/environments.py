"""Runs the program of an environment without Pulumi: its settings as Pulumi hands them over, and its record."""

import json
import pathlib
from collections.abc import Mapping
from typing import Any

import yaml

from components import errors
from stacks import platform, settings
from tools import recording

__all__ = [
    "PROJECT",
    "ROOT",
    "STACKS",
    "StackError",
    "list_stacks",
    "load_settings",
    "make_config",
    "read_schema",
    "record",
]

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROJECT = "azure-swarm"
# Those of this repository, whose records are kept; a team may have more.
STACKS = ("dev", "test", "prod")


class StackError(errors.ComponentError):
    """An environment that is not there."""

    def __init__(self, stack: str) -> None:
        known = ", ".join(list_stacks())
        super().__init__(f"STACK must be one of {known}, which are the Pulumi.<stack>.yaml here; got '{stack}'.")


def read_schema() -> dict[str, dict[str, Any]]:
    """Gives the schema of the settings."""
    return _read_config("Pulumi.yaml")


def list_stacks() -> list[str]:
    """Lists the environments: a file of settings makes one."""
    return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in ROOT.glob("Pulumi.*.yaml"))


def make_config(stack: str, changes: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Gives the config of a stack: the defaults of Pulumi.yaml, then Pulumi.<stack>.yaml, then the changes.

    Raises a `StackError`.
    """
    if stack not in list_stacks():
        raise StackError(stack)
    defaults = {key: entry["default"] for key, entry in read_schema().items()}
    own = {key.removeprefix(f"{PROJECT}:"): value for key, value in _read_config(f"Pulumi.{stack}.yaml").items()}
    return {key: _as_text(value) for key, value in {**defaults, **own, **(changes or {})}.items()}


def record(stack: str, changes: Mapping[str, Any] | None = None) -> recording.Deployed:
    """Records the program of a stack. Its compose files are relative to the project, as the working directory is."""
    return recording.record(_run_program, project=PROJECT, stack=stack, settings=make_config(stack, changes))


def load_settings(stack: str, changes: Mapping[str, Any] | None = None) -> settings.Settings:
    """Reads the settings of a stack. Raises a `SettingError`."""
    loaded: list[settings.Settings] = []
    config = make_config(stack, changes)
    recording.record(lambda: loaded.append(settings.load()), project=PROJECT, stack=stack, settings=config)
    return loaded[0]


def _run_program() -> None:
    platform.deploy(settings.load())


def _read_config(file: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((ROOT / file).read_text(encoding="utf-8")).get("config") or {}
    return config


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
