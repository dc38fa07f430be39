"""functionTimeout: one timer for everything that runs, so that a call that ends in time costs next to nothing."""

from __future__ import annotations

import asyncio


class Timed:
    """Something that runs or waits to run. Await `settled`, then look at `late`."""

    __slots__ = ("begun", "late", "settled")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.begun: float | None = None
        """By the loop's clock; None while it waits to run, which does not count."""
        self.late = False
        self.settled: asyncio.Future[None] = loop.create_future()

    def settle(self, *_: object) -> None:
        if not self.settled.done():
            self.settled.set_result(None)


class TimeLimit:
    """`seconds` None: no limit. To be used in the loop's thread."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._running: set[Timed] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def settled(self, timed: Timed) -> bool:
        """Waits until `settle` was called. False: the time was over first."""
        if self.seconds is None:
            await timed.settled
            return True
        self._running.add(timed)
        if self._timer is None:
            self._timer = timed.settled.get_loop().call_later(self.seconds, self._check)
        try:
            await timed.settled
        finally:
            self._running.discard(timed)
        return not timed.late

    def _check(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now, soonest = loop.time(), None
        assert self.seconds is not None
        for timed in self._running:
            due = (now if timed.begun is None else timed.begun) + self.seconds
            if due > now:
                soonest = due if soonest is None else min(soonest, due)
            elif not timed.settled.done():
                timed.late = True
                timed.settle()
        if soonest is not None:
            self._timer = loop.call_at(soonest, self._check)
