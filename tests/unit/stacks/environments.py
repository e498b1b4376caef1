"""The settings of the three environments, as Pulumi hands them to a program, and what the program does with them."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from stacks import platform, settings
from tests.unit import deploying
from tools import environments

ROOT = environments.ROOT


# What prod has not chosen already.
_EVERYTHING: Mapping[str, Any] = {
    "access": "bastion",
    "tags": {"team": "platform"},
    "monthlyBudget": 900,
    "budgetContacts": ["team@example.org"],
    "keyVault": True,
    "secretExpiry": "2099-11-30",
}
# Choices of hosts that exclude what the environments have.
_HOSTS: Mapping[str, Mapping[str, Any]] = {
    "flatcar in sets": {"zones": [], "availabilitySets": True, "hostImage": "flatcar", "hostDiskType": "Premium_LRS"},
    "an image with a plan": {"hostImage": "kinvolk:flatcar-container-linux-free:stable-gen2:latest"},
    "an image of one's own": {"hostImage": "/CommunityGalleries/ours-1/Images/host/Versions/1.0.0"},
    "a flatcar of one's own": {"hostImage": "flatcar=/CommunityGalleries/ours-1/Images/flatcar/Versions/1.0.0"},
    "ubuntu of another size": {"hostImage": "ubuntu-24.04", "hostSizes": {"worker-1": "Standard_D4s_v5"}},
}
# What is judged: the environments, and prod with every choice taken.
JUDGED = (*environments.STACKS, "everything", *_HOSTS)


def read_schema() -> dict[str, dict[str, Any]]:
    """Gives the schema of the settings."""
    return environments.read_schema()


def make_config(stack: str, **changes: Any) -> dict[str, str]:
    """Gives the config of a stack, with changes."""
    return environments.make_config(stack, changes)


def load_settings(stack: str, **changes: Any) -> settings.Settings:
    """Reads the settings of a stack, with changes."""
    return environments.load_settings(stack, changes)


def refusal_of_settings(stack: str, config: dict[str, str]) -> str:
    """Gives the sentence by which the settings of a stack are refused."""
    return deploying.refusal_of(settings.load, stack=stack, settings=config)


@functools.cache
def deploy_environment(stack: str) -> deploying.Deployed:
    """Deploys a stack as it stands in the project, once for all tests that look at it."""
    return environments.record(stack)


def deploy_changed(stack: str, **changes: Any) -> deploying.Deployed:
    """Deploys a stack with changed settings."""
    return environments.record(stack, changes)


@functools.cache
def deploy_judged(name: str) -> deploying.Deployed:
    """Deploys one of what is judged, once for all tests that look at it."""
    choices = {"everything": _EVERYTHING, **_HOSTS}
    return deploy_changed("prod", **choices[name]) if name in choices else deploy_environment(name)


def make_program(stack: str, **changes: Any) -> Callable[[], None]:
    """Gives the program of a stack with changed settings, without its config."""
    chosen = load_settings(stack, **changes)
    return lambda: platform.deploy(chosen)
