"""What worker pods report of their load (docs/architecture.md, worker reports), through the API server's proxy to pods.

A report is written where an app's code runs, so nothing in it is relied upon.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from funcapp.cli.kubectl import Kubectl, KubectlFailed

MANAGEMENT_PORT = 8081
"""Of a worker's container: docs/architecture.md, worker contract."""

_MAX_BYTES = 64 * 1024
_SECONDS = 5
_AT_A_TIME = 8
_MAX_ENTRIES = 1000


class QueueReport(NamedTuple):
    """Of one function's queue; what the pod does not know is None."""

    length: int | None
    oldest_seconds: float | None


class TimerReport(NamedTuple):
    next: datetime | None
    running: bool


class Report(NamedTuple):
    """Of one pod. Queues and timers by the function's name."""

    in_flight: int | None
    queues: Mapping[str, QueueReport]
    timers: Mapping[str, TimerReport]


def ask(cluster: Kubectl, namespace: str, pods: Sequence[str]) -> dict[str, Report | str]:
    """By pod: its report, or why there is none."""

    def of(pod: str) -> Report | str:
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}:{MANAGEMENT_PORT}/proxy/scaling"
        try:
            return parse(cluster.raw(path, seconds=_SECONDS, limit=_MAX_BYTES), datetime.now(timezone.utc))
        except (KubectlFailed, ValueError) as error:
            return str(error)

    if not pods:
        return {}
    with ThreadPoolExecutor(_AT_A_TIME) as asking:
        return dict(zip(pods, asking.map(of, pods), strict=True))


def parse(text: str, now: datetime) -> Report:
    """`now`: of this machine, whose clock the times that are returned are of. Raises ValueError where it is none."""
    try:
        document = json.loads(text)
    except RecursionError:
        document = None
    if not isinstance(document, dict):
        raise ValueError("the report is not a JSON object")
    theirs = time(document.get("now"))
    ahead = theirs - now if theirs else timedelta()
    return Report(
        _count(document.get("inFlight")),
        {
            name: QueueReport(_count(entry.get("length")), _number(entry.get("oldestMessageAgeSeconds")))
            for name, entry in _entries(document.get("queues"))
        },
        {
            name: TimerReport(_shifted(time(entry.get("nextOccurrence")), ahead), entry.get("running") is True)
            for name, entry in _entries(document.get("timers"))
        },
    )


def time(value: Any) -> datetime | None:
    """RFC 3339; None for what is none."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _shifted(value: datetime | None, ahead: timedelta) -> datetime | None:
    try:
        return value - ahead if value else None
    except OverflowError:
        return None


def _entries(value: Any) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for entry in value[:_MAX_ENTRIES] if isinstance(value, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("function"), str):
            yield entry["function"], entry


def _number(value: Any) -> float | None:
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e12
    return float(value) if usable and math.isfinite(value) else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)
