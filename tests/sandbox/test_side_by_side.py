"""Two sandboxes on one machine, and the sweeping of one of them."""

import os
import pathlib
import subprocess
import sys

from tests.sandbox import azure as azures
from tests.sandbox import docker, web


def fill(azure: azures.Azure) -> tuple[azures.Machine, azures.Made]:
    """Creates what has a body; the names are those of every other sandbox."""
    azure.create_group()
    azure.create_network()
    azure.create_security_group(azures.make_rule(100, "Internet", 22))
    azure.create_subnet()
    machine = azure.create_machine("vm", web.make_user_data(), public=azure.create_address("front"))
    return machine, azure.create("Registry", azure.registry_inputs("images"))


def test_sandboxes_side_by_side_share_nothing_and_one_is_swept_alone(
    azure: azures.Azure, tmp_path: pathlib.Path
) -> None:
    with azures.run_sandbox("other", tmp_path) as other:
        machine, registry = fill(azure)
        other_machine, other_registry = fill(other)
        assert machine.resource.id == other_machine.resource.id
        assert machine.public != other_machine.public
        assert azure.password_of(registry) != other.password_of(other_registry)

        left = docker.list_labelled(azure.label)
        removed = azures.sweep({**os.environ, "SANDBOX_HOME": str(tmp_path), "SANDBOX_PREFIX": other.home.prefix})

        assert f"container {other_machine.container}" in removed
        assert f"volume {other_machine.container}-docker" in removed
        assert other.list_left() == []
        assert other.read(other_machine.resource) == {}
        assert docker.list_labelled(azure.label) == left
        assert azure.read(machine.resource) == machine.resource.state
        assert azure.read(registry) == registry.state


def test_a_sweep_of_nothing_removes_nothing(tmp_path: pathlib.Path) -> None:
    environment = {**os.environ, "SANDBOX_HOME": str(tmp_path), "SANDBOX_PREFIX": "test-nothing"}

    assert azures.sweep(environment) == []


def test_a_sweep_explains_itself() -> None:
    command = [sys.executable, "-m", "sandbox.sweep", "--help"]

    told = subprocess.run(command, cwd=azures.CHECKOUT, capture_output=True, text=True, check=True).stdout

    assert "Removes all that a sandbox has on this machine" in told


def test_a_sandbox_without_an_engine_says_so(tmp_path: pathlib.Path) -> None:
    environment = {**os.environ, "SANDBOX_HOME": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    command = [sys.executable, "-m", "sandbox.sweep"]

    done = subprocess.run(command, cwd=azures.CHECKOUT, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Docker's engine at {tmp_path}/none.sock does not answer: ")
