"""How long the parts of a step took, for its log."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger("funcapp.prepare")


class Durations:
    """Measures parts that follow each other."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._parts: list[tuple[str, float]] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        finally:
            self._parts.append((name, time.monotonic() - begin))

    def log(self, step: str) -> None:
        """One line, such as `build took 3.21 s: source 0.02 s, pip 2.50 s, pack 0.30 s`."""
        parts = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in self._parts)
        _log.info("%s took %.2f s: %s", step, time.monotonic() - self._begin, parts)
