"""Runs a program as `tools.recording` does, under the names that the tests of components use."""

from collections.abc import Callable, Mapping

import pytest

from arm import identifiers, registrations
from components import errors
from tools import answers, recording

DIGEST = answers.DIGEST
GROUP_ID = f"/subscriptions/{identifiers.SUBSCRIPTION}/resourceGroups/azure-swarm-dev-net"
Deployed = recording.Deployed
Recorded = registrations.Registration


def deploy(
    program: Callable[[], object],
    *,
    project: str = "azure-swarm",
    stack: str = "dev",
    organization: str = "organization",
    preview: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Deployed:
    """Runs `program` to its end. In a preview the mocks give no computed value, so it is unknown to the program."""
    return recording.record(
        program, project=project, stack=stack, organization=organization, preview=preview, settings=settings
    )


def refusal_of(program: Callable[[], object], *, stack: str = "dev", settings: Mapping[str, str] | None = None) -> str:
    """Gives the sentence by which a component refuses what `program` asks for."""
    with pytest.raises(errors.ComponentError) as refused:
        deploy(program, stack=stack, settings=settings)
    return str(refused.value)
