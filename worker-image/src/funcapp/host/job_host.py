"""Everything that depends on the app and its settings: function processes, storage clients, listeners.

A change of settings makes another one, which takes over from this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from funcapp import log
from funcapp.content import Content, LazyContent
from funcapp.host import loading, processors
from funcapp.host.admin import Admin
from funcapp.host.bindings.service import StorageService
from funcapp.host.host_id import host_id
from funcapp.host.job_admin import JobAdmin
from funcapp.host.layout import Layout
from funcapp.host.settings import Settings
from funcapp.host.storage import StorageAccounts
from funcapp.host.supervisor import Supervisor
from funcapp.host.telemetry import Telemetry
from funcapp.host.tracing import Tracing
from funcapp.host.triggers import registry
from funcapp.host.triggers.base import Listener, Outcome, Surroundings
from funcapp.link import LinkClosed, Message, RemoteError
from funcapp.model import app as apps
from funcapp.model.app import App
from funcapp.model.bindings.http import HttpTrigger

if TYPE_CHECKING:
    from funcapp.host.bindings.blob import BlobVersion
    from funcapp.host.triggers.queue import QueueListener

_log = logging.getLogger("funcapp.host")

_FINISH_SECONDS = 300.0
"""For what runs when a drain begins, where functionTimeout is longer or none."""

HAND_BACK_SECONDS = 5.0
"""For handing back what did not finish: the pod is given 15 seconds beside the time that functions have."""


class JobHost:
    """`start` loads, `listen` takes work, `drain` ends it; `close` lets go of the storage clients."""

    supervisor: Supervisor
    app: App

    def __init__(
        self,
        settings: Settings,
        layout: Layout,
        log_lock: int,
        telemetry: Telemetry,
        take_client: Callable[[socket.socket], None],
    ) -> None:
        self.settings = settings
        self._layout = layout
        self._log_lock = log_lock
        self._telemetry = telemetry
        self._take_client = take_client
        self._accounts = StorageAccounts(settings.environment)
        self._tracing = Tracing(settings.environment)
        self._receiving: list[asyncio.Task[None]] = []
        self._hands_back = False
        self._out_of_time = False
        self._stopped: list[Listener] = []
        self._admin = JobAdmin(self)
        self.host_id = host_id(settings.environment, settings.root)
        self.listeners: list[Listener] = []

    async def start(self) -> None:
        """Returns when every function process has loaded the app. Raises AppError, or what keeps one from starting."""
        settings = self.settings
        options = apps.read_host(settings.root, settings.environment, processors.processors())
        log.filter_by(options.logging, settings.environment)
        storage = StorageService(
            self._accounts,
            lambda function: options.queues_of(function).message_encoding,
            self._on_written,
            self._on_blob_written,
        )
        handlers = {**storage.handlers, "admin": Admin(self._admin).answer, "spans": self._record_spans}
        self.app, first = await loading.read_app(options, settings, self._layout, self._log_lock, handlers)
        for name, error in self.app.errors.items():
            _log.error("%s: %s", name, error.message)
        self._telemetry.learn(self.app)
        self.supervisor = Supervisor(
            self.app, settings, self._layout, self._log_lock, handlers, self._telemetry, self._take_client
        )
        preloading = asyncio.create_task(asyncio.to_thread(registry.preload, self.app))
        try:
            await self.supervisor.start(first)
            await preloading
        except BaseException:
            await self.supervisor.drain(0.0)
            raise

    @property
    def none_loads(self) -> bool:
        """Whether the app has functions that are to run, and each of them failed to load."""
        wanted = {*self.app.enabled, *self.app.errors}
        return bool(wanted) and wanted <= {*self.supervisor.load_errors, *self.app.errors}

    @property
    def serves_http(self) -> bool:
        return any(isinstance(function.trigger, HttpTrigger) for function in self.app.enabled.values())

    @property
    def queue_listeners(self) -> list[QueueListener]:
        if not self.listeners:
            return []
        from funcapp.host.triggers.queue import QueueListener

        return [listener for listener in self.listeners if isinstance(listener, QueueListener)]

    def listen(self) -> None:
        """Takes work from here on, also again after `stop_listening`."""
        self._stopped += self.listeners
        self.listeners = []
        surroundings = Surroundings(
            host=self.app.host,
            environment=self.settings.environment,
            host_id=self.host_id,
            accounts=self._accounts,
            run=self.run_function,
            telemetry=self._telemetry,
        )
        self.listeners = registry.listeners(self.app, self.supervisor.load_errors, surroundings)
        self._receiving = [asyncio.create_task(listener.run()) for listener in self.listeners]

    def stop_listening(self, *, hand_back: bool) -> None:
        """Takes no more work. `hand_back`: what no process has begun is given back, for another pod to do."""
        self._hands_back = hand_back
        for listener in self.listeners:
            listener.stop()

    @property
    def ending(self) -> bool:
        """Takes no more work ever."""
        return self._hands_back

    async def finish_listening(self) -> None:
        """Returns when nothing that listeners took is under way."""
        await asyncio.gather(*self._receiving, *self._finishing())

    @property
    def finish_seconds(self) -> float:
        """How long what runs may take once a drain has begun."""
        return min(self.app.host.function_timeout or _FINISH_SECONDS, _FINISH_SECONDS)

    async def drain(self, deadline: float, *, hand_over: bool = False) -> None:
        """Finishes what is under way until `deadline` on the loop's clock, and hands back what does not.

        `hand_over`: clients stay connected, for the function processes that took over.
        """
        loop = asyncio.get_running_loop()
        deadline = max(deadline, loop.time() + 1.0)
        await _wait_until(deadline, self._receiving)
        await _wait_until(deadline, [*self._finishing(), asyncio.create_task(self._admin.finish())])
        # Nothing is under way any more, or its time is over.
        self._out_of_time = True
        await self.supervisor.drain(max(deadline - loop.time(), 1.0), hand_over=hand_over)
        # What did not finish has lost its process by now, and is handed back.
        await _wait_until(loop.time() + HAND_BACK_SECONDS, self._finishing())

    def interrupt(self) -> None:
        """Ends what still runs, which is then handed back: for a drain that has begun, and whose time is over."""
        self._out_of_time = True
        self.supervisor.kill()

    async def close(self) -> None:
        await self._accounts.close()
        await self._tracing.close()

    async def _record_spans(self, message: Message) -> None:
        self._tracing.record(message.params)

    def _finishing(self) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(listener.finish()) for listener in (*self._stopped, *self.listeners)]

    async def run_function(
        self, function: str, body: Content | LazyContent, data: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> Outcome:
        if self._hands_back:
            return "notStarted"
        process = await self.supervisor.wait_for_ready()
        if process is None or self._hands_back:
            return "notStarted"
        try:
            outcome = await process.invoke(function, body, data, metadata)
        except LinkClosed:
            self._telemetry.crashed(function)
            return "interrupted" if self._out_of_time else "crashed"
        except RemoteError as error:
            _log.error("%s: %s: %s", function, error.kind, error)
            return "failed"
        if outcome == "notStarted":
            return "notStarted"
        return "succeeded" if outcome == "succeeded" else "failed"

    def _on_written(self, connection: str, queue: str) -> None:
        for listener in self.queue_listeners:
            if (listener.trigger.connection.setting, listener.trigger.queue_name) == (connection, queue):
                listener.wake()

    def _on_blob_written(self, blob: BlobVersion) -> None:
        from funcapp.host.triggers.blob import BlobListener

        for listener in self.listeners:
            if isinstance(listener, BlobListener):
                listener.blob_written(blob)


async def _wait_until(deadline: float, tasks: list[asyncio.Task[None]]) -> None:
    seconds = deadline - asyncio.get_running_loop().time()
    if tasks and seconds > 0:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait(tasks, timeout=seconds)
