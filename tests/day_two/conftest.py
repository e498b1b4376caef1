"""One environment under constant load for all scenarios, and the table that they fill."""

import contextlib
import dataclasses
import pathlib
import time
from collections.abc import Callable, Iterator

import pytest

from tests import load
from tests.e2e import environment

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
TABLE = CHECKOUT / "docs" / "day-two.md"
HEAD = """\
# Day two, measured

Made by `make test-day-two`; each row is one scenario in the sandbox, under a load of eight clients through the load
balancer's address: four with a fresh connection for each request, four that keep theirs.

| scenario | requests | failures | allowed | seconds |
| --- | ---: | ---: | --- | ---: |
"""


@dataclasses.dataclass(frozen=True)
class Row:
    """What a scenario measured."""

    scenario: str
    requests: int
    failures: int
    allowed: str
    seconds: float

    def render(self) -> str:
        """Gives the row of the table."""
        return f"| {self.scenario} | {self.requests} | {self.failures} | {self.allowed} | {self.seconds:.0f} |"


@dataclasses.dataclass
class Scenarios:
    """The environment, and what was measured so far."""

    env: environment.Environment
    rows: list[Row] = dataclasses.field(default_factory=list)

    @contextlib.contextmanager
    def under_load(self, scenario: str, allowed: str = "0") -> Iterator[load.Tally]:
        """Runs a scenario under load and keeps its row; the failures are the test's to judge."""
        began = time.monotonic()
        with self.env.load() as tally:
            yield tally
        seconds = time.monotonic() - began
        self.rows.append(Row(scenario, tally.requests, len(tally.failures), allowed, seconds))

    def lossless(self, scenario: str, change: Callable[[], object]) -> None:
        """Runs a scenario in which not one request may fail."""
        with self.under_load(scenario) as tally:
            change()
        assert tally.failures == [], f"{len(tally.failures)} of {tally.requests} requests were lost"


@pytest.fixture(scope="session")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenarios]:
    """One manager and two workers at the beginning; writes the table when everything was run."""
    folder = pathlib.Path(tmp_path_factory.mktemp("day-two"))
    settings = {"addressSpace": "10.127.0.0/16", "hostSubnet": "10.127.1.0/24"}
    with environment.create(folder, "azsw-day2", settings) as made:
        made.make("up")
        kept = Scenarios(made)
        yield kept
    if kept.rows:
        TABLE.write_text(HEAD + "".join(f"{row.render()}\n" for row in kept.rows))
