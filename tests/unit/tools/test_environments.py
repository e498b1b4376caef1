"""The environments that there are: one for every Pulumi.<stack>.yaml."""

import pathlib
import shutil
from collections.abc import Callable

import pytest

from tools import arm, cost, environments, policy, record


@pytest.fixture
def project(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """Gives a project with a fourth environment, without applications."""
    for file in environments.ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, tmp_path)
    (tmp_path / "Pulumi.staging.yaml").write_text("config:\n  azure-swarm:applications: []\n", encoding="utf-8")
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


_MAINS = pytest.mark.parametrize("main", [arm.main, cost.main, policy.main, record.main])


def test_a_file_of_settings_makes_an_environment(project: pathlib.Path) -> None:
    assert project.is_dir()
    assert environments.list_stacks() == ["dev", "prod", "staging", "test"]


def test_every_environment_that_is_kept_is_one() -> None:
    assert set(environments.STACKS) <= set(environments.list_stacks())


@_MAINS
def test_the_commands_take_an_environment_of_a_teams_own(
    main: Callable[[list[str]], int], project: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--stack", "staging"])

    # Its machines have no encryption at host, as those of dev, and only dev may break a rule.
    assert code == (1 if main is policy.main else 0)
    assert capsys.readouterr().out


@_MAINS
def test_an_environment_that_is_not_there_is_one_sentence(
    main: Callable[[list[str]], int], project: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--stack", "live"]) == 1
    assert capsys.readouterr() == (
        "",
        "azure-swarm: STACK must be one of dev, prod, staging, test, which are the Pulumi.<stack>.yaml here; "
        "got 'live'.\n",
    )
