"""A timer's listener on a clock that tests set, without storage."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.waiting import eventually

from funcapp.content import Content
from funcapp.host.storage import StorageAccounts
from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers import timer
from funcapp.host.triggers.base import Outcome, Surroundings
from funcapp.host.triggers.timer import TimerListener
from funcapp.model import schedules
from funcapp.model.bindings.timer import TimerTrigger
from funcapp.model.host_json import HostOptions


class Scene:
    """One listener, and every time that it ran the function."""

    def __init__(self, schedule: str, outcomes: list[Outcome] | None = None, **options: bool) -> None:
        self.now = datetime(2026, 5, 1, 11, 59, 30, tzinfo=timezone.utc)
        self.runs: list[datetime] = []
        self.documents: list[dict[str, Any]] = []
        self.outcomes = outcomes or []
        self.durations: list[timedelta] = []
        trigger = TimerTrigger(
            "timer",
            "timerTrigger",
            "in",
            schedule,
            schedules.parse(schedule),
            "UTC",
            options.get("run_on_startup", False),
            True,
        )
        surroundings = Surroundings(HostOptions(), {}, "test", StorageAccounts({}), self._run, Telemetry())
        self.listener = TimerListener("f", trigger, surroundings, lambda: self.now)

    async def _run(self, function: str, body: Content, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Outcome:
        assert isinstance(body, bytes)
        self.documents.append(json.loads(body))
        self.runs.append(self.now)
        self.now += self.durations.pop(0) if self.durations else timedelta()
        await asyncio.sleep(0)
        return self.outcomes.pop(0) if self.outcomes else "succeeded"

    async def settle(self) -> None:
        """Long enough for the clock to be looked at several times."""
        await asyncio.sleep(0.1)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timer, "RECHECK_SECONDS", 0.01)


async def started(scene: Scene) -> "asyncio.Task[None]":
    task = asyncio.create_task(scene.listener.run())
    await scene.settle()
    return task


async def reported(scene: Scene) -> tuple[object, object]:
    """When the next occurrence is, and whether it runs."""
    told = await scene.listener.report()
    assert told["function"] == "f"
    return told["nextOccurrence"], told["running"]


async def ended(scene: Scene, task: "asyncio.Task[None]") -> None:
    scene.listener.stop()
    await asyncio.wait_for(task, 5)
    await asyncio.wait_for(scene.listener.finish(), 5)


async def test_a_clock_that_is_set_forward_fires_once_and_one_that_is_set_back_not_again() -> None:
    scene = Scene("0 0 * * * *")
    task = await started(scene)
    assert scene.runs == []
    scene.now += timedelta(days=1)
    await eventually(lambda: len(scene.runs) == 1, "a run")
    scene.now -= timedelta(days=1)
    await scene.settle()
    scene.now += timedelta(minutes=1)
    await scene.settle()
    assert len(scene.runs) == 1
    await ended(scene, task)


async def test_what_comes_due_during_a_run_follows_at_once_and_once() -> None:
    scene = Scene("0 * * * * *")
    scene.durations = [timedelta(minutes=3, seconds=10)]
    task = await started(scene)
    scene.now = datetime(2026, 5, 1, 12, 0, tzinfo=timezone.utc)
    await eventually(lambda: len(scene.runs) == 2, "both runs")
    await scene.settle()
    assert len(scene.runs) == 2
    assert await reported(scene) == ("2026-05-01T12:04:00+00:00", False)
    await ended(scene, task)


async def test_failures_and_crashes_do_not_stop_the_schedule() -> None:
    scene = Scene("0 * * * * *", ["failed", "crashed", "succeeded"])
    task = await started(scene)
    for count in (1, 2, 3):
        scene.now += timedelta(minutes=1)
        await eventually(lambda count=count: len(scene.runs) == count, f"run {count}")
    assert [document["IsPastDue"] for document in scene.documents] == [False] * 3
    await ended(scene, task)


async def test_a_lock_that_is_lost_before_the_status_is_known_leaves_the_status_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever has the lock wrote it, and it must not look like a first start, which missed nothing."""
    lost, written = asyncio.Event(), []

    class Blob:
        async def download_blob(self, *_: object) -> None:
            lost.set()
            raise OSError("storage is away")

        async def upload_blob(self, content: bytes, **_: object) -> None:
            written.append(content)

    class Lock:
        def __init__(self, *_: object) -> None:
            self.taken = False

        @contextlib.asynccontextmanager
        async def held(self) -> AsyncIterator[asyncio.Event]:
            if self.taken:
                await asyncio.Event().wait()
            self.taken = True
            yield lost

    scene = Scene("0 0 * * * *", run_on_startup=True)
    monkeypatch.setattr(timer, "Singleton", Lock)
    monkeypatch.setattr(StorageAccounts, "has_host_storage", True)
    monkeypatch.setattr(TimerListener, "_blob", Blob())
    task = await started(scene)
    await eventually(lost.is_set, "the lock is lost")
    await scene.settle()
    assert (written, scene.runs) == ([], [])
    await ended(scene, task)


async def test_a_year_is_not_too_long_to_wait_and_never_is_never() -> None:
    for schedule, expected in (
        ("0 0 0 1 1 *", "2027-01-01T00:00:00+00:00"),
        # Nothing remembers it, so only this pod gets there, and must not sleep.
        ("500.00:00:00", None),
        ("0 0 0 30 2 *", "2199-12-31T00:00:00+00:00"),
    ):
        scene = Scene(schedule)
        task = await started(scene)
        assert await reported(scene) == (expected, False)
        scene.now += timedelta(days=200)
        await scene.settle()
        assert scene.runs == []
        await ended(scene, task)


async def test_it_starts_at_once_where_it_is_asked_to_and_runs_nothing_after_stop() -> None:
    scene = Scene("0 0 * * * *", run_on_startup=True)
    task = await started(scene)
    assert [document["IsPastDue"] for document in scene.documents] == [False]
    await ended(scene, task)
    scene.now += timedelta(hours=2)
    await scene.settle()
    assert len(scene.runs) == 1
