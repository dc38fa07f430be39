"""What is counted; `exposition` tells it."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from funcapp.host.function_process import FunctionProcess, in_flight
from funcapp.host.scaling.rates import Average
from funcapp.model.app import App
from funcapp.model.bindings.http import HttpTrigger
from funcapp.stats import FunctionStats

RESTART_REASONS = ("crashed", "timeout", "blocked", "settings", "code")
"""Ended by itself; a thread outlived functionTimeout; so did a blocked event loop; settings or code have changed."""


HTTP_SECONDS = 30.0
"""The load by HTTP is an average over so long: a burst of a few seconds needs no other pod."""


class Counts:
    """A number for each value of a label, or of several."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, ...], float] = {}

    def add(self, *labels: str, by: float = 1.0) -> None:
        self.values[labels] = self.values.get(labels, 0.0) + by


class Distribution:
    """For each value of a label, how many observations there were up to each bound, and their sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.values: dict[str, tuple[list[int], float]] = {}
        """The counts are of each bucket alone; the last one has no bound."""

    def observe(self, label: str, value: float) -> None:
        counts, total = self.values.get(label) or ([0] * (len(self.bounds) + 1), 0.0)
        counts[bisect_left(self.bounds, value)] += 1
        self.values[label] = counts, total + value


class Telemetry:
    """Invocations are counted in the function processes and added up here, those of ended processes included."""

    def __init__(self) -> None:
        self._triggers: dict[str, str] = {}
        self._http: set[str] = set()
        self._ended: dict[str, FunctionStats] = {}
        self._processes: list[FunctionProcess] = []
        self.http_in_flight = Average(HTTP_SECONDS)
        """HTTP invocations, of all function processes together, as each reports them every second."""
        self.queue_messages = Counts()
        """By function and outcome."""
        self.message_age = Distribution((0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 86400))
        """Seconds, by function."""
        self.batch_size = Distribution((1, 2, 4, 8, 16, 24, 32))
        """By function."""
        self.restarts = Counts()
        """By reason."""
        for reason in RESTART_REASONS:
            self.restarts.add(reason, by=0.0)
        self.cold_start = 0.0
        """Seconds."""

    def learn(self, app: App) -> None:
        """The app's functions bound the labels. What an earlier app counted stays."""
        for name, function in app.functions.items():
            self._triggers[name] = function.trigger.type
            if isinstance(function.trigger, HttpTrigger):
                self._http.add(name)
            self._ended.setdefault(name, FunctionStats())

    def crashed(self, function: str) -> None:
        """An invocation ended with its process, which therefore could not count it."""
        if function in self._ended:
            self._ended[function].add("failed", 0.0)

    def add_process(self, process: FunctionProcess) -> None:
        self._processes.append(process)
        process.on_report = self._reported

    def remove_process(self, process: FunctionProcess) -> None:
        """Keeps the counts of its last report."""
        if process in self._processes:
            self._processes.remove(process)
            _add(self._ended, process)
            for stats in self._ended.values():
                stats.in_flight = 0
            self._reported()

    def _reported(self) -> None:
        reports = [process.last_report["functions"] for process in self._processes]
        self.http_in_flight.set(
            sum(stats["inFlight"] for report in reports for name, stats in report.items() if name in self._http)
        )

    def became_ready(self) -> None:
        self.cold_start = time.time() - _process_start()

    @property
    def in_flight(self) -> int:
        return in_flight(self._processes)

    @property
    def processes_ready(self) -> int:
        return len(self._processes)

    def trigger_of(self, function: str) -> str:
        return self._triggers[function]

    def totals(self) -> Mapping[str, FunctionStats]:
        """By function."""
        totals = {name: FunctionStats() for name in self._triggers}
        for name, stats in self._ended.items():
            totals[name].merge(stats.to_wire())
        for process in self._processes:
            _add(totals, process)
        return totals


def _add(totals: Mapping[str, FunctionStats], process: FunctionProcess) -> None:
    for name, stats in process.last_report["functions"].items():
        if name in totals:
            totals[name].merge(stats)


def _process_start() -> float:
    """Seconds since the epoch. Falls back to now where /proc is not there."""
    try:
        import os

        with open("/proc/self/stat") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        with open("/proc/uptime") as file:
            uptime = float(file.read().split()[0])
        return time.time() - uptime + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return time.time()
