"""The management port: /livez, /readyz, /metrics, /scaling."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from funcapp.host import ports
from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers.base import Listener
from funcapp.host.triggers.queue import QueueListener
from funcapp.host.triggers.timer import TimerListener

_log = logging.getLogger("funcapp.management")

_AGE_SECONDS = 1.0
"""An age is asked of the queue at most this often, however many ask for it."""


class Management:
    """What the worker tells about itself. `not_ready` gives the reason, or None when it is ready."""

    def __init__(self, not_ready: Callable[[], str | None]) -> None:
        self._not_ready = not_ready
        self._queues: Sequence[QueueListener] = ()
        self._timers: Sequence[TimerListener] = ()
        self._telemetry: Telemetry | None = None
        self._ages: list[dict[str, object]] = []
        self._ages_until = 0.0
        self._asking = asyncio.Lock()
        self._runner: web.AppRunner | None = None

    async def start(self, address: str, port: int) -> int:
        """Returns the port, which 0 lets the system choose."""
        application = web.Application()
        application.router.add_get("/livez", self._livez)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/scaling", self._scaling)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.SockSite(self._runner, ports.listen(address, port)).start()
        found: int = self._runner.addresses[0][1]
        return found

    def tell_about(self, telemetry: Telemetry, listeners: Sequence[Listener]) -> None:
        self._telemetry = telemetry
        self._queues = [listener for listener in listeners if isinstance(listener, QueueListener)]
        self._timers = [listener for listener in listeners if isinstance(listener, TimerListener)]

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _livez(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        reason = self._not_ready()
        return web.Response(text="ok\n") if reason is None else web.Response(status=503, text=f"{reason}\n")

    async def _metrics(self, _request: web.Request) -> web.Response:
        if self._telemetry is None:
            return web.Response(status=503, text="the app is not loaded yet\n")
        return web.Response(
            body=generate_latest(self._telemetry.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def _scaling(self, _request: web.Request) -> web.Response:
        if self._telemetry is None:
            return web.json_response({"error": "the app is not loaded yet"}, status=503)
        async with self._asking:
            if time.monotonic() >= self._ages_until:
                self._ages = await asyncio.gather(*(_queue_entry(listener) for listener in self._queues))
                self._ages_until = time.monotonic() + _AGE_SECONDS
        timers = [_timer_entry(listener) for listener in self._timers]
        return web.json_response({"queues": self._ages, "timers": timers, "inFlight": self._telemetry.in_flight})


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
