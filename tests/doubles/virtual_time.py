"""An event loop whose clock jumps to the next timer: waits of minutes take no time in tests."""

import asyncio
import datetime
import selectors
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

_T = TypeVar("_T")


class _Selector(selectors.DefaultSelector):
    """Moves the clock on instead of waiting; what is ready on a file descriptor still comes first."""

    now = 1_000_000.0

    def select(self, timeout: float | None = None) -> Sequence[Any]:  # type: ignore[override]
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def tell_time() -> str:
    """Gives the running loop's time as the engine writes times."""
    now = datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=asyncio.get_running_loop().time())
    return f"{now.isoformat(timespec='microseconds')}000Z"


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Runs a coroutine to its end in virtual time."""
    return _run(_Loop(), main)


def run_in_real_time(main: Coroutine[Any, Any, _T]) -> _T:
    """Runs a coroutine to its end by the real clock."""
    return _run(asyncio.new_event_loop(), main)


def _run(loop: asyncio.AbstractEventLoop, main: Coroutine[Any, Any, _T]) -> _T:
    # Not asyncio.run: it takes away the thread's event loop, on which the tests with Pulumi's mocks rely.
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(_cancel_rest())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _cancel_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
