"""Numbers over the last seconds that cost nothing while nothing happens: nobody has to wake up to sample them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import islice

_WINDOW_SECONDS = 60.0
_LEAST_SECONDS = 2.0


class Average:
    """Of a number that is told when it changes, over the last `seconds`, or over its life while that is shorter."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._began = clock()
        self._changes: deque[tuple[float, float]] = deque([(self._began, 0.0)])

    def set(self, value: float) -> None:
        now = self._clock()
        if value != self._changes[-1][1]:
            self._changes.append((now, value))
        while len(self._changes) > 1 and self._changes[1][0] <= now - self._seconds:
            self._changes.popleft()

    @property
    def value(self) -> float:
        now = self._clock()
        start = max(now - self._seconds, self._began)
        if now <= start:
            return self._changes[-1][1]
        ends = [*(moment for moment, _ in islice(self._changes, 1, None)), now]
        area = sum(
            value * max(0.0, end - max(moment, start)) for (moment, value), end in zip(self._changes, ends, strict=True)
        )
        return area / (now - start)


class Throughput:
    """What a consumer settles a second while it is saturated: while more than `threshold` are in work.

    Then it fetches no more, so this is what it can do, and not what there is to do.
    """

    def __init__(self, threshold: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._threshold = threshold
        self._clock = clock
        self._working = 0
        self._since = clock()
        self._spans: deque[list[float]] = deque()
        """Of about a second each: when it ended, how long of it was saturated, what was settled in that time."""

    def changed(self, working: int, settled: int = 0) -> None:
        """So many are in work from now on; so many of those before were settled just now."""
        now = self._clock()
        if self._working > self._threshold:
            self._add(now, now - self._since, settled)
        self._working, self._since = working, now

    @property
    def per_second(self) -> float | None:
        """Over the last minute of the time in which it was saturated; None before there is enough to tell."""
        now = self._clock()
        self._forget(now)
        seconds = sum(span[1] for span in self._spans)
        settled = sum(span[2] for span in self._spans)
        if self._working > self._threshold:
            seconds += now - self._since
        return settled / seconds if settled and seconds >= _LEAST_SECONDS else None

    def _add(self, now: float, seconds: float, settled: int) -> None:
        if self._spans and int(self._spans[-1][0]) == int(now):
            span = self._spans[-1]
            span[0], span[1], span[2] = now, span[1] + seconds, span[2] + settled
        else:
            self._forget(now)
            self._spans.append([now, seconds, settled])

    def _forget(self, now: float) -> None:
        while self._spans and self._spans[0][0] < now - _WINDOW_SECONDS:
            self._spans.popleft()
