"""The environment that the end-to-end tests of a module share, in the order in which they stand."""

import pathlib
from collections.abc import Iterator

import pytest

from tests.e2e import environment


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[environment.Environment]:
    """One manager and two workers, beside whatever sandbox the developer has."""
    folder = pathlib.Path(tmp_path_factory.mktemp("dev"))
    settings = {"addressSpace": "10.124.0.0/16", "hostSubnet": "10.124.1.0/24"}
    with environment.create(folder, f"azsw-e2e-{folder.name[-1]}", settings) as made:
        yield made
