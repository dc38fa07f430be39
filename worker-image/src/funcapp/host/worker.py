"""The worker from start to end: package → app → processes → listeners → drain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from funcapp.errors import FunctionError
from funcapp.host import layout, orphans, package, tracing
from funcapp.host import settings as host_settings
from funcapp.host.attempts import Attempts
from funcapp.host.function_process import running
from funcapp.host.job_host import HAND_BACK_SECONDS, JobHost
from funcapp.host.listener import HttpListener
from funcapp.host.management import Management
from funcapp.host.settings import Settings
from funcapp.host.settings_files import SettingsFiles
from funcapp.host.supervisor import Supervisor
from funcapp.host.telemetry import Telemetry
from funcapp.model.app import App

_log = logging.getLogger("funcapp.host")


OnReady = Callable[[App, Mapping[str, FunctionError], int], None]
"""Told at each start: the app, the functions whose code did not load, and the HTTP port."""

Reloads = AsyncIterator[Callable[[], Settings]]
"""One item for each change of the app's files, which gives the settings from then on or raises ConfigurationError."""


class Worker:
    """`run` returns after a drain, which SIGTERM or SIGINT begin. Raises AppError, ConfigurationError."""

    def __init__(
        self, settings: Settings, log_lock: int, on_ready: OnReady | None = None, reloads: Reloads | None = None
    ) -> None:
        self._files = SettingsFiles(settings.environment)
        self._settings = _with_environment(settings, self._files.environment())
        self._on_ready = on_ready
        self._reloads = reloads
        self._layout = layout.find(settings.app_python)
        self._log_lock = log_lock
        self._telemetry = Telemetry()
        self._not_ready: str | None = "starting"
        self._stop = asyncio.Event()
        self._job: JobHost | None = None
        self._attempts = Attempts()
        self._retired: dict[asyncio.Task[None], JobHost] = {}
        self._management = Management(self._reason_not_ready)
        self._http: HttpListener

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        port = await self._management.start(self._settings.address, self._settings.management_port)
        _log.info("management port %d", port)
        # Only a container's first process inherits what others leave behind.
        reaping = asyncio.create_task(orphans.reap(running)) if os.getpid() == 1 else None
        try:
            await self._until_stopped(self._serve())
        finally:
            if reaping is not None:
                reaping.cancel()
            if self._job is not None:
                await self._job.close()
            await self._management.close()

    def _interrupt(self) -> None:
        """Whoever presses Ctrl-C twice does not want to wait. Function processes end when this one is gone."""
        if self._stop.is_set():
            os._exit(128 + signal.SIGINT)
        self._stop.set()

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

    async def _serve(self) -> None:
        settings = self._settings
        tracing.tell_what_is_ignored(settings.environment)
        if settings.package_file is not None:
            await package.fetch_until_there(settings.package_file, settings.root)
        self._http = HttpListener(settings.address, settings.http_port, self._supervisor)
        accepting = asyncio.create_task(self._http.run())
        try:
            job = self._job = await self._started_job(settings)
        except BaseException:
            accepting.cancel()
            self._http.close()
            raise
        self._take_work(job)
        self._not_ready = None
        self._telemetry.became_ready()
        _log.info("ready: %s; HTTP port %d", ", ".join(job.app.names) or "no functions", self._http.port)
        self._tell_ready(job)
        following = {asyncio.create_task(self._follow_settings())}
        if self._reloads is not None:
            following.add(asyncio.create_task(self._follow_code(self._reloads)))
        await self._stop.wait()
        self._not_ready = "draining"
        # First of all: a start with other settings that is under way takes a while to end.
        self._job.stop_listening(hand_back=True)
        for task in following:
            task.cancel()
        await asyncio.wait(following)
        await self._attempts.stop()
        await self._drain(self._job, accepting)

    async def _drain(self, job: JobHost, accepting: asyncio.Task[None]) -> None:
        _log.info("draining")
        deadline = asyncio.get_running_loop().time() + job.finish_seconds
        jobs = (job, *self._retired.values())
        for each in jobs:
            each.stop_listening(hand_back=True)
        await asyncio.gather(*(each.supervisor.announce_unready() for each in jobs))
        if job.serves_http:
            # It takes a while until nobody sends clients here any more; they are served until then.
            await asyncio.sleep(self._settings.http_drain_seconds)
        accepting.cancel()
        self._http.close()
        await asyncio.gather(job.drain(deadline), self._end_retired(deadline))
        _log.info("drained")

    async def _end_retired(self, deadline: float) -> None:
        """Job hosts that others took over from have no more time than the last one."""
        if self._retired:
            await asyncio.wait(self._retired, timeout=max(deadline - asyncio.get_running_loop().time(), 1.0))
        for job in self._retired.values():
            job.interrupt()
        if self._retired:
            await asyncio.wait(self._retired, timeout=HAND_BACK_SECONDS)

    async def _follow_settings(self) -> None:
        async for environment in self._files.changes(self._settings.environment):
            if environment == self._settings.environment:
                # What was changed was changed back before the app had started with it.
                await self._attempts.stop()
                continue

            async def start(environment: dict[str, str] = environment) -> None:
                await self._restart(_with_environment(self._settings, environment), "settings")

            failed = "settings have changed, and the app does not start with them, so the old ones stay"
            await self._attempts.begin(start, failed, again=True)

    async def _follow_code(self, reloads: Reloads) -> None:
        """For development: whatever is wrong with the new code, the old goes on until it is saved again."""
        async for read_settings in reloads:

            async def start(read_settings: Callable[[], Settings] = read_settings) -> None:
                await self._restart(read_settings(), "code")

            failed = "what ran before goes on: the app has changed and does not start"
            await self._attempts.begin(start, failed, again=False)

    async def _restart(self, settings: Settings, reason: str) -> None:
        """Another job host takes over: it is ready before the one that runs takes no more work."""
        assert self._job is not None
        _log.info("%s changed: starting the function processes anew", reason)
        job = await self._started_job(settings)
        old, self._job, self._settings = self._job, job, settings
        old.stop_listening(hand_back=False)
        self._take_work(job)
        self._telemetry.restarts.add(reason, by=settings.processes)
        _log.info("ready with the new %s: %s", reason, ", ".join(job.app.names) or "no functions")
        self._tell_ready(job)
        retiring = asyncio.create_task(_retire(old))
        self._retired[retiring] = old
        retiring.add_done_callback(self._retired.pop)

    async def _started_job(self, settings: Settings) -> JobHost:
        job = JobHost(settings, self._layout, self._log_lock, self._telemetry, self._http.hand_over)
        try:
            await job.start()
        except BaseException:
            await job.close()
            raise
        return job

    def _tell_ready(self, job: JobHost) -> None:
        if self._on_ready is not None:
            self._on_ready(job.app, job.supervisor.load_errors, self._http.port)

    def _take_work(self, job: JobHost) -> None:
        job.listen()
        self._management.tell_about(self._telemetry, lambda: job.listeners, job.app.disabled)

    def _supervisor(self) -> Supervisor | None:
        return None if self._job is None else self._job.supervisor

    def _reason_not_ready(self) -> str | None:
        if self._not_ready is None and self._job is not None:
            if not self._job.supervisor.ready:
                return "no function process is ready"
            # What was verified loads, so this pod has something wrong with it, and another revision may be better.
            if self._settings.functions is not None and self._job.none_loads:
                return "no function loads"
        return self._not_ready


async def _retire(job: JobHost) -> None:
    """The pod goes on, so what was begun has all the time that functions have."""
    await job.supervisor.announce_unready(hand_over=True)
    limit = job.app.host.function_timeout
    deadline = asyncio.get_running_loop().time() + (math.inf if limit is None else limit)
    await job.drain(deadline, hand_over=True)
    await job.close()


def _with_environment(settings: Settings, environment: dict[str, str]) -> Settings:
    """Where the worker listens and what it runs does not change while it runs. Raises ConfigurationError."""
    parsed = host_settings.parse(environment)
    return replace(
        settings,
        environment=environment,
        processes=parsed.processes,
        threads=parsed.threads,
        home_page=parsed.home_page,
        http_drain_seconds=parsed.http_drain_seconds,
    )
