"""The management port: /livez, /readyz, /metrics, /scaling."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from funcapp.host import ports
from funcapp.host.probe_server import Answer, ProbeServer
from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers.base import Listener

if TYPE_CHECKING:
    from funcapp.host.triggers.queue import QueueListener
    from funcapp.host.triggers.timer import TimerListener

_log = logging.getLogger("funcapp.management")

_AGE_SECONDS = 1.0
"""An age is asked of the queue at most this often, however many ask for it."""


class Management:
    """What the worker tells about itself. `not_ready` gives the reason, or None when it is ready."""

    def __init__(self, not_ready: Callable[[], str | None]) -> None:
        self._not_ready = not_ready
        self._listeners: Callable[[], Sequence[Listener]] = tuple
        self._telemetry: Telemetry | None = None
        self._ages: list[dict[str, object]] = []
        self._ages_until = 0.0
        self._asking = asyncio.Lock()
        self._server = ProbeServer(
            {"/livez": self._livez, "/readyz": self._readyz, "/metrics": self._metrics, "/scaling": self._scaling}
        )

    async def start(self, address: str, port: int) -> int:
        """Returns the port, which 0 lets the system choose."""
        return await self._server.start(ports.listen(address, port))

    def tell_about(self, telemetry: Telemetry, listeners: Callable[[], Sequence[Listener]]) -> None:
        """`listeners` gives those that take work now: a drain that is taken back makes new ones."""
        self._telemetry = telemetry
        self._listeners = listeners

    async def close(self) -> None:
        self._server.close()

    async def _livez(self) -> Answer:
        return Answer(b"ok\n")

    async def _readyz(self) -> Answer:
        reason = self._not_ready()
        return Answer(b"ok\n") if reason is None else Answer(f"{reason}\n".encode(), 503)

    async def _metrics(self) -> Answer:
        if self._telemetry is None:
            return Answer(b"the app is not loaded yet\n", 503)
        from funcapp.host import exposition

        return Answer(exposition.render(self._telemetry), content_type=exposition.CONTENT_TYPE)

    async def _scaling(self) -> Answer:
        if self._telemetry is None:
            return _json({"error": "the app is not loaded yet"}, 503)
        queues, timers = _by_kind(self._listeners())
        async with self._asking:
            if time.monotonic() >= self._ages_until:
                self._ages = await asyncio.gather(*map(_queue_entry, queues))
                self._ages_until = time.monotonic() + _AGE_SECONDS
        return _json(
            {"queues": self._ages, "timers": [*map(_timer_entry, timers)], "inFlight": self._telemetry.in_flight}
        )


def _by_kind(listeners: Sequence[Listener]) -> tuple[list[QueueListener], list[TimerListener]]:
    if not listeners:
        # The storage libraries, which take half a second to import, are not needed to find that out.
        return [], []
    from funcapp.host.triggers.queue import QueueListener
    from funcapp.host.triggers.timer import TimerListener

    queues = [listener for listener in listeners if isinstance(listener, QueueListener)]
    return queues, [listener for listener in listeners if isinstance(listener, TimerListener)]


def _json(value: object, status: int = 200) -> Answer:
    return Answer(json.dumps(value).encode(), status, "application/json")


async def _queue_entry(listener: QueueListener) -> dict[str, object]:
    try:
        age = await asyncio.wait_for(listener.oldest_message_age(), 5.0)
    except Exception as error:
        _log.warning("the age of messages in %s is not known: %s", listener.trigger.queue_name, type(error).__name__)
        age = None
    return {"function": listener.function, "queue": listener.trigger.queue_name, "oldestMessageAgeSeconds": age}


def _timer_entry(listener: TimerListener) -> dict[str, object]:
    due = listener.next_occurrence
    return {
        "function": listener.function,
        "nextOccurrence": due.isoformat(timespec="seconds") if due else None,
        "running": listener.running,
    }
