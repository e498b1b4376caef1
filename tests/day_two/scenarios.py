"""One environment for all scenarios: each measures its row under load, and begins from settings that it names."""

import contextlib
import dataclasses
import shutil
import time
from collections.abc import Callable, Iterator

from tests import load
from tests.day_two import table
from tests.e2e import environment

WORKERS = 2
LOST = "requests were lost"


@dataclasses.dataclass
class Scenarios:
    """The environment, the settings it has, and what was measured so far.

    `failed` says that the last scenario left the environment as nobody knows.
    """

    env: environment.Environment
    settings: dict[str, object] = dataclasses.field(default_factory=lambda: {"managers": 1, "workers": WORKERS})
    rows: dict[str, table.Row] = dataclasses.field(default_factory=dict)
    failed: bool = True

    def settle(self, managers: int = 1) -> None:
        """Brings the environment to these settings before the load begins; mends it when the last scenario failed."""
        wanted: dict[str, object] = {"managers": managers, "workers": WORKERS}
        if self.failed:
            self._restore()
            self.configure(**wanted)
            self.env.make("refresh")
            self.env.make("up")
            self.failed = False
        elif self.settings != wanted:
            self.configure(**wanted)
            self.env.make("up")

    def _restore(self) -> None:
        """Puts the files back that scenarios edit."""
        shutil.copytree(environment.CHECKOUT / "apps", self.env.folder / "apps", dirs_exist_ok=True)
        self.env.clear("drainedHosts")

    def configure(self, **settings: object) -> None:
        """Sets settings, and remembers them."""
        self.env.configure(**settings)
        self.settings |= settings

    @contextlib.contextmanager
    def edited(self, path: str, edit: Callable[[str], str]) -> Iterator[None]:
        """Edits a file for one scenario and brings it up; puts it back, and that up too, for those that come after."""
        before = (self.env.folder / path).read_text()
        self.env.edit(path, edit)
        self.env.up()
        yield
        self.env.edit(path, lambda _: before)
        self.env.up()

    @contextlib.contextmanager
    def under_load(self, scenario: str) -> Iterator[load.Tally]:
        """Runs a scenario under load and keeps its row; the failures are the test's to judge."""
        began = time.monotonic()
        with self.env.load() as tally:
            yield tally
        self.keep(scenario, tally, time.monotonic() - began)

    def keep(self, scenario: str, tally: load.Tally, seconds: float) -> None:
        """Keeps the row of a scenario of the table."""
        assert scenario in table.ALLOWED, f"{scenario!r} is no scenario of the table"
        self.rows[scenario] = table.Row(scenario, tally.requests, len(tally.failures), seconds)

    def lossless(self, scenario: str, change: Callable[[], object]) -> None:
        """Runs a scenario in which not one request may fail."""
        with self.under_load(scenario) as tally:
            change()
        assert tally.failures == [], f"{len(tally.failures)} of {tally.requests} {LOST}"

    def list_nodes(self) -> list[tuple[str, str]]:
        """Lists the swarm's nodes with their states: what is expected is one for each host of the outputs."""
        return sorted((node["Hostname"], node["Status"]) for node in self.env.swarm("node", "ls"))

    def list_hosts(self) -> list[tuple[str, str]]:
        """Lists what the nodes are to be: every host of the outputs, ready."""
        return sorted((node["name"], "Ready") for node in self.env.outputs["nodes"])
