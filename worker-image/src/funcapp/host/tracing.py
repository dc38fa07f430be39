"""Exports the spans of invocations by OTLP over HTTP, when OTEL_EXPORTER_OTLP_ENDPOINT says where to.

The libraries are imported only then. https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

_log = logging.getLogger("funcapp.telemetry")

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_CLOSE_SECONDS = 5.0

_TRIGGERS = {"httpTrigger": "http", "queueTrigger": "pubsub", "timerTrigger": "timer", "blobTrigger": "datasource"}


def is_wanted(environment: Mapping[str, str]) -> bool:
    """By OpenTelemetry's own variables."""
    return (
        any(environment.get(name) for name in _ENDPOINTS)
        and environment.get("OTEL_SDK_DISABLED", "").lower() != "true"
        and environment.get("OTEL_TRACES_EXPORTER", "otlp").lower() != "none"
    )


def tell_what_is_ignored(environment: Mapping[str, str]) -> None:
    """Once at start, for what an app that comes from Azure may have set."""
    if environment.get("APPLICATIONINSIGHTS_CONNECTION_STRING") or environment.get("APPINSIGHTS_INSTRUMENTATIONKEY"):
        _log.warning(
            "Application Insights is set and gets nothing from here: run an OpenTelemetry Collector with its"
            " azuremonitor exporter, and name it in OTEL_EXPORTER_OTLP_ENDPOINT; logs are on standard output"
        )
    protocol = next((environment[name] for name in _PROTOCOLS if environment.get(name)), "http/protobuf")
    if is_wanted(environment) and protocol != "http/protobuf":
        _log.warning("traces are exported by http/protobuf, not by %s: name a collector's HTTP port", protocol)


class Tracing:
    """`record` takes what function processes report; nothing of it ever fails or waits."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._wanted = is_wanted(environment)
        self._processor: BatchSpanProcessor | None = None
        self._resource: Resource

    def record(self, report: Mapping[str, Any]) -> None:
        if not self._wanted:
            return
        if report["dropped"]:
            _log.warning("%d spans were dropped: there were too many in a second", report["dropped"])
        processor = self._processor or self._open()
        for fields in report["spans"]:
            processor.on_end(_span(fields, self._resource))

    async def close(self) -> None:
        """Sends what is left, within a few seconds."""
        if self._processor is not None:
            closing = asyncio.get_running_loop().run_in_executor(None, self._processor.shutdown)
            await asyncio.wait({closing}, timeout=_CLOSE_SECONDS)

    def _open(self) -> BatchSpanProcessor:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        known = {
            "service.name": "FUNCAPP_NAME",
            "service.namespace": "FUNCAPP_NAMESPACE",
            "service.version": "FUNCAPP_REVISION",
            "service.instance.id": "HOSTNAME",
        }
        own = {name: self._environment[variable] for name, variable in known.items() if self._environment.get(variable)}
        if self._environment.get("OTEL_SERVICE_NAME"):
            own.pop("service.name", None)
        with _variables(self._environment):
            self._resource = Resource.create(own)
            # The exporter speaks of each failure by itself, through the loggers of its own library.
            self._processor = BatchSpanProcessor(OTLPSpanExporter())
        return self._processor


@contextlib.contextmanager
def _variables(environment: Mapping[str, str]) -> Iterator[None]:
    """The libraries read their options from the process; the app's settings may be others by now."""
    before = _telemetry_variables(os.environ)
    try:
        _replace(before, _telemetry_variables(environment))
        yield
    finally:
        _replace(_telemetry_variables(os.environ), before)


def _telemetry_variables(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("OTEL_")}


def _replace(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    for name in old.keys() - new.keys():
        del os.environ[name]
    os.environ.update(new)


def _span(fields: Mapping[str, Any], resource: Resource) -> Any:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

    trace, sampled = int(fields["traceId"], 16), TraceFlags(TraceFlags.SAMPLED)
    state = TraceState.from_header([fields["traceState"]]) if fields["traceState"] else TraceState()
    trigger = _TRIGGERS.get(fields["trigger"], "other")
    error = fields["error"]
    return ReadableSpan(
        name=fields["function"],
        context=SpanContext(trace, int(fields["spanId"], 16), False, sampled, state),
        parent=SpanContext(trace, int(fields["parentId"], 16), True, sampled, state) if fields["parentId"] else None,
        resource=resource,
        kind=SpanKind.CONSUMER if trigger == "pubsub" else SpanKind.SERVER,
        attributes={
            "faas.name": fields["function"],
            "faas.trigger": trigger,
            "faas.invocation_id": fields["invocationId"],
            "faas.coldstart": fields["cold"],
            **({} if error is None else {"error.type": error[0]}),
        },
        status=Status(StatusCode.ERROR, f"{error[0]}: {error[1]}"[:1024]) if error else Status(StatusCode.UNSET),
        start_time=fields["start"],
        end_time=fields["end"],
        instrumentation_scope=InstrumentationScope("funcapp"),
    )
