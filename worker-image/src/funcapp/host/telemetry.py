"""What `/metrics` tells."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from funcapp.host.function_process import FunctionProcess, in_flight
from funcapp.model.app import App
from funcapp.stats import BUCKETS, OUTCOMES, FunctionStats

RESTART_REASONS = ("crashed", "timeout", "blocked", "settings", "code")
"""Ended by itself; a thread outlived functionTimeout; so did a blocked event loop; settings or code have changed."""


class Telemetry(Collector):
    """Invocations are counted in the function processes and added up here, those of ended processes included."""

    def __init__(self) -> None:
        self._triggers: dict[str, str] = {}
        self._ended: dict[str, FunctionStats] = {}
        self._processes: list[FunctionProcess] = []
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self.queue_messages = Counter(
            "funcapp_queue_messages",
            "Queue messages, by what became of them.",
            ["function", "outcome"],
            registry=self.registry,
        )
        self.message_age = Histogram(
            "funcapp_queue_message_age_seconds",
            "Age of a queue message when it was received for the first time.",
            ["function"],
            buckets=(0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 86400),
            registry=self.registry,
        )
        self.batch_size = Histogram(
            "funcapp_queue_batch_size",
            "Messages that one look into a queue brought, where it brought any.",
            ["function"],
            buckets=(1, 2, 4, 8, 16, 24, 32),
            registry=self.registry,
        )
        self.restarts = Counter(
            "funcapp_process_restarts",
            "Function processes that were replaced, by the cause.",
            ["reason"],
            registry=self.registry,
        )
        for reason in RESTART_REASONS:
            self.restarts.labels(reason)
        self._cold_start = Gauge(
            "funcapp_cold_start_seconds", "From the start of the process until it was ready.", registry=self.registry
        )

    def learn(self, app: App) -> None:
        """The app's functions bound the labels. What an earlier app counted stays."""
        for name, function in app.functions.items():
            self._triggers[name] = function.trigger.type
            self._ended.setdefault(name, FunctionStats())

    def crashed(self, function: str) -> None:
        """An invocation ended with its process, which therefore could not count it."""
        if function in self._ended:
            self._ended[function].add("failed", 0.0)

    def add_process(self, process: FunctionProcess) -> None:
        self._processes.append(process)

    def remove_process(self, process: FunctionProcess) -> None:
        """Keeps the counts of its last report."""
        if process in self._processes:
            self._processes.remove(process)
            _add(self._ended, process)
            for stats in self._ended.values():
                stats.in_flight = 0

    def became_ready(self) -> None:
        self._cold_start.set(time.time() - _process_start())

    @property
    def in_flight(self) -> int:
        return in_flight(self._processes)

    def collect(self) -> Iterable[Metric]:
        totals = self._totals()
        invocations = CounterMetricFamily(
            "funcapp_invocations", "Finished invocations.", labels=["function", "trigger", "outcome"]
        )
        durations = HistogramMetricFamily(
            "funcapp_invocation_duration_seconds", "Duration of invocations.", labels=["function", "trigger"]
        )
        running = GaugeMetricFamily(
            "funcapp_invocations_in_flight", "Invocations that are running.", labels=["function", "trigger"]
        )
        retries = CounterMetricFamily(
            "funcapp_retries", "Invocations that a retry policy repeated.", labels=["function", "trigger"]
        )
        for name, stats in totals.items():
            labels = [name, self._triggers[name]]
            running.add_metric(labels, stats.in_flight)
            retries.add_metric(labels, stats.retries)
            for outcome in OUTCOMES:
                invocations.add_metric([*labels, outcome], stats.outcomes[outcome])
            durations.add_metric(labels, _cumulative(stats.buckets), stats.seconds)
        yield invocations
        yield durations
        yield running
        yield retries
        yield GaugeMetricFamily("funcapp_processes_ready", "Function processes that take work.", len(self._processes))

    def _totals(self) -> Mapping[str, FunctionStats]:
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


def _cumulative(counts: list[int]) -> list[tuple[str, float]]:
    total, buckets = 0, []
    for bound, count in zip((*BUCKETS, float("inf")), counts, strict=True):
        total += count
        buckets.append(("+Inf" if bound == float("inf") else str(bound), float(total)))
    return buckets


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
