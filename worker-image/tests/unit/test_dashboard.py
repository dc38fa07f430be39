"""The chart's dashboard, against what workers expose and how the chart has them scraped."""

import json
import re
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from funcapp.host import exposition
from funcapp.host.telemetry import Telemetry

ROOT = Path(__file__).parents[3]
CHART = ROOT / "helm" / "functionapp-operator"
OPERATOR = ROOT / "operator" / "src" / "main" / "java"
DASHBOARD: dict[str, Any] = json.loads((CHART / "files" / "grafana-dashboard.json").read_text())
QUERIES = [
    *(target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])),
    *(variable["query"]["query"] for variable in DASHBOARD["templating"]["list"] if variable["type"] == "query"),
]

STATE_METRICS = {
    "kube_deployment_spec_replicas",
    "kube_deployment_status_replicas_ready",
    "kube_horizontalpodautoscaler_spec_max_replicas",
    "kube_pod_container_status_restarts_total",
}
"""https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload"""

_METER = re.compile(r'metrics\s*\.(counter|timer)\(\s*"(functionapp\.[a-z.]+)"([^;]*?)\)(?:\)|\.increment)')
"""Of Micrometer: https://docs.micrometer.io/micrometer/reference/implementations/prometheus.html"""
_METRIC = re.compile(r"\b((?:funcapp|functionapp|kube|operator|jvm)_[a-z_]+)(?:\{([^}]*)\})?")
_LABEL = re.compile(r"([a-z_]+)!?=")
_BY = re.compile(r" by \(([a-z, ]+)\)")


def exposed() -> dict[str, set[str]]:
    """The labels of each series of a worker that has seen everything once."""
    telemetry = Telemetry()
    function = SimpleNamespace(trigger=SimpleNamespace(type="queueTrigger"))
    telemetry.learn(SimpleNamespace(functions={"resize": function}))
    telemetry.queue_messages.add("resize", "succeeded")
    telemetry.message_age.observe("resize", 1.0)
    telemetry.batch_size.observe("resize", 16)
    found = defaultdict(set)
    for family in text_string_to_metric_families(exposition.render(telemetry).decode()):
        for sample in family.samples:
            found[sample.name] |= set(sample.labels)
    return found


def of_operator() -> dict[str, set[str]]:
    """The labels of each series of the operator's own, as its sources name them."""
    found = {}
    for source in OPERATOR.rglob("*.java"):
        for kind, name, tags in _METER.findall(source.read_text()):
            labels = set(re.findall(r'"([a-z]+)",', tags))
            for suffix in ("_total",) if kind == "counter" else ("_seconds_count", "_seconds_sum", "_seconds_max"):
                found[name.replace(".", "_") + suffix] = labels
    return found


def scraped() -> set[str]:
    """The labels that a scrape adds: the Prometheus operator's own, and those that the PodMonitor makes."""
    monitor = (CHART / "templates" / "podmonitor.yaml").read_text()
    return {"namespace", "pod", *re.findall(r"targetLabel: (\w+)", monitor)}


@pytest.mark.parametrize("query", QUERIES)
def test_every_metric_of_the_dashboard_is_exposed_with_these_labels(query: str) -> None:
    """A panel without data looks like an app without work."""
    metrics = _METRIC.findall(query)
    assert metrics
    known = {**exposed(), **of_operator()}
    for name, selector in metrics:
        if name in STATE_METRICS:
            continue
        assert name in known
        grouped = {label.strip() for labels in _BY.findall(query) for label in labels.split(",")}
        asked = {*_LABEL.findall(selector), *(grouped if len(metrics) == 1 else ())}
        assert asked <= known[name] | scraped()


def test_every_metric_has_its_place_in_the_dashboard() -> None:
    assert len(of_operator()) > 3
    own = {name for name in of_operator() if not name.endswith(("_max", "_sum"))}
    assert {name for name in own if not any(name in query for query in QUERIES)} == set()
    names = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in exposed() if not name.endswith("_created")}
    assert {name for name in names if not any(name in query for query in QUERIES)} == set()


def test_panels_lie_side_by_side_and_have_what_grafana_needs() -> None:
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells
        letters = [target["refId"] for target in panel.get("targets", [])]
        assert len(set(letters)) == len(letters)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
