"""A sandbox for each module: machines boot once for all of its tests."""

from collections.abc import Iterator

import pytest

from tests.sandbox.azure import Azure, run_sandbox


@pytest.fixture(scope="module")
def azure(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azure]:
    """The sandbox of a module."""
    name = request.module.__name__.rpartition("test_")[2]
    with run_sandbox(name.replace("_", "-"), tmp_path_factory.mktemp("sandbox")) as made:
        yield made
