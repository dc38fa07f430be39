"""What `/metrics` answers. Imported for the first scrape, because the library takes longer than a start should."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from funcapp.host.telemetry import Counts, Distribution, Telemetry
from funcapp.stats import BUCKETS, OUTCOMES

CONTENT_TYPE = CONTENT_TYPE_LATEST


def render(telemetry: Telemetry) -> bytes:
    """In Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Collector(telemetry))
    return generate_latest(registry)


class _Collector(Collector):
    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def collect(self) -> Iterable[Metric]:
        telemetry = self._telemetry
        yield from _of_functions(telemetry)
        yield GaugeMetricFamily(
            "funcapp_processes_ready", "Function processes that take work.", telemetry.processes_ready
        )
        yield _counter(
            "funcapp_queue_messages",
            "Queue messages, by what became of them.",
            ("function", "outcome"),
            telemetry.queue_messages,
        )
        yield _histogram(
            "funcapp_queue_message_age_seconds",
            "Age of a queue message when it was received for the first time.",
            telemetry.message_age,
        )
        yield _histogram(
            "funcapp_queue_batch_size",
            "Messages that one look into a queue brought, where it brought any.",
            telemetry.batch_size,
        )
        yield _counter(
            "funcapp_process_restarts",
            "Function processes that were replaced, by the cause.",
            ("reason",),
            telemetry.restarts,
        )
        yield GaugeMetricFamily(
            "funcapp_cold_start_seconds", "From the start of the process until it was ready.", telemetry.cold_start
        )


def _of_functions(telemetry: Telemetry) -> Iterable[Metric]:
    names = ["function", "trigger"]
    invocations = CounterMetricFamily("funcapp_invocations", "Finished invocations.", labels=[*names, "outcome"])
    durations = HistogramMetricFamily("funcapp_invocation_duration_seconds", "Duration of invocations.", labels=names)
    running = GaugeMetricFamily("funcapp_invocations_in_flight", "Invocations that are running.", labels=names)
    retries = CounterMetricFamily("funcapp_retries", "Invocations that a retry policy repeated.", labels=names)
    for name, stats in telemetry.totals().items():
        labels = [name, telemetry.trigger_of(name)]
        running.add_metric(labels, stats.in_flight)
        retries.add_metric(labels, stats.retries)
        for outcome in OUTCOMES:
            invocations.add_metric([*labels, outcome], stats.outcomes[outcome])
        durations.add_metric(labels, _cumulative(BUCKETS, stats.buckets), stats.seconds)
    return invocations, durations, running, retries


def _counter(name: str, documentation: str, labels: Sequence[str], counts: Counts) -> Metric:
    family = CounterMetricFamily(name, documentation, labels=labels)
    for values, count in counts.values.items():
        family.add_metric(values, count)
    return family


def _histogram(name: str, documentation: str, distribution: Distribution) -> Metric:
    family = HistogramMetricFamily(name, documentation, labels=["function"])
    for function, (counts, total) in distribution.values.items():
        family.add_metric([function], _cumulative(distribution.bounds, counts), total)
    return family


def _cumulative(bounds: Sequence[float], counts: Sequence[int]) -> list[tuple[str, float]]:
    total, buckets = 0, []
    for bound, count in zip((*bounds, float("inf")), counts, strict=True):
        total += count
        buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), float(total)))
    return buckets
