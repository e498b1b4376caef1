"""A project whose swarm is the engine of these tests, reached over SSH as a host of a fleet is."""

import pathlib
from typing import Any

from providers import kit
from providers.swarm import keys
from tests.doubles import virtual_time
from tests.sandbox.compose import pulumi_project, real_engine


def create(engine: real_engine.RealEngine, folder: pathlib.Path) -> pulumi_project.Project:
    """Lets the machine of the engine in, and creates the project in a folder."""
    authority = _make(keys.SshAuthority(), {"comment": "test"})
    wish = {"name": "manager-0", "principals": ["manager-0"], "caPrivateKey": authority["caPrivateKey"]}
    identity = _make(keys.HostIdentity(), wish)
    address = engine.serve_ssh(identity["privateKey"], identity["certificate"], authority["operatorPublicKey"])
    facts = {
        "CA_PUBLIC_KEY": authority["caPublicKey"],
        "OPERATOR_PRIVATE_KEY": authority["operatorPrivateKey"],
        "JUMP_ADDRESS": address,
    }
    return pulumi_project.Project(folder, "swarm_program.py", facts)


def _make(type_: kit.ResourceType, inputs: dict[str, Any]) -> dict[str, Any]:
    context = kit.Context("it", "urn:it", 0, print, print)
    return virtual_time.run_in_real_time(type_.create(context, inputs)).outputs
