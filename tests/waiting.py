"""The one way in which these tests wait: for a fact, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_PAUSE = 0.1


def wait_for(fact: Callable[[], _T], seconds: float, what: str) -> _T:
    """Asks until the answer is true, and gives it."""
    deadline = time.monotonic() + seconds
    while True:
        found = fact()
        if found:
            return found
        assert time.monotonic() < deadline, f"Not within {seconds:.0f} s: {what}."
        time.sleep(_PAUSE)
