"""timerTrigger: fires on schedule, in one pod at a time.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob.aio import BlobClient

from funcapp.host.singleton import Singleton
from funcapp.host.storage import brief
from funcapp.host.triggers.backoff import Backoff
from funcapp.host.triggers.base import Section, Surroundings
from funcapp.model import schedule_status, schedules, time_zones
from funcapp.model.bindings.timer import TimerTrigger
from funcapp.model.schedule_status import ScheduleStatus
from funcapp.model.schedules import Interval

_log = logging.getLogger("funcapp.timer")

RECHECK_SECONDS = 60.0
"""The clock is looked at this often, because it may be set, and sleeping does not notice."""

_ABOUT = timedelta(seconds=1)
"""So long before it is due, a function counts as running: whoever lets the pod sleep must not do so now."""

_FARTHEST = datetime(2199, 12, 31, tzinfo=timezone.utc)
"""What is reported of a schedule that never comes again, or not in any pod's time."""

_LONGEST_WAIT = 10.0
_LARGEST_STATUS = 4096


class TimerListener:
    """One function's schedule. Fires where this pod holds the function's lock, and never while it still runs."""

    section: Section = "timers"

    def __init__(
        self,
        function: str,
        trigger: TimerTrigger,
        surroundings: Surroundings,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self.function = function
        self._trigger = trigger
        self._schedule = trigger.schedule
        self._zone = time_zones.find(trigger.time_zone)
        self._surroundings = surroundings
        self._clock = clock
        # Upstream's names, so that a pod here and a host there share lock and status where they share the host id.
        self._name = f"Host.Functions.{function}"
        self._status: ScheduleStatus | None = None
        self._monitored = False
        self._started = False
        self._at_once = False
        """Whether it fires before it waits for an occurrence: one was missed, or the worker has started."""
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def running(self) -> bool:
        """Whether this pod runs the function or is about to; until what follows from the run is stored."""
        if self._at_once or not self._idle.is_set():
            return True
        due = self._status.next if self._status is not None else None
        return due is not None and due - self._clock() <= _ABOUT

    async def report(self) -> dict[str, object]:
        return {"function": self.function, "nextOccurrence": self._reported_next(), "running": self.running}

    def _reported_next(self) -> str | None:
        """None where this pod does not know it, as long as another one may, and for what it alone remembers:

        an interval that no status is stored of counts from the start of a pod, so only one that stays gets there.
        """
        if self._status is None or (isinstance(self._schedule, Interval) and not self._monitored):
            return None
        return min(self._status.next or _FARTHEST, _FARTHEST).isoformat()

    async def run(self) -> None:
        self._ended.clear()
        working = asyncio.create_task(self._work())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            await self._idle.wait()
        finally:
            for task in (working, stopping):
                task.cancel()
            await asyncio.wait({working, stopping})
            self._status, self._at_once = None, False
            self._ended.set()

    def stop(self) -> None:
        self._stopping.set()

    async def finish(self) -> None:
        await self._ended.wait()

    async def _work(self) -> None:
        if not self._surroundings.accounts.has_host_storage:
            _log.warning(
                "%s: without the setting AzureWebJobsStorage the timer fires in every replica,"
                " and what comes due while none runs is missed",
                self.function,
            )
            await self._fire_on_schedule(asyncio.Event(), stored=False)
            return
        lock = Singleton(self._surroundings.accounts, self._surroundings.host_id, f"{self._name}.Listener")
        while True:
            try:
                async with lock.held() as lost:
                    await self._fire_on_schedule(lost, stored=True)
            except Exception:
                # Whatever it is: a schedule that ended would never fire again.
                _log.exception("%s: the schedule was interrupted", self.function)
                await asyncio.sleep(1.0)
            self._status, self._at_once = None, False

    async def _fire_on_schedule(self, lost: asyncio.Event, stored: bool) -> None:
        """Until the lock is lost."""
        frequent = schedules.is_frequent(self._schedule, self._clock(), self._zone)
        self._monitored = stored and self._trigger.use_monitor and not frequent
        known = await self._read_status(lost) if self._monitored else None
        if lost.is_set():
            # Whoever holds the lock now writes the status; what is not known here must not replace it.
            return
        status, past_due = schedule_status.at_start(known, self._clock(), self._schedule, self._zone)
        if self._monitored and status != known:
            # Stored before it is reported: a pod that is let go for what it reports leaves the next one its status.
            await self._write_status(status)
        self._status = status
        self._at_once = past_due or (self._trigger.run_on_startup and not self._started)
        self._started = True
        _log.info("%s: next at %s", self.function, self._status.document(self._zone)["Next"])
        if self._at_once:
            await self._fire(past_due, lost)
        self._at_once = False
        while not lost.is_set():
            if await self._wait_until_due(lost):
                await self._fire(False, lost)

    async def _wait_until_due(self, lost: asyncio.Event) -> bool:
        """False where the clock has to be looked at again first."""
        assert self._status is not None
        wait = RECHECK_SECONDS
        if self._status.next is not None:
            wait = min(wait, (self._status.next - self._clock()).total_seconds())
        if wait <= 0:
            return True
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(lost.wait(), wait)
        return False

    async def _fire(self, past_due: bool, lost: asyncio.Event) -> None:
        if self._stopping.is_set() or lost.is_set():
            await asyncio.sleep(0.1)
            return
        began = self._clock()
        self._idle.clear()
        try:
            outcome = await self._surroundings.run(self.function, self._content(past_due), {}, {})
            if outcome in ("notStarted", "interrupted"):
                # Whoever holds the lock next finds it past due.
                await asyncio.sleep(0.1)
                return
            self._status = schedule_status.after_run(began, self._schedule, self._zone)
            if lost.is_set():
                _log.warning("%s: the lock was lost while it ran, so it may have run elsewhere too", self.function)
            elif self._monitored:
                await self._write_status(self._status)
        finally:
            self._idle.set()

    def _content(self, past_due: bool) -> bytes:
        """What the Functions host sends to a worker."""
        status = self._status.document(self._zone) if self._status and self._monitored else None
        document = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": past_due}
        return json.dumps(document).encode()

    @property
    def _blob(self) -> BlobClient:
        container = self._surroundings.accounts.hosts_container()
        return container.get_blob_client(f"timers/{self._surroundings.host_id}/{self._name}/status")

    async def _read_status(self, lost: asyncio.Event) -> ScheduleStatus | None:
        backoff, told = Backoff(_LONGEST_WAIT), False
        while not lost.is_set():
            try:
                download = await self._blob.download_blob(0, _LARGEST_STATUS)
                return schedule_status.parse(await download.readall(), self._zone)
            except ResourceNotFoundError:
                return None
            except ValueError as error:
                _log.warning("%s: the status of the schedule is not readable and is replaced: %s", self.function, error)
                return None
            except Exception as error:
                if not told:
                    _log.warning("%s: the status of the schedule cannot be read: %s", self.function, brief(error))
                told = True
                await asyncio.sleep(backoff.next())
        return None

    async def _write_status(self, status: ScheduleStatus) -> None:
        try:
            await self._blob.upload_blob(json.dumps(status.document(self._zone)).encode(), overwrite=True)
        except Exception as error:
            _log.error(
                "%s: the status of the schedule is not stored, so a restart may repeat it: %s",
                self.function,
                brief(error),
            )
