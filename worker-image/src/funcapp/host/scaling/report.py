"""The report as a whole: what the operator scales a group by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers.base import Listener


class ScalingReport:
    """`listeners` gives those that take work now; `disabled` are functions that settings keep from running."""

    def __init__(self, telemetry: Telemetry, listeners: Callable[[], Sequence[Listener]], disabled: list[str]) -> None:
        self._telemetry = telemetry
        self._listeners = listeners
        self._disabled = disabled

    async def read(self) -> dict[str, Any]:
        listeners = self._listeners()
        parts = await asyncio.gather(*(listener.report() for listener in listeners))
        sections: dict[str, list[dict[str, Any]]] = {"queues": [], "timers": [], "blobs": []}
        for listener, part in zip(listeners, parts, strict=True):
            sections[listener.section].append(part)
        return {
            "now": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "inFlight": self._telemetry.in_flight,
            "http": {"averageInFlight": round(self._telemetry.http_in_flight.value, 3)},
            "queues": sections["queues"],
            "timers": sections["timers"],
            "blobs": next(iter(sections["blobs"]), None),
            "disabled": self._disabled,
        }
