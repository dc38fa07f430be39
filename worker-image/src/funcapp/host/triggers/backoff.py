"""How long a listener waits while there is nothing to do."""

from __future__ import annotations

import random

LEAST = 0.1


class Backoff:
    """Doubles from 100 ms to `longest` seconds, each with 20 % of jitter; work resets it."""

    def __init__(self, longest: float, random_source: random.Random | None = None) -> None:
        self._longest = longest
        self._random = random_source or random.Random()  # noqa: S311
        self._next = LEAST

    def reset(self) -> None:
        self._next = LEAST

    def next(self) -> float:
        delay = self._next
        self._next = min(delay * 2, self._longest)
        return min(delay * self._random.uniform(0.8, 1.2), self._longest)
