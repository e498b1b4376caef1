"""Why a node has no image."""

from typing import Any

import pytest

from providers.swarm import pulls
from providers.swarm.cluster import Cluster
from tests.doubles import virtual_time, world

_LINE = (
    'time="2026-11-25T05:02:51Z" level=error msg="pulling image failed" error={} '
    "module=node/agent/taskmanager node.id=n task.id=t1"
)
_FULL = '"write /var/lib/docker/tmp/GetImageBlob1: no space left on device"'


def _make_task(node_id: str, error: str) -> dict[str, Any]:
    return {"ID": "t1", "NodeID": node_id, "Status": {"State": "rejected", "Err": error}}


def _quote(here: world.World, task: dict[str, Any]) -> str:
    return virtual_time.run(pulls.quote_cause(Cluster(here.machines, here.managers), [task]))


def _join(journal: str) -> tuple[world.World, str]:
    here = world.World("manager-0", "worker-0")
    node_id = here.join_all()["worker-0"].id
    here.machines.all["worker-0"].journal = journal
    return here, node_id


def test_the_log_of_the_node_tells_the_cause() -> None:
    here, node_id = _join(_LINE.format(_FULL))

    told = _quote(here, _make_task(node_id, "No such image: shop/api@sha256:1"))

    assert told == (
        " Host 'worker-0' could not pull it: write /var/lib/docker/tmp/GetImageBlob1: no space left on device."
    )


def test_another_failure_is_no_matter_of_images() -> None:
    here, node_id = _join(_LINE.format(_FULL))

    assert _quote(here, _make_task(node_id, "task: non-zero exit (1)")) == ""


def test_a_node_that_says_nothing_hides_nothing() -> None:
    here, node_id = _join("")

    assert _quote(here, _make_task(node_id, "No such image: a")) == ""


def test_a_node_that_is_gone_hides_nothing() -> None:
    here, node_id = _join(_LINE.format(_FULL))
    here.machines.kill("worker-0")

    assert _quote(here, _make_task(node_id, "No such image: a")) == ""
    assert _quote(here, _make_task("another", "No such image: a")) == ""


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (r'"Get \"https://r/v2/\": no basic auth credentials"', 'Get "https://r/v2/": no basic auth credentials'),
        ("EOF", "EOF"),
        (r'"unexpected status: \x1b[31m502\x1b[0m"', r"unexpected status: \x1b[31m502\x1b[0m"),
    ],
)
def test_a_cause_is_read_without_its_quotes(text: str, cause: str) -> None:
    assert pulls.read_cause(_LINE.format(text)) == cause
