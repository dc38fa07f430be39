"""OpenTelemetry: spans reach a collector."""

import base64
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_trigger
from support.azurite import Azurite
from support.settings_volume import SettingsVolume
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    """Takes OTLP over HTTP; `spans` are (resource attributes, span)."""

    def __init__(self) -> None:
        self.spans: list[tuple[dict[str, str], Any]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                    resource = attributes(group.resource)
                    for scope in group.scope_spans:
                        collector.spans += [(resource, span) for span in scope.spans]
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever).start()

    def named(self, name: str) -> list[Any]:
        return [span for _, span in self.spans if span.name == name]


def attributes(holder: Any) -> dict[str, Any]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in holder.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_settings_that_change_lead_spans_elsewhere(
    app: AppFolder, launch: Launch, collector: Collector, tmp_path: Path
) -> None:
    """The settings that the worker was started with know nothing of a collector."""
    app.function("traced", "import os\ndef main(req): return os.environ.get('VALUE', '')", http_trigger(), HTTP_RETURN)
    volume = SettingsVolume(tmp_path / "settings" / "0-secret")
    volume.write(VALUE="one")
    worker = launch(FUNCAPP_SETTINGS_FOLDER=str(tmp_path / "settings")).wait_ready()
    volume.write(
        VALUE="two",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server.server_port}",
        OTEL_BSP_SCHEDULE_DELAY="100",
        OTEL_SERVICE_NAME="from-the-settings",
    )
    wait_for(lambda: worker.get("/api/traced").text == "two", "the new settings hold", 30)
    wait_for(lambda: collector.named("traced"), "the span is exported")
    assert collector.spans[0][0]["service.name"] == "from-the-settings"


def test_invocations_are_exported_as_spans(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, collector: Collector
) -> None:
    queue = azurite.queues.get_queue_client(unique)
    queue.create_queue()
    app.function(
        "traced", "def main(req, context): return context.trace_context.trace_parent + ' '", http_trigger(), HTTP_RETURN
    )
    app.function("fails", "async def main(msg): raise ValueError('no')", queue_trigger(unique))
    app.host(extensions={"queues": {"maxDequeueCount": 1}})
    worker = launch(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server.server_port}",
        OTEL_BSP_SCHEDULE_DELAY="100",
        FUNCAPP_NAME="shop",
        APPLICATIONINSIGHTS_CONNECTION_STRING="InstrumentationKey=canary",
    ).wait_ready()
    assert "azuremonitor" in worker.wait_for_record("Application Insights")["message"]
    parent = worker.get("/api/traced", traceparent=f"00-{TRACE}-{SPAN}-01", tracestate="a=b").text.strip()
    worker.get("/api/traced", traceparent=f"00-{TRACE}-{SPAN}-00")
    queue.send_message(base64.b64encode(b"x").decode())
    wait_for(lambda: collector.named("traced") and collector.named("fails"), "both spans are exported")
    worker.stop()
    (span,), (failed,) = collector.named("traced"), collector.named("fails")
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.trace_state) == (TRACE, SPAN, "a=b")
    # What the function calls is a child of its own span.
    assert parent == f"00-{TRACE}-{span.span_id.hex()}-01"
    found = attributes(span)
    assert (found["faas.name"], found["faas.trigger"], found["faas.coldstart"]) == ("traced", "http", True)
    assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 10**10
    assert attributes(failed)["faas.trigger"] == "pubsub"
    assert (failed.status.code, failed.status.message) == (2, "ValueError: no")
    (record,) = worker.records(function="fails", message="Exception: ValueError: no")
    assert (record["traceId"], record["spanId"]) == (failed.trace_id.hex(), failed.span_id.hex())
    assert collector.spans[0][0]["service.name"] == "shop"
    assert "canary" not in "\n".join(worker.lines)
