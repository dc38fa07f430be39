"""Keeps the function processes running, and chooses among them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace

from funcapp.errors import AppError, FunctionError
from funcapp.host.function_process import FunctionProcess, ProcessEnded, how
from funcapp.host.layout import Layout
from funcapp.host.settings import Settings
from funcapp.host.telemetry import Telemetry
from funcapp.link import Handler, RemoteError
from funcapp.model.app import App

_log = logging.getLogger("funcapp.host")

_FIRST_DELAY = 0.2
_LONGEST_DELAY = 30.0

_LOAD_SECONDS = 300.0

_LOOK_SECONDS = 1.0
_SILENCE_SECONDS = 5.0
"""Beyond functionTimeout: a process that merely waits for a processor is not blocked."""

_ANNOUNCE_SECONDS = 2.0
"""For telling processes of a drain: one that reads nothing is ended later, and keeps nobody waiting."""

_UNRESPONSIVE_SECONDS = 5.0
"""A process that has been silent for so long gets no new work as long as another one can do it."""


class _LoadsLess(Exception):
    """A process that replaces another one can do less than that could."""


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
        take_back: Callable[[socket.socket], None] = socket.socket.close,
    ) -> None:
        self._app = app
        self._settings = settings
        self._layout = layout
        self._log_lock = log_lock
        self._handlers = handlers
        self._telemetry = telemetry
        self._take_back = take_back
        self._slots: list[asyncio.Task[None]] = []
        self._finishing: dict[FunctionProcess, asyncio.Task[None]] = {}
        self._leaving: list[FunctionProcess] = []
        self._turn = 0
        self._available = asyncio.Event()
        self._all_loaded = asyncio.Event()
        self._draining = False
        self.ready: list[FunctionProcess] = []
        """Those that take work."""
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

    def for_client(self) -> list[FunctionProcess]:
        """Processes for a new client, the best first: the one with the fewest clients, each in turn among equals."""
        return self._in_turn(lambda process: process.connections)

    async def wait_for_ready(self) -> FunctionProcess | None:
        """The process that does the next invocation: the one with the fewest, each in turn among equals.

        None: a drain has begun, and none is left.
        """
        while True:
            processes = self._in_turn(lambda process: process.invocations)
            if processes:
                return processes[0]
            if self._draining:
                return None
            self._available.clear()
            await self._available.wait()

    async def announce_unready(self, *, hand_over: bool = False) -> None:
        """Tells every process that its clients go elsewhere; no process is replaced from here on.

        `hand_over`: others have taken over, and get the clients; else clients are told to connect anew.
        """
        self._draining = True
        # Who waits for a process that is being replaced waits no more.
        self._available.set()
        telling = [asyncio.create_task(_tell_unready(process, hand_over)) for process in self.ready]
        if telling:
            _, unheard = await asyncio.wait(telling, timeout=_ANNOUNCE_SECONDS)
            for task in unheard:
                task.cancel()

    async def drain(self, timeout: float | None, *, hand_over: bool = False) -> None:
        """Lets every process finish within `timeout` seconds, then ends it. `hand_over`: clients stay connected."""
        self._draining = True
        for slot in self._slots:
            slot.cancel()
        await asyncio.gather(*self._slots, return_exceptions=True)
        leaving = self._leaving = self.ready
        self.ready = []
        self._available.set()
        replaced = asyncio.create_task(self._end_replaced(timeout))
        await asyncio.gather(*(process.finish(timeout, hand_over=hand_over) for process in leaving))
        await replaced
        for process in leaving:
            self._telemetry.remove_process(process)

    def kill(self) -> None:
        """Ends every process; for one that drains this is the end of it."""
        for process in (*self.ready, *self._leaving, *self._finishing):
            process.kill()

    async def _end_replaced(self, timeout: float | None) -> None:
        """Processes that were replaced, and have functions that do not end, get no more time than the others."""
        if not self._finishing:
            return
        await asyncio.wait(self._finishing.values(), timeout=timeout)
        for process in self._finishing:
            process.kill()
        if self._finishing:
            await asyncio.wait(self._finishing.values())

    def _in_turn(self, load: Callable[[FunctionProcess], int]) -> list[FunctionProcess]:
        self._turn += 1
        start = self._turn % len(self.ready) if self.ready else 0
        turned = self.ready[start:] + self.ready[:start]
        return sorted(turned, key=lambda process: (process.silent_seconds > _UNRESPONSIVE_SECONDS, load(process)))

    async def _keep_one(self, process: FunctionProcess | None) -> None:
        delay = _FIRST_DELAY
        loop = asyncio.get_running_loop()
        while not self._draining:
            began = loop.time()
            try:
                at_once = await self._run_one(process)
                if at_once or loop.time() - began > max(1.0, 2 * delay):
                    # It had begun to work: what ended it now may not do so the next time.
                    delay = _FIRST_DELAY
                if at_once:
                    continue
            except ProcessEnded as ended:
                if self._blame(ended):
                    continue
            except _LoadsLess as error:
                _log.error("%s: starting another", error)
            except (OSError, RemoteError, AppError):
                if not self._all_loaded.is_set():
                    raise
                _log.exception("no function process could be started")
            finally:
                process = None
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LONGEST_DELAY)

    async def _run_one(self, process: FunctionProcess | None) -> bool:
        """One process, from its start until it is to be replaced. True: at once, since it did not end by itself."""
        if process is None:
            process = await FunctionProcess.start(
                self._layout, self._settings.environment, self._log_lock, self._handlers
            )
        process.take_back = self._take_back
        try:
            await self._load(process)
        except BaseException:
            await process.end()
            raise
        return await self._run_until_end(process)

    async def _load(self, process: FunctionProcess) -> None:
        # The first start is watched from outside; a replacement that hangs would be missing for ever.
        limit = _LOAD_SECONDS if self._all_loaded.is_set() else None
        try:
            errors = await asyncio.wait_for(process.load(self._app, self._settings, self._layout), limit)
        except asyncio.TimeoutError:
            raise _LoadsLess(
                f"function process {process.pid} did not load the app within {_LOAD_SECONDS:g} s"
            ) from None
        worse = sorted(errors.keys() - self.load_errors.keys())
        if worse and self._all_loaded.is_set():
            # It would fail the messages of functions that the process before it ran.
            raise _LoadsLess(f"{', '.join(worse)} loaded before, and not in function process {process.pid}")
        self.load_errors.update(errors)
        await process.link.call("serve", {})
        self.ready.append(process)
        self._telemetry.add_process(process)
        self._available.set()
        if len(self.ready) == self._settings.processes:
            self._all_loaded.set()

    def _blame(self, ended: ProcessEnded) -> bool:
        """A function whose import ends the process is left out from then on, so that the others run.

        False: no function is to blame, or one that could be loaded before and may be again.
        """
        if ended.function is not None and self._all_loaded.is_set():
            _log.error(
                "a function process ended with %s while it loaded %s, which it could before: starting another",
                ended.how,
                ended.function,
            )
            return False
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

    async def _run_until_end(self, process: FunctionProcess) -> bool:
        ended = asyncio.create_task(process.wait())
        watching = [ended, asyncio.create_task(process.stuck.wait()), asyncio.create_task(self._until_silent(process))]
        try:
            await asyncio.wait(watching, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in watching:
                task.cancel()
        # First of all, so that no work goes to it any more.
        self.ready.remove(process)
        if self._draining:
            self._available.set()
        if ended.done():
            if not self._draining:
                _log.error(
                    "function process %d ended unexpectedly with %s: starting another",
                    process.pid,
                    how(ended.result()),
                )
                self._telemetry.restarts.add("crashed")
            self._telemetry.remove_process(process)
            return False
        if process.stuck.is_set():
            _log.error("function process %d has a function that does not end: replacing it", process.pid)
            self._telemetry.restarts.add("timeout")
            self._finish_later(process)
            return True
        _log.error(
            "the event loop of function process %d has been blocked for longer than functionTimeout: replacing it",
            process.pid,
        )
        self._telemetry.restarts.add("blocked")
        await process.end()
        self._telemetry.remove_process(process)
        return True

    def _finish_later(self, process: FunctionProcess) -> None:
        """Its other invocations have their time; the next process is started meanwhile."""

        async def finish() -> None:
            await process.finish(self._app.host.function_timeout, hand_over=True)
            self._telemetry.remove_process(process)

        task = self._finishing[process] = asyncio.create_task(finish())
        task.add_done_callback(lambda _: self._finishing.pop(process))

    async def _until_silent(self, process: FunctionProcess) -> None:
        """Returns when nothing was heard of the process for functionTimeout.

        Only time in which this process runs counts: after a pause of the whole pod all would seem silent.
        """
        limit = self._app.host.function_timeout
        loop = asyncio.get_running_loop()
        while limit is None or process.silent_seconds <= limit + _SILENCE_SECONDS:
            before = loop.time()
            await asyncio.sleep(_LOOK_SECONDS)
            process.silent_seconds += min(loop.time() - before, 2 * _LOOK_SECONDS)


async def _tell_unready(process: FunctionProcess, hand_over: bool) -> None:
    with contextlib.suppress(ConnectionError):
        await process.link.notify("unready", {"handOver": hand_over})
