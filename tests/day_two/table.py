"""The scenarios of docs/day-two.md in their order, what each may lose, and the table that a complete run writes."""

import dataclasses
from collections.abc import Mapping

ALLOWED: Mapping[str, str] = {
    "new image digest, start-first": "0",
    "configuration file of a service changes": "0",
    "secret of a service changes": "0",
    "a service gains a network, limits and ulimits": "0",
    "a service's placement constraints change": "0",
    "workers 2 to 4, 4 to 2": "0",
    "every worker and the single manager replaced (new host image)": "0",
    "managers 1 to 3": "0",
    "managers 3 to 5": "0",
    "managers 5 to 3": "0",
    "managers 3 to 1": "0",
    "all three managers and every worker replaced in one up, quorum polled": "0",
    "a service with one replica, start-first, its node drained": "0",
    "a worker's machine lost, then refresh and up": "what was sent there until the probe noticed, none after",
    "the edge proxy itself gets a new image (global, stop-first), one node at a time": "0",
    "one of three managers killed, then refresh and up": "0",
    "two of three managers killed (tasks on workers), up refused, then the documented recovery": "0",
    "bad image: crash loop": "0",
    "bad image: no such digest": "0",
    "bad image: never healthy": "0",
    "up killed at 20 random moments, each time refresh and up": "0",
    "network between operator and hosts cut in mid-up, then up": "0",
    "sshd restarted on every host in mid-up": "0",
    "disk of a node full, up fails, then up": "0",
    "every host restarted, one at a time, drained": "0",
    "destroy while hosts are gone": "no load: the last scenario",
}
_HEAD = """\
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
    seconds: float


def render(rows: Mapping[str, Row]) -> str:
    """Gives the document, with the rows in the order of the scenarios."""
    return _HEAD + "".join(_render_row(rows[name]) for name in ALLOWED if name in rows)


def _render_row(row: Row) -> str:
    allowed = ALLOWED[row.scenario]
    return f"| {row.scenario} | {row.requests} | {row.failures} | {allowed} | {row.seconds:.0f} |\n"
