"""Keeps the function processes running, and chooses among them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import replace

from funcapp.errors import AppError, FunctionError
from funcapp.host.function_process import FunctionProcess, ProcessEnded
from funcapp.host.layout import Layout
from funcapp.host.settings import Settings
from funcapp.host.telemetry import Telemetry
from funcapp.link import Handler, RemoteError
from funcapp.model.app import App

_log = logging.getLogger("funcapp.host")

_FIRST_DELAY = 0.2
_LONGEST_DELAY = 30.0


class Supervisor:
    """One task for each of `settings.processes` slots starts, watches and replaces a process."""

    def __init__(
        self,
        app: App,
        settings: Settings,
        layout: Layout,
        log_lock: int,
        handlers: Mapping[str, Handler],
        telemetry: Telemetry,
    ) -> None:
        self._app = app
        self._settings = settings
        self._layout = layout
        self._log_lock = log_lock
        self._handlers = handlers
        self._telemetry = telemetry
        self._slots: list[asyncio.Task[None]] = []
        self._finishing: set[asyncio.Task[None]] = set()
        self._turn = 0
        self._available = asyncio.Event()
        self._all_loaded = asyncio.Event()
        self._draining = False
        self.ready: list[FunctionProcess] = []
        """Those that take work, in order."""
        self.load_errors: dict[str, FunctionError] = {}

    async def start(self, first: FunctionProcess | None = None) -> None:
        """Returns when every process has loaded the app. Raises what keeps a process from being started at all.

        `first` is a process that runs already, and loads the app as the others do.
        """
        others = [None] * (self._settings.processes - 1)
        self._slots = [asyncio.create_task(self._keep_one(process)) for process in (first, *others)]
        loaded = asyncio.create_task(self._all_loaded.wait())
        try:
            await asyncio.wait({loaded, *self._slots}, return_when=asyncio.FIRST_COMPLETED)
            for slot in self._slots:
                if slot.done():
                    slot.result()
        finally:
            loaded.cancel()

    def next_ready(self) -> FunctionProcess | None:
        """Each in turn."""
        if not self.ready:
            return None
        self._turn = (self._turn + 1) % len(self.ready)
        return self.ready[self._turn]

    async def wait_for_ready(self) -> FunctionProcess:
        while True:
            process = self.next_ready()
            if process is not None:
                return process
            self._available.clear()
            await self._available.wait()

    async def announce_unready(self) -> None:
        """Tells every process that its clients should turn elsewhere; no process is replaced from here on."""
        self._draining = True
        for process in list(self.ready):
            with contextlib.suppress(ConnectionError):
                await process.link.notify("unready", {})

    async def drain(self, timeout: float | None) -> None:
        """Lets every process finish within `timeout` seconds, then ends it."""
        self._draining = True
        for slot in self._slots:
            slot.cancel()
        await asyncio.gather(*self._slots, return_exceptions=True)
        finishing = [process.finish(timeout) for process in self.ready]
        await asyncio.gather(*finishing, *self._finishing)

    async def _keep_one(self, process: FunctionProcess | None) -> None:
        delay = _FIRST_DELAY
        loop = asyncio.get_running_loop()
        while not self._draining:
            began = loop.time()
            try:
                await self._run_one(process)
            except ProcessEnded as ended:
                if self._blame(ended):
                    continue
            except (OSError, RemoteError, AppError):
                if not self._all_loaded.is_set():
                    raise
                _log.exception("no function process could be started")
            finally:
                process = None
            if loop.time() - began > _LONGEST_DELAY:
                delay = _FIRST_DELAY
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LONGEST_DELAY)

    async def _run_one(self, process: FunctionProcess | None) -> None:
        """One process, from its start until it is to be replaced."""
        if process is None:
            process = await FunctionProcess.start(
                self._layout, self._settings.environment, self._log_lock, self._handlers
            )
        try:
            await self._load(process)
        except BaseException:
            process.kill()
            raise
        await self._run_until_end(process)

    async def _load(self, process: FunctionProcess) -> None:
        errors = await process.load(self._app, self._settings, self._layout)
        self.load_errors.update(errors)
        await process.link.call("serve", {})
        self.ready.append(process)
        self._telemetry.add_process(process)
        self._available.set()
        if len(self.ready) == self._settings.processes:
            self._all_loaded.set()

    def _blame(self, ended: ProcessEnded) -> bool:
        """A function whose import ends the process is left out from then on, so that the others run.

        False: no function is to blame.
        """
        if ended.function is None:
            _log.error("a function process ended with %s before it loaded the app", ended.how)
            return False
        message = (
            f"cannot load the {ended.function} function: the process ended ({ended.how}) while its code was imported"
        )
        _log.error("%s", message)
        self.load_errors[ended.function] = FunctionError("ImportFailed", message)
        sources = {name: source for name, source in self._app.sources.items() if name != ended.function}
        self._app = replace(self._app, sources=sources)
        return True

    async def _run_until_end(self, process: FunctionProcess) -> None:
        ended = asyncio.create_task(process.wait())
        stuck = asyncio.create_task(process.stuck.wait())
        try:
            await asyncio.wait({ended, stuck}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stuck.cancel()
            if not ended.done():
                ended.cancel()
        if ended.done() and not ended.cancelled():
            if not self._draining:
                _log.error(
                    "function process %d ended unexpectedly with status %d: starting another",
                    process.pid,
                    ended.result(),
                )
            self._remove(process)
            return
        _log.error("function process %d has a thread that does not end: replacing it", process.pid)
        self._remove(process)
        task = asyncio.create_task(process.finish(self._app.host.function_timeout))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    def _remove(self, process: FunctionProcess) -> None:
        if process in self.ready:
            self.ready.remove(process)
        self._telemetry.remove_process(process)
