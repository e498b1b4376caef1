"""The templates of test, of prod, and of prod with every choice, judged by checkov."""

import json
import pathlib
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from arm import template
from tests.unit.stacks import environments as deployed
from tools import environments

_SKIPS = pathlib.Path(__file__).with_name("checkov-skips.yaml")
_STACKS = ("test", "prod", "everything")


def _write_templates(folder: pathlib.Path) -> None:
    for stack in _STACKS:
        text = template.print_template(deployed.deploy_judged(stack).resources)
        (folder / f"{stack}.json").write_text(text, encoding="utf-8")


def _run_checkov(python: pathlib.Path, folder: pathlib.Path) -> dict[str, Any]:
    command = [str(python), "-m", "checkov.main", "--directory", str(folder), "--framework", "arm"]
    quiet = ["--output", "json", "--compact", "--skip-download", "--soft-fail"]
    done = subprocess.run([*command, *quiet], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def answer(find_python: Callable[[str], pathlib.Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Gives what checkov says of both templates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(environments.ROOT)
        folder = tmp_path_factory.mktemp("templates")
        _write_templates(folder)
        return _run_checkov(find_python("checkov"), folder)


def _read_skips() -> list[dict[str, Any]]:
    skips: list[dict[str, Any]] = yaml.safe_load(_SKIPS.read_text(encoding="utf-8"))
    return skips


def _get_type(finding: dict[str, Any]) -> str:
    """Gives the type of `type.name`; a type has one dot, a name may be an expression with others."""
    return ".".join(finding["resource"].split(".")[:2])


@pytest.mark.parametrize("stack", _STACKS)
def test_checkov_finds_what_is_skipped_with_a_reason_and_no_more(stack: str, answer: dict[str, Any]) -> None:
    failed = [one for one in answer["results"]["failed_checks"] if one["file_path"] == f"/{stack}.json"]

    found = {(one["check_id"], _get_type(one)): one["check_name"] for one in failed}
    skipped = [(one["check"], one["type"]) for one in _read_skips() if stack in one["stacks"]]
    assert sorted(found) == sorted(skipped), found


def test_checkov_read_every_resource(answer: dict[str, Any]) -> None:
    seen = {_get_type(one) for one in answer["results"]["passed_checks"]}

    assert answer["summary"]["parsing_errors"] == 0
    assert {"Microsoft.Compute/virtualMachines", "Microsoft.ContainerRegistry/registries"} <= seen
    assert answer["summary"]["passed"] > 80


def test_every_skip_has_a_reason() -> None:
    assert all(one["reason"].endswith(".") for one in _read_skips())
