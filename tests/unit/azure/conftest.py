"""Programs run in the project's folder."""

import pytest

from tools import environments


@pytest.fixture(autouse=True)
def project_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the project's folder the working directory, as Pulumi does."""
    monkeypatch.chdir(environments.ROOT)
