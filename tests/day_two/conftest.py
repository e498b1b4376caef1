"""The environment of the session, and the table that a complete run writes."""

import pathlib
from collections.abc import Iterator

import pytest

from tests.day_two import table
from tests.day_two.scenarios import Scenarios
from tests.e2e import environment

TABLE = environment.CHECKOUT / "docs" / "day-two.md"


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Scenarios]:
    """The environment; writes the table when everything was run and nothing failed."""
    folder = pathlib.Path(tmp_path_factory.mktemp("day-two"))
    settings = {"addressSpace": "10.127.0.0/16", "hostSubnet": "10.127.1.0/24"}
    with environment.create(folder, "azsw-day2", settings) as made:
        kept = Scenarios(made)
        yield kept
    if set(kept.rows) == set(table.ALLOWED) and not request.session.testsfailed:
        TABLE.write_text(table.render(kept.rows))


@pytest.fixture
def scenarios(session: Scenarios, request: pytest.FixtureRequest) -> Iterator[Scenarios]:
    """Gives the environment to one test, and notes when that has failed: the next one begins with mending it."""
    before = request.session.testsfailed
    yield session
    session.failed = session.failed or request.session.testsfailed > before
