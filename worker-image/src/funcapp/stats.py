"""Counts of invocations: gathered in the function processes, added up in the host process."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Upper bounds in seconds of the histogram of durations; one more bucket holds what is longer."""

OUTCOMES = ("succeeded", "failed", "timeout")


class FunctionStats:
    """One function's invocations: those that run, and those that have finished."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.retries = 0
        """Invocations that a retry policy repeated."""
        self.outcomes = dict.fromkeys(OUTCOMES, 0)
        self.buckets = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0

    def add(self, outcome: str, seconds: float) -> None:
        self.outcomes[outcome] += 1
        self.buckets[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds

    def merge(self, other: Mapping[str, Any]) -> None:
        """Adds what `to_wire` of another gave."""
        self.in_flight += other["inFlight"]
        self.retries += other["retries"]
        for outcome, count in other["outcomes"].items():
            self.outcomes[outcome] += count
        self.buckets = [mine + theirs for mine, theirs in zip(self.buckets, other["buckets"], strict=True)]
        self.seconds += other["seconds"]

    def to_wire(self) -> dict[str, Any]:
        return {
            "inFlight": self.in_flight,
            "retries": self.retries,
            "outcomes": self.outcomes,
            "buckets": self.buckets,
            "seconds": self.seconds,
        }
