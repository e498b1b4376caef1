"""Looks that are taken all the time beside a change, for what must hold at every instant."""

import threading
from typing import Self


class Watcher:
    """Takes a look every so many seconds, from entering to leaving."""

    pause = 0.5

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self.pause):
            self.look()

    def look(self) -> None:
        """Takes one look and remembers what it saw."""
        raise NotImplementedError
