"""Runs the program of an environment without Pulumi: its settings as Pulumi hands them over, and its record."""

import json
from collections.abc import Mapping
from typing import Any

from components import errors
from stacks import platform, settings
from tools import recording, settings_files

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

ROOT = settings_files.ROOT
PROJECT = settings_files.PROJECT
# Those of this repository, whose records are kept; a team may have more.
STACKS = ("dev", "test", "prod")


class StackError(errors.ComponentError):
    """An environment that is not there."""

    def __init__(self, stack: str) -> None:
        known = ", ".join(list_stacks())
        super().__init__(f"STACK must be one of {known}, which are the Pulumi.<stack>.yaml here; got '{stack}'.")


def read_schema() -> dict[str, dict[str, Any]]:
    """Gives the schema of the settings."""
    return settings_files.read_schema(ROOT)


def list_stacks() -> list[str]:
    """Lists the environments: a file of settings makes one."""
    return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in ROOT.glob("Pulumi.*.yaml"))


def make_config(stack: str, changes: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Gives the config of a stack: the defaults of Pulumi.yaml, then Pulumi.<stack>.yaml, then the changes.

    Raises a `StackError`, and a `ToolError` for a file that Pulumi would refuse, or of which it would ignore a part.
    """
    if stack not in list_stacks():
        raise StackError(stack)
    return {key: _as_text(value) for key, value in {**settings_files.read_all(stack, ROOT), **(changes or {})}.items()}


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


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
