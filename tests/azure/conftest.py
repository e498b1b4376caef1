"""Programs run in the project's folder; the judges have environments of their own, outside the checkout."""

import pathlib
import subprocess
from collections.abc import Callable

import pytest

from tools import environments


@pytest.fixture(autouse=True)
def project_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the project's folder the working directory, as Pulumi does."""
    monkeypatch.chdir(environments.ROOT)


@pytest.fixture(scope="session")
def find_python() -> Callable[[str], pathlib.Path]:
    """Gives what finds the Python of a judge, and installs the judge where it is missing."""

    def find(judge: str) -> pathlib.Path:
        command = [str(environments.ROOT / "tools/setup-judge"), judge]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return pathlib.Path(done.stdout.strip())

    return find
