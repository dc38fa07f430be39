"""Following changes: the newest one counts, and a failure that may pass is tried again."""

import asyncio
import logging

import pytest
from support.waiting import eventually

from funcapp.errors import AppError, ConfigurationError
from funcapp.host.attempts import Attempts


async def test_a_start_that_hangs_gives_way_to_a_later_change() -> None:
    attempts, ended, started = Attempts(), asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def start() -> None:
        # What the first one held is free by now.
        assert ended.is_set()
        started.set()

    await attempts.begin(hang, "failed", again=True)
    await asyncio.sleep(0)
    await attempts.begin(start, "failed", again=True)
    await asyncio.wait_for(started.wait(), 5)
    await attempts.stop()


async def test_a_start_that_takes_too_long_fails_and_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    attempts, tries = Attempts(limit=0.02, first_delay=0.01), []

    async def start() -> None:
        tries.append(1)
        if len(tries) < 3:
            await asyncio.Event().wait()

    with caplog.at_level(logging.ERROR):
        await attempts.begin(start, "the app does not start", again=True)
        await eventually(lambda: len(tries) == 3, "a third try")
        await attempts.stop()
    assert [record.message for record in caplog.records] == [
        "the app does not start: it did not start within 0.02 s; trying again in 0.01 s",
        "the app does not start: it did not start within 0.02 s; trying again in 0.02 s",
    ]


@pytest.mark.parametrize(
    ("error", "again", "tries"),
    [
        (AppError("FunctionAppInvalid", "no"), True, 2),
        (OSError("no"), True, 2),
        (RuntimeError("no"), True, 2),
        (ConfigurationError("no"), True, 1),
        (AppError("FunctionAppInvalid", "no"), False, 1),
    ],
)
async def test_what_may_pass_is_tried_again(error: Exception, again: bool, tries: int) -> None:
    attempts, made = Attempts(first_delay=0.01), []

    async def start() -> None:
        made.append(1)
        if len(made) < 2:
            raise error

    await attempts.begin(start, "failed", again=again)
    await eventually(lambda: len(made) == tries, "the tries")
    await asyncio.sleep(0.05)
    assert len(made) == tries
    await attempts.stop()
