"""host.json's limits of requests at a time.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook#hostjson-settings
"""

from __future__ import annotations

import asyncio
from collections import deque


class TooManyRequests(Exception):
    """There are as many outstanding requests as the app allows."""


class Throttle:
    """At most `concurrent` run, the next ones wait in order; at most `outstanding` run or wait. None: no limit.

    Without `outstanding` nobody waits: upstream would let any number do so, unseen by whoever could send them to a
    pod with room. The limits are a pod's: each of its `processes` takes an equal share, at least 1.
    """

    def __init__(self, concurrent: int | None, outstanding: int | None, processes: int = 1) -> None:
        self._concurrent = _share(concurrent, processes)
        self._outstanding = _share(concurrent if outstanding is None else outstanding, processes)
        self.limits = self._concurrent is not None or self._outstanding is not None
        """Whether there is anything to limit."""
        self._running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        """Waits for its turn. Raises TooManyRequests."""
        if self._outstanding is not None and self._running + len(self._waiting) >= self._outstanding:
            raise TooManyRequests
        if self._concurrent is None or self._running < self._concurrent:
            self._running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif not turn.cancelled():
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        """A place passes to the next that waits, so it is never free in between."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._running -= 1


def _share(limit: int | None, processes: int) -> int | None:
    return None if limit is None else max(1, limit // processes)
