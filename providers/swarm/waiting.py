"""The one way to wait: for a fact, with a deadline, never for a time to pass."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from providers import kit

_T = TypeVar("_T")

FIRST_INTERVAL = 0.1
LONGEST_INTERVAL = 1.0
_GROWTH = 1.25


class DeadlineReached(kit.ResourceError):
    """A fact did not come about in time; the text says which, the time given and what was seen last."""


class Waiter:
    """Collects what a probe saw last, for the error text."""

    def __init__(self) -> None:
        self.seen = "nothing"


def get_time() -> float:
    """Gives the event loop's own time in seconds: deadlines and sleeps go by one clock."""
    return asyncio.get_running_loop().time()


async def wait_for(what: str, probe: Callable[[Waiter], Awaitable[_T | None]], *, seconds: float) -> _T:
    """Calls `probe` until it gives something other than None, at growing intervals: a hundred waits are no storm.

    `what` completes the sentence "Waited 60 s for ...". Raises `DeadlineReached` after `seconds`; what the probe
    raises goes through.
    """
    waiter, deadline, interval = Waiter(), get_time() + seconds, FIRST_INTERVAL
    while True:
        found = await probe(waiter)
        if found is not None:
            return found
        left = deadline - get_time()
        if left <= 0:
            raise DeadlineReached(f"Waited {seconds:g} s for {what}; last seen: {waiter.seen}.")
        await asyncio.sleep(min(interval, left))
        interval = min(interval * _GROWTH, LONGEST_INTERVAL)
