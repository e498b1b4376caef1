"""Workers leave in turns, and are emptied in turns: the lock behind a run's parallel removals and drains.

What is held here ends with the process. A leave that a killed run began shows in the node's availability, by which the
next run lets it go first (`planner.may_begin_to_leave`).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from providers import kit
from providers.swarm import planner
from providers.swarm.cluster import Cluster

_LOOK_SECONDS = 10


class Departures:
    """The workers that are leaving, and those that wait for their turn."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._leaving: set[str] = set()
        self._waiting: set[str] = set()
        self._failed = ""

    @contextlib.asynccontextmanager
    async def turn(
        self, cluster: Cluster, host: str, node_id: str, progress: Callable[[str], None]
    ) -> AsyncIterator[None]:
        """Waits until the worker may leave, and lets the next one go at the end.

        Raises a `ResourceError` when one before it failed: who still waits then stays, as in any rolling update.
        """
        await self._enter(cluster, host, node_id, progress)
        try:
            yield
        except BaseException:
            self._failed = host
            raise
        finally:
            self._leaving.discard(node_id)
            await self._tell_all()

    async def _enter(self, cluster: Cluster, host: str, node_id: str, progress: Callable[[str], None]) -> None:
        self._waiting.add(node_id)
        try:
            async with self._changed:
                while not await self._may_leave(cluster, node_id):
                    progress("waiting for its turn to leave")
                    await self._await_change()
                    self._refuse_after_failure(host)
                self._leaving.add(node_id)
        finally:
            # One that gives up counts for the others no more, as one that leaves.
            self._waiting.discard(node_id)
            await self._tell_all()

    async def _await_change(self) -> None:
        """Waits until another one's turn changes; looks again after a while, since nodes change by themselves, too."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._changed.wait()

    async def _tell_all(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _may_leave(self, cluster: Cluster, node_id: str) -> bool:
        members = await cluster.members()
        turns = planner.Turns(frozenset(self._leaving), frozenset(self._waiting))
        return planner.may_begin_to_leave(node_id, members, turns, cluster.max_unavailable)

    def _refuse_after_failure(self, host: str) -> None:
        if self._failed:
            raise kit.ResourceError(
                f"Node '{host}' stays for now: it waited for its turn behind '{self._failed}', which failed to leave; "
                "mend that one, then run again."
            )
