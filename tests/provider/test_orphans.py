"""A plugin learns that the engine which started it is gone."""

import asyncio
import os
import subprocess
from collections.abc import Iterator

import pytest

from providers.kit import server
from tests.doubles import virtual_time


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for the one which started this, and ends when its input does."""
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    monkeypatch.setattr(os, "getppid", lambda: process.pid)
    yield process
    process.kill()
    process.communicate()


async def _kill(engine: subprocess.Popen[bytes], orphaned: asyncio.Task[None]) -> None:
    """Kill it once it is being watched."""
    await asyncio.sleep(0)
    assert not orphaned.done()
    engine.kill()


def test_the_end_of_the_engine_is_an_event(engine: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        orphaned = asyncio.ensure_future(server._until_orphaned(engine.pid))
        await _kill(engine, orphaned)
        monkeypatch.delattr(asyncio, "sleep")
        await asyncio.wait_for(orphaned, 30)

    virtual_time.run_in_real_time(main())


def test_an_engine_that_was_gone_before_it_was_watched_is_seen(
    engine: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another process may have its number by now, as this one has.
    monkeypatch.setattr(os, "getppid", lambda: 1)

    virtual_time.run(asyncio.wait_for(server._until_orphaned(engine.pid), 30))


def test_an_engine_whose_number_is_free_again_is_seen(engine: subprocess.Popen[bytes]) -> None:
    engine.kill()
    engine.communicate()

    virtual_time.run(asyncio.wait_for(server._until_orphaned(engine.pid), 30))


def test_where_nothing_tells_the_parent_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = iter([7, 7, 1])
    monkeypatch.delattr(os, "pidfd_open")
    monkeypatch.setattr(os, "getppid", lambda: next(parents))

    virtual_time.run(asyncio.wait_for(server._until_orphaned(7), 30))
