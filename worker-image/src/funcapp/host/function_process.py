"""One function process, seen from the host process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from funcapp.content import Content, LazyContent
from funcapp.errors import AppError, FunctionError
from funcapp.host import tracing
from funcapp.host.layout import Layout
from funcapp.host.settings import Settings
from funcapp.link import Handler, Link, LinkClosed, Message, RemoteError
from funcapp.model.app import App
from funcapp.model.function import FunctionSource

_log = logging.getLogger("funcapp.host")


_CONNECTIONS_BUFFER = 1024 * 1024

_CLIENTS_AT_ONCE = 64
"""Taken back in one turn of the event loop."""

_LAST_WORDS_SECONDS = 1.0
"""For reading what a process had sent before it ended."""


class ProcessEnded(Exception):
    """The process ended before it had loaded the app. `function` was being loaded."""

    def __init__(self, status: int, function: str | None) -> None:
        super().__init__(f"the function process ended with status {status}")
        self.function = function
        self.how = how(status)


def how(status: int) -> str:
    """In words, how a process ended that has this exit status."""
    if status == -signal.SIGKILL:
        return "signal 9, as when memory runs out"
    return f"signal {-status}" if status < 0 else f"exit code {status}"


_running: set[int] = set()


def running() -> set[int]:
    """The process ids of all function processes that are waited for."""
    return set(_running)


class FunctionProcess:
    """Started by `start`; `link` is open from then on."""

    link: Link

    def __init__(self, process: asyncio.subprocess.Process, connections: socket.socket) -> None:
        self._process = process
        self._connections = connections
        self._reading: asyncio.Task[None]
        self._loading: str | None = None
        self._fetch_themselves: frozenset[str] = frozenset()
        self._handed_over = 0
        self.take_back: Callable[[socket.socket], None] = socket.socket.close
        """Gets the clients that the process gives back when it is replaced."""
        self._ended = asyncio.Event()
        self.on_report: Callable[[], None] = _nobody_listens
        self.last_report: Mapping[str, Any] = {"inFlight": 0, "closed": 0, "functions": {}}
        self.invocations = 0
        """That were sent to it and are not answered yet; those of HTTP are not sent by the host process."""
        self.silent_seconds = 0.0
        """Since its last report, which a process gives every second as long as its event loop runs."""
        self.stuck = asyncio.Event()
        """Set when an invocation outlives its time: the process has to be replaced."""

    @classmethod
    async def start(
        cls, layout: Layout, environment: Mapping[str, str], log_lock: int, handlers: Mapping[str, Handler]
    ) -> FunctionProcess:
        link_here, link_there = socket.socketpair()
        connections_here, connections_there = socket.socketpair()
        connections_here.setblocking(False)
        for end in (connections_here, connections_there):
            # As much as the kernel grants: each client that waits in it takes most of a kilobyte.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _CONNECTIONS_BUFFER)
        with link_there, connections_there:
            descriptors = (link_there.fileno(), connections_there.fileno(), log_lock)
            names = ("--link", "--connections", "--log-lock")
            arguments = [text for pair in zip(names, map(str, descriptors), strict=True) for text in pair]
            process = await asyncio.create_subprocess_exec(
                *(layout.python, "-s", "-S", str(layout.bootstrap), *arguments),
                pass_fds=descriptors,
                stdin=asyncio.subprocess.DEVNULL,
                env={name: value for name, value in environment.items() if name not in ("PYTHONPATH", "PYTHONHOME")},
                # A terminal's Ctrl-C is for the host process, which then drains this one.
                start_new_session=True,
            )
        _running.add(process.pid)
        this = cls(process, connections_here)
        asyncio.get_running_loop().add_reader(connections_here.fileno(), this._receive_back)
        this.link = Link(link_here, {**handlers, **this._own_handlers()})
        this._reading = asyncio.create_task(this.link.run())
        return this

    @property
    def pid(self) -> int:
        return self._process.pid

    async def index(self, root: Path, script: str, layout: Layout) -> dict[str, FunctionSource | FunctionError]:
        """The functions that the script of the decorator model declares; `load` comes after. Raises AppError."""
        params = {"root": str(root), "script": script, **layout.to_wire()}
        try:
            reply = (await self.link.call("index", params)).params
        except LinkClosed:
            how = ProcessEnded(await self.wait(), None).how
            raise AppError(
                "FunctionAppInvalid", f"cannot import {script}: the process ended ({how}) while it was imported"
            ) from None
        if "appError" in reply:
            raise AppError(**reply["appError"])
        sources = (FunctionSource(**fields) for fields in reply["functions"])
        errors = {name: FunctionError(**error) for name, error in reply["errors"].items()}
        return {**{source.name: source for source in sources}, **errors}

    async def load(self, app: App, settings: Settings, layout: Layout) -> dict[str, FunctionError]:
        """Loads the app; the result has an entry for each function that did not load.

        Raises ProcessEnded, and AppError where the script of the decorator model cannot be imported in this process.
        """
        params = {
            "root": str(app.root),
            "script": app.script,
            **layout.to_wire(),
            "functions": [asdict(source) for source in app.sources.values()],
            "threads": settings.threads,
            "functionTimeout": app.host.function_timeout,
            "logging": {"levels": dict(app.host.logging.levels), "default": app.host.logging.default},
            "tracing": tracing.is_wanted(settings.environment),
            "http": _http_options(app, settings),
        }
        try:
            reply = await self.link.call("load", params)
        except LinkClosed:
            raise ProcessEnded(await self.wait(), self._loading) from None
        if "appError" in reply.params:
            raise AppError(**reply.params["appError"])
        self._fetch_themselves = frozenset(reply.params["fetchThemselves"])
        return {name: FunctionError(**error) for name, error in reply.params["errors"].items()}

    @property
    def connections(self) -> int:
        """Clients that are connected to it; those that left since its last report are still counted."""
        closed: int = self.last_report["closed"]
        return self._handed_over - closed

    async def invoke(
        self, function: str, body: Content | LazyContent, data: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> str:
        """Runs a function that HTTP does not trigger: succeeded, failed or notStarted.

        Raises LinkClosed on a crash, and what fetching the body raises.
        An invocation that outlived its time and cannot be stopped fails when its process has ended, and not before:
        whoever does the work again shall not meet the first attempt.
        """
        self.invocations += 1
        try:
            if callable(body):
                body = b"" if function in self._fetch_themselves else await body()
            reply = await self.link.call("invoke", {"function": function, "data": data, "metadata": metadata}, [body])
            outcome: str = reply.params["outcome"]
            if outcome == "stuck":
                await self._ended.wait()
                return "failed"
            return outcome
        finally:
            self.invocations -= 1

    def take_connection(self, client: socket.socket) -> bool:
        """Hands a client over. False: the process has more to take than it does, or is gone."""
        try:
            socket.send_fds(self._connections, [b"c"], [client.fileno()])
        except OSError:
            return False
        self._handed_over += 1
        return True

    def _receive_back(self) -> None:
        for _ in range(_CLIENTS_AT_ONCE):
            if not self._receive_one_back():
                return

    def _receive_one_back(self) -> bool:
        """False: there is none now."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._connections, 1, 1)
        except BlockingIOError:
            return False
        except OSError:
            data, descriptors = b"", []
        if not data:
            asyncio.get_running_loop().remove_reader(self._connections.fileno())
            return False
        if not descriptors:
            _log.error("a client was lost: no file descriptor is free in this process")
            return True
        client = socket.socket(fileno=descriptors[0])
        client.setblocking(False)
        self.take_back(client)
        return True

    async def finish(self, timeout: float | None, *, hand_over: bool = False) -> None:
        """Waits until every request is answered and ends the process; past `timeout` seconds it is killed.

        `hand_over`: clients that stay connected are given back.
        """
        with contextlib.suppress(OSError):
            self._connections.shutdown(socket.SHUT_WR)
        try:
            reply = await asyncio.wait_for(self.link.call("drain", {"handOver": hand_over}), timeout)
            self.last_report = reply.params
        except (LinkClosed, RemoteError, asyncio.TimeoutError) as error:
            _log.warning("function process %d did not finish: %s", self.pid, error or "its time is over")
            self.kill()
        self.link.close()
        try:
            await asyncio.wait_for(self.wait(), 5.0)
        except asyncio.TimeoutError:
            self.kill()
            await self.wait()

    async def wait(self) -> int:
        """The exit status; negative for a signal."""
        status = await self._process.wait()
        _running.discard(self.pid)
        # What it forked has the link open, too, and would keep its end from being seen.
        self.kill()
        await asyncio.wait({self._reading}, timeout=_LAST_WORDS_SECONDS)
        self.link.close()
        if self._connections.fileno() >= 0:
            # What it gave back at last is still there to be read.
            while self._receive_one_back():
                pass
            asyncio.get_running_loop().remove_reader(self._connections.fileno())
            self._connections.close()
        self._ended.set()
        return status

    def kill(self) -> None:
        """The process and what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kills it, and lets go of all that belongs to it."""
        self.kill()
        await self.wait()

    def _own_handlers(self) -> dict[str, Handler]:
        async def report(message: Message) -> None:
            self.last_report = message.params
            self.silent_seconds = 0.0
            self.on_report()

        async def loading(message: Message) -> None:
            self._loading = message.params["function"]

        async def stuck(_message: Message) -> None:
            self.stuck.set()

        return {"report": report, "loading": loading, "stuck": stuck}


def _nobody_listens() -> None:
    pass


def _http_options(app: App, settings: Settings) -> dict[str, Any]:
    """What `funcapp.process.http.options` reads."""
    http = app.host.http
    return {
        "routePrefix": http.route_prefix,
        "keysRequired": settings.keys_required,
        "keysFolder": str(settings.keys_folder) if settings.keys_folder else None,
        "homePage": settings.home_page,
        "headSeconds": settings.http_header_seconds,
        "bodySeconds": settings.http_body_seconds,
        "maxConcurrent": http.max_concurrent_requests,
        "maxOutstanding": http.max_outstanding_requests,
        "processes": settings.processes,
        "customHeaders": dict(http.custom_headers),
        "hsts": http.hsts.header if http.hsts else None,
        "hstsExcludedHosts": http.hsts.excluded_hosts if http.hsts else (),
    }


def in_flight(processes: Sequence[FunctionProcess]) -> int:
    return sum(process.last_report["inFlight"] for process in processes)
