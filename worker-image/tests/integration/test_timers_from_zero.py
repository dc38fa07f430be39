"""What pods tell of their timers, so that they can sleep: on a clock that tests set, with a real blob service.

A timer fires once, also from zero.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.azurite import Azurite
from support.listening import surroundings
from support.waiting import eventually

from funcapp.content import Content
from funcapp.host.triggers import timer
from funcapp.host.triggers.base import Outcome
from funcapp.host.triggers.timer import TimerListener
from funcapp.model import schedules
from funcapp.model.bindings.timer import TimerTrigger

HOURLY = "0 0 * * * *"
SECONDS = 30.0
"""For what storage does meanwhile."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-05-01T{text}").replace(tzinfo=timezone.utc)


class Cluster:
    """One function's timer, its clock and its storage, and every run of whichever pod."""

    def __init__(self, environment: Mapping[str, str], host_id: str) -> None:
        self.environment, self.host_id = environment, host_id
        self.now = at("11:58:00")
        self.runs: list[tuple[datetime, bool]] = []
        """When, and whether it was past due."""
        self.outcome: Outcome = "succeeded"
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def _run(self, function: str, body: Content, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Outcome:
        assert isinstance(body, bytes)
        self.runs.append((self.now, json.loads(body)["IsPastDue"]))
        await self.may_end.wait()
        return self.outcome

    @asynccontextmanager
    async def pod(self, schedule: str, **options: bool) -> AsyncIterator["Pod"]:
        """Runs until the end of the block, and then leaves as it does when there is nothing to do."""
        trigger = TimerTrigger(
            *("timer", "timerTrigger", "in", schedule, schedules.parse(schedule), "UTC"),
            options.get("run_on_startup", False),
            options.get("use_monitor", True),
        )
        around = surroundings(self.environment, self.host_id, self._run)  # type: ignore[arg-type]
        listener = TimerListener("f", trigger, around, lambda: self.now)
        pod = Pod(self, listener)
        running, watching = asyncio.create_task(listener.run()), asyncio.create_task(pod.watch())
        try:
            yield pod
        finally:
            watching.cancel()
            listener.stop()
            self.may_end.set()
            await running
            await listener.finish()
            await around.accounts.close()


class Pod:
    def __init__(self, cluster: Cluster, listener: TimerListener) -> None:
        self.cluster, self.listener = cluster, listener
        self.told: list[tuple[str | None, bool, int]] = []
        """What it told one after another: the next occurrence, whether it runs; and how often it had run by then."""

    async def watch(self) -> None:
        while True:
            entry = await self.listener.report()
            seen = (entry["nextOccurrence"], entry["running"], len(self.cluster.runs))
            if not self.told or self.told[-1] != seen:
                self.told.append(seen)  # type: ignore[arg-type]
            await asyncio.sleep(0)

    async def tells(self, next_occurrence: str | None, running: bool = False) -> None:
        def told() -> bool:
            if not self.told:
                return False
            text, runs, _ = self.told[-1]
            return (text and datetime.fromisoformat(text), runs) == (next_occurrence and at(next_occurrence), running)

        await eventually(told, f"it tells {next_occurrence}, {running}", SECONDS)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timer, "RECHECK_SECONDS", 0.02)


@pytest.fixture
def cluster(azurite: Azurite, unique: str) -> Cluster:
    return Cluster({"AzureWebJobsStorage": azurite.connection_string}, unique)


async def test_a_pod_that_is_woken_before_an_occurrence_fires_at_it_and_once(cluster: Cluster) -> None:
    async with cluster.pod(HOURLY) as first:
        await first.tells("12:00:00")
    assert first.told[0] == (None, False, 0)
    cluster.now = at("11:59:30")
    async with cluster.pod(HOURLY) as woken:
        await woken.tells("12:00:00")
        cluster.now = at("11:59:59.500")
        await woken.tells("12:00:00", running=True)
        assert cluster.runs == []
        cluster.now = at("12:00:00")
        await woken.tells("13:00:00")
    # From a moment before until it is remembered that it has run, it never looks as if there were nothing to do.
    states = [running for _, running, _ in woken.told]
    assert states == [*sorted(states[:-1]), False]
    assert woken.told[-1][2] == 1
    async with cluster.pod(HOURLY) as again:
        await again.tells("13:00:00")
    assert cluster.runs == [(at("12:00:00"), False)]


async def test_a_pod_that_is_woken_late_makes_up_for_it_once_and_tells_nothing_later_before(cluster: Cluster) -> None:
    async with cluster.pod(HOURLY) as first:
        await first.tells("12:00:00")
    cluster.now = at("12:20:00")
    cluster.may_end.clear()
    async with cluster.pod(HOURLY) as late:
        await eventually(lambda: cluster.runs, "it runs", SECONDS)
        await late.tells("12:00:00", running=True)
        cluster.may_end.set()
        await late.tells("13:00:00")
    # Whoever lets the pod sleep once a later occurrence is known, and nothing runs, lets it sleep at the end alone.
    assert [told for told in late.told if told[0] is not None and not told[1]] == late.told[-1:]
    async with cluster.pod(HOURLY) as again:
        await again.tells("13:00:00")
    assert cluster.runs == [(at("12:20:00"), True)]


async def test_an_interval_is_counted_from_the_pod_that_fired_last(cluster: Cluster) -> None:
    async with cluster.pod("00:30:00") as first:
        await first.tells("12:28:00")
    cluster.now = at("12:27:30")
    async with cluster.pod("00:30:00") as woken:
        await woken.tells("12:28:00")
        assert cluster.runs == []
        cluster.now = at("12:28:01")
        await woken.tells("12:58:01")
    assert cluster.runs == [(at("12:28:01"), False)]


async def test_what_was_cut_short_is_made_up_for_by_the_next_pod(cluster: Cluster) -> None:
    cluster.outcome = "interrupted"
    async with cluster.pod(HOURLY) as first:
        await first.tells("12:00:00")
        cluster.now = at("12:00:00")
        await eventually(lambda: cluster.runs, "it runs", SECONDS)
    cluster.runs.clear()
    cluster.outcome, cluster.now = "succeeded", at("12:05:00")
    async with cluster.pod(HOURLY) as next_one:
        await next_one.tells("13:00:00")
    assert cluster.runs == [(at("12:05:00"), True)]


async def test_a_pod_without_the_lock_knows_nothing_and_one_with_runs_at_startup_first(cluster: Cluster) -> None:
    cluster.may_end.clear()
    async with cluster.pod(HOURLY, run_on_startup=True) as holder:
        await holder.tells("12:00:00", running=True)
        async with cluster.pod(HOURLY) as other:
            await asyncio.sleep(0.5)
        assert {told[:2] for told in other.told} == {(None, False)}
        cluster.may_end.set()
        await holder.tells("12:00:00")
    assert [told for told in holder.told if told[0] is not None and not told[1]] == holder.told[-1:]
    assert cluster.runs == [(at("11:58:00"), False)]


@pytest.mark.parametrize(
    ("schedule", "stored", "use_monitor", "next_occurrence"),
    [
        (HOURLY, False, True, "12:00:00"),
        (HOURLY, True, False, "12:00:00"),
        # Nobody remembers when it began, so only a pod that stays awake gets there.
        ("00:30:00", False, True, None),
        ("00:30:00", True, False, None),
    ],
)
async def test_what_nobody_remembers_is_told_right_after_the_start_where_a_clock_tells_it(
    cluster: Cluster, schedule: str, stored: bool, use_monitor: bool, next_occurrence: str | None
) -> None:
    if not stored:
        cluster.environment = {}
    async with cluster.pod(schedule, use_monitor=use_monitor) as pod:
        await eventually(lambda: pod.listener._status is not None, "it has begun", SECONDS)
        await pod.tells(next_occurrence)
        cluster.now += timedelta(minutes=45)
        await eventually(lambda: len(cluster.runs) == 1, "it fires", SECONDS)
