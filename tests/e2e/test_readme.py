"""Every command in README.md is run: here, or by the end-to-end tests of an environment. One that nobody runs fails.

Here the sandbox only records: no machine is started, so previews of any size take seconds. What would need Azure, or
would run these tests again, has a form that does not.
"""

import ast
import os
import pathlib
import re
import subprocess
from collections.abc import Mapping

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 300.0
CONVERT = ".venv/bin/python -m compose convert apps/shop/compose.yaml --stack shop"
# In the README's order; beside each command what is run for it.
HERE: Mapping[str, str] = {
    "make test": "make --dry-run test",
    "sandbox/run pulumi preview --diff --stack dev": "sandbox/run pulumi preview --diff --stack dev",
    "make preview": "make preview",
    "make help": "make help",
    "pulumi stack init prod": "sandbox/run pulumi stack init prod",
    "pulumi up -s prod": "sandbox/run pulumi preview -s prod",
    CONVERT: CONVERT,
}
BY_TEST_DEV = {"make up", "make status", "make url", "make refresh", "make down"}


def list_commands() -> list[str]:
    """List the commands in the blocks of shell, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (CHECKOUT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def list_made(file: str) -> set[str]:
    """List the targets of `….make("target", …)` in a file of tests, as commands."""
    calls = [node for node in ast.walk(ast.parse((CHECKOUT / file).read_text())) if isinstance(node, ast.Call)]
    targets = [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "make"]
    constants = [target.value for target in targets if isinstance(target, ast.Constant)]
    return {f"make {value}" for value in constants if isinstance(value, str)}


def run(command: str, sandbox: pathlib.Path) -> str:
    """Run a command in the checkout against a sandbox that only records; give what it printed."""
    variables = {"SANDBOX_HOME": str(sandbox), "SANDBOX_PREFIX": "azsw-readme", "SANDBOX_RECORD_ONLY": "1"}
    done = subprocess.run(
        command.split(),
        cwd=CHECKOUT,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"'{command}' ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A sandbox in which `make up` has made the stack dev, as far as there is one without machines."""
    folder = pathlib.Path(tmp_path_factory.mktemp("readme"))
    run("sandbox/run pulumi stack init dev", folder)
    return folder


def test_a_test_is_named_for_every_command() -> None:
    assert sorted(set(list_commands())) == sorted({*HERE, *BY_TEST_DEV})


@pytest.mark.parametrize("command", HERE)
def test_a_command_runs(command: str, sandbox: pathlib.Path) -> None:
    assert run(HERE[command], sandbox) != ""


def test_the_others_are_run_by_the_tests_of_the_environment() -> None:
    assert list_made("tests/e2e/test_dev.py") >= BY_TEST_DEV


def test_all_tests_are_what_ci_runs() -> None:
    assert "exec make test" in (CHECKOUT / ".ci/run").read_text()
