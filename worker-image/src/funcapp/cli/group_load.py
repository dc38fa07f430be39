"""How much the scale groups of an app have to do, from what the cluster and the worker pods say. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from funcapp.cli import worker_pods, worker_reports
from funcapp.cli.kubectl import Object
from funcapp.cli.worker_reports import Report, TimerReport

_SCALING = "functionapp.dev/scaling"
_WAKE = "functionapp.dev/wake"


class QueueLoad(NamedTuple):
    function: str
    length: int | None
    oldest_seconds: float | None
    """Age of the oldest message that waits."""


class TimerLoad(NamedTuple):
    function: str
    next: datetime | None
    running: bool


class GroupLoad(NamedTuple):
    """One group. What nobody could say is None."""

    name: str
    functions: Sequence[str]
    queues: Sequence[QueueLoad]
    timers: Sequence[TimerLoad]
    target_seconds: float | None
    """Age from which on its queues ask for more replicas."""
    in_flight: int | None
    ready_pods: int
    answered: int
    """How many of these pods reported."""
    ready: int
    desired: int
    maximum: int | None
    reason: str
    message: str


def observe(
    app: Object, deployments: Sequence[Object], pods: Sequence[Object], reports: Mapping[str, Report | str]
) -> list[GroupLoad]:
    """The groups by name. `pods`: those that are ready; `reports` by their names, as far as they were asked."""
    by_name = {deployment["metadata"]["name"]: deployment for deployment in deployments}
    found = []
    for group in app.get("status", {}).get("groups", []):
        mine = [
            pod["metadata"]["name"] for pod in pods if pod["metadata"]["labels"].get(worker_pods.GROUP) == _name(group)
        ]
        answers = [report for report in map(reports.get, mine) if isinstance(report, Report)]
        found.append(_group(app, group, by_name.get(_name(group), {}), len(mine), answers))
    return sorted(found, key=lambda load: load.name)


def _name(group: Object) -> str:
    return str(group.get("deployment", ""))


def _group(app: Object, group: Object, deployment: Object, ready_pods: int, reports: Sequence[Report]) -> GroupLoad:
    functions = sorted(
        (function for function in app["status"].get("functions", []) if function.get("group") == group["name"]),
        key=lambda function: str(function["name"]),
    )
    scaling, wake = _annotation(deployment, _SCALING), _annotation(deployment, _WAKE)
    in_flight = [report.in_flight for report in reports if report.in_flight is not None]
    return GroupLoad(
        name=group["name"],
        functions=[function["name"] for function in functions],
        queues=[_queue(name, reports) for name in _of_type(functions, "queueTrigger")],
        timers=[_timer(name, reports, wake.get("next")) for name in _of_type(functions, "timerTrigger")],
        target_seconds=scaling.get("messageAgeSeconds"),
        in_flight=sum(in_flight) if in_flight else None,
        ready_pods=ready_pods,
        answered=len(reports),
        ready=deployment.get("status", {}).get("readyReplicas", group.get("readyReplicas", 0)),
        desired=deployment.get("spec", {}).get("replicas", group.get("replicas", 0)),
        maximum=scaling.get("maxReplicas", group.get("maxReplicas")),
        reason=group.get("reason", ""),
        message=group.get("message", ""),
    )


def _of_type(functions: Sequence[Object], trigger: str) -> list[str]:
    return [function["name"] for function in functions if function.get("trigger") == trigger]


def _queue(function: str, reports: Sequence[Report]) -> QueueLoad:
    """Every pod looks into the same queue, at a time of its own.

    No message waits for longer than a pod says, so the least of the ages holds, as it does for the operator.
    """
    known = [report.queues[function] for report in reports if function in report.queues]
    return QueueLoad(
        function,
        max((entry.length for entry in known if entry.length is not None), default=None),
        min((entry.oldest_seconds for entry in known if entry.oldest_seconds is not None), default=None),
    )


def _timer(function: str, reports: Sequence[Report], kept: Any) -> TimerLoad:
    """Of pods, else what the operator has kept of them."""
    known = [report.timers[function] for report in reports if function in report.timers]
    if not known:
        known = [TimerReport(worker_reports.time(kept.get(function) if isinstance(kept, dict) else None), False)]
    occurrences = [entry.next for entry in known if entry.next is not None]
    return TimerLoad(function, min(occurrences, default=None), any(entry.running for entry in known))


def _annotation(deployment: Object, name: str) -> Mapping[str, Any]:
    try:
        found = json.loads(deployment.get("metadata", {}).get("annotations", {}).get(name, "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def to_json(load: GroupLoad) -> dict[str, Any]:
    """For programs; what is not known is null."""
    return {
        "name": load.name,
        "functions": list(load.functions),
        "queues": [
            {"function": queue.function, "length": queue.length, "oldestMessageAgeSeconds": queue.oldest_seconds}
            for queue in load.queues
        ],
        "messageAgeTargetSeconds": load.target_seconds,
        "timers": [
            {
                "function": timer.function,
                "nextOccurrence": timer.next.isoformat(timespec="seconds") if timer.next else None,
                "running": timer.running,
            }
            for timer in load.timers
        ],
        "inFlight": load.in_flight,
        "pods": {"ready": load.ready_pods, "answered": load.answered},
        "replicas": {"ready": load.ready, "desired": load.desired, "max": load.maximum},
        "reason": load.reason,
        "message": load.message,
    }
