"""The worker from start to end: package → app → processes → listeners → drain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from funcapp.content import Content
from funcapp.errors import FunctionError
from funcapp.host import layout, loading, package, processors
from funcapp.host.bindings.service import StorageService
from funcapp.host.host_id import host_id
from funcapp.host.listener import HttpListener
from funcapp.host.management import Management
from funcapp.host.settings import Settings
from funcapp.host.storage import StorageAccounts
from funcapp.host.supervisor import Supervisor
from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers import registry
from funcapp.host.triggers.base import Listener, Outcome, Surroundings
from funcapp.host.triggers.queue import QueueListener
from funcapp.link import LinkClosed, RemoteError
from funcapp.model import app as apps
from funcapp.model.app import App
from funcapp.model.bindings.http import HttpTrigger

_log = logging.getLogger("funcapp.host")

_FINISH_SECONDS = 300.0
"""For a whole drain, where functionTimeout is longer or none: what the pod is given."""

_HAND_BACK_SECONDS = 5.0
"""Kept for handing back what did not finish."""


OnReady = Callable[[App, Mapping[str, FunctionError], int], None]
"""Told once: the app, the functions whose code did not load, and the HTTP port."""


class Worker:
    """`run` returns after a drain, which SIGTERM or SIGINT begin. Raises AppError, ConfigurationError."""

    def __init__(self, settings: Settings, log_lock: int, on_ready: OnReady | None = None) -> None:
        self._settings = settings
        self._on_ready = on_ready
        self._layout = layout.find(settings.app_python)
        self._log_lock = log_lock
        self._host_id = host_id(settings.environment, settings.root)
        self._accounts = StorageAccounts(settings.environment)
        self._listeners: list[Listener] = []
        self._not_ready: str | None = "starting"
        self._stop = asyncio.Event()
        self._supervisor: Supervisor | None = None
        self._app: App

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        management = Management(self._reason_not_ready)
        port = await management.start(self._settings.address, self._settings.management_port)
        _log.info("management port %d", port)
        try:
            await self._until_stopped(self._serve(management))
        finally:
            await self._accounts.close()
            await management.close()

    async def _until_stopped(self, serving: Coroutine[Any, Any, None]) -> None:
        """Before everything runs, stopping means to leave at once; afterwards `_serve` itself drains."""
        serve = asyncio.create_task(serving)
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait({serve, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if self._not_ready == "starting":
            serve.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serve

    async def _serve(self, management: Management) -> None:
        settings = self._settings
        if settings.package_file is not None:
            await package.fetch_until_there(settings.package_file, settings.root)
        options = apps.read_host(settings.root, settings.environment, processors.processors())
        storage = StorageService(self._accounts, options.queues.message_encoding, self._on_written)
        self._app, first = await loading.read_app(options, settings, self._layout, self._log_lock, storage.handlers)
        for name, error in self._app.errors.items():
            _log.error("%s: %s", name, error.message)
        telemetry = Telemetry(self._app)
        supervisor = Supervisor(self._app, settings, self._layout, self._log_lock, storage.handlers, telemetry)
        self._supervisor = supervisor
        functions = self._app.enabled.values()
        serves_http = any(isinstance(function.trigger, HttpTrigger) for function in functions)
        http = HttpListener(settings.address, settings.http_port, supervisor)
        accepting = asyncio.create_task(http.run())
        try:
            await supervisor.start(first)
        except BaseException:
            await supervisor.drain(0.0)
            raise
        surroundings = Surroundings(
            host=self._app.host,
            environment=settings.environment,
            host_id=self._host_id,
            accounts=self._accounts,
            run=self._run_function,
            telemetry=telemetry,
        )
        loaded = (function for function in functions if function.name not in supervisor.load_errors)
        listeners = (registry.listener_for(function, surroundings) for function in loaded)
        self._listeners = [listener for listener in listeners if listener is not None]
        management.tell_about(telemetry, self._queue_listeners)
        receiving = [asyncio.create_task(listener.run()) for listener in self._listeners]
        self._not_ready = None
        telemetry.became_ready()
        _log.info("ready: %s; HTTP port %d", ", ".join(self._app.names) or "no functions", http.port)
        if self._on_ready is not None:
            self._on_ready(self._app, supervisor.load_errors, http.port)
        await self._stop.wait()
        await self._drain(http, accepting, receiving, serves_http)

    async def _drain(
        self, http: HttpListener, accepting: asyncio.Task[None], receiving: list[asyncio.Task[None]], serves_http: bool
    ) -> None:
        assert self._supervisor is not None
        _log.info("draining")
        loop = asyncio.get_running_loop()
        limit = min(self._app.host.function_timeout or _FINISH_SECONDS, _FINISH_SECONDS)
        deadline = loop.time() + max(limit - _HAND_BACK_SECONDS, 1.0)
        self._not_ready = "draining"
        for listener in self._listeners:
            listener.stop()
        await self._supervisor.announce_unready()
        if serves_http:
            # It takes a while until nobody sends clients here any more; they are served until then.
            await asyncio.sleep(self._settings.http_drain_seconds)
        accepting.cancel()
        http.close()
        await _wait_until(deadline, receiving)
        await _wait_until(deadline, [asyncio.create_task(listener.finish()) for listener in self._listeners])
        await self._supervisor.drain(max(deadline - loop.time(), 1.0))
        # What did not finish has lost its process by now, and is handed back.
        await _wait_until(
            loop.time() + _HAND_BACK_SECONDS, [asyncio.create_task(listener.finish()) for listener in self._listeners]
        )
        _log.info("drained")

    @property
    def _queue_listeners(self) -> list[QueueListener]:
        return [listener for listener in self._listeners if isinstance(listener, QueueListener)]

    async def _run_function(
        self, function: str, body: Content, data: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> Outcome:
        assert self._supervisor is not None
        if self._not_ready == "draining":
            return "notStarted"
        process = await self._supervisor.wait_for_ready()
        try:
            outcome = await process.invoke(function, body, data, metadata)
        except LinkClosed:
            return "crashed"
        except RemoteError as error:
            _log.error("%s: %s: %s", function, error.kind, error)
            return "failed"
        if outcome == "notStarted":
            return "notStarted"
        return "succeeded" if outcome == "succeeded" else "failed"

    def _on_written(self, connection: str, queue: str) -> None:
        for listener in self._queue_listeners:
            if (listener.trigger.connection.setting, listener.trigger.queue_name) == (connection, queue):
                listener.wake()

    def _reason_not_ready(self) -> str | None:
        if self._not_ready is None and self._supervisor is not None and not self._supervisor.ready:
            return "no function process is ready"
        return self._not_ready


async def _wait_until(deadline: float, tasks: list[asyncio.Task[None]]) -> None:
    seconds = deadline - asyncio.get_running_loop().time()
    if tasks and seconds > 0:
        await asyncio.wait(tasks, timeout=seconds)
