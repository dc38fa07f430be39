"""What a function process does with invocations that it hands back, and with those who wait until none runs."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from funcapp.model import function as functions
from funcapp.model.function import FunctionSource
from funcapp.process import signature
from funcapp.process.invocation import Invocation, Invoker
from funcapp.process.loaded_function import LoadedFunction
from funcapp.process.pool import NotStarted, Pool
from funcapp.process.time_limit import TimeLimit


class Work:
    """A function of one thread, which ends when it is told to."""

    def __init__(self) -> None:
        self.may_end, self.began = threading.Event(), threading.Event()
        limit = TimeLimit(None)
        self.pool = Pool(1, limit)
        self.invoker = Invoker(Path(), None, self.pool, limit, lambda: None)  # type: ignore[arg-type]
        self.invoker.spans.recording = True
        binding = {"type": "queueTrigger", "name": "msg", "queueName": "orders", "direction": "in"}
        source = FunctionSource("work", "work/__init__.py", {"bindings": [binding]})
        function = functions.parse(source, {"AzureWebJobsStorage": "UseDevelopmentStorage=true"})
        entry: Callable[..., Any] = self._main
        self.loaded = LoadedFunction(function, entry, signature.check(function, entry))

    def _main(self, msg):  # type: ignore[no-untyped-def]
        self.began.set()
        self.may_end.wait(10)

    def invoke(self) -> "asyncio.Task[None]":
        invocation = Invocation(self.loaded, lambda: "x", {}, may_be_handed_back=True)
        return asyncio.create_task(self.invoker.run(invocation, lambda _returned, _http: None))

    def spans(self) -> int:
        taken = self.invoker.spans.take()
        return len(taken["spans"]) if taken else 0


async def test_what_is_handed_back_ends_no_span_and_what_runs_ends_one() -> None:
    """Another pod does it, and tells of it: else every message that was handed back would be there twice."""
    work = Work()
    running = work.invoke()
    await asyncio.to_thread(work.began.wait, 10)
    waiting = [work.invoke() for _ in range(3)]
    await asyncio.sleep(0)
    assert work.invoker.in_flight == 4
    work.pool.hand_back()
    # At once, and not when the thread is free again.
    for invocation in waiting:
        with pytest.raises(NotStarted):
            await invocation
    assert not running.done()
    assert work.spans() == 0
    work.may_end.set()
    await running
    assert work.spans() == 1
    assert work.invoker.in_flight == 0


async def test_any_number_may_wait_until_nothing_runs_and_one_that_gives_up_disturbs_none() -> None:
    work = Work()
    first, second = work.invoke(), work.invoke()
    await asyncio.to_thread(work.began.wait, 10)
    waiters = [asyncio.create_task(work.invoker.wait_idle()) for _ in range(3)]
    await asyncio.sleep(0)
    waiters[0].cancel()
    await asyncio.sleep(0)
    assert [waiter.done() for waiter in waiters] == [True, False, False]
    work.may_end.set()
    # The invocations end as if nobody had waited, and the others hear of it.
    await asyncio.gather(first, second)
    await asyncio.wait_for(asyncio.gather(*waiters[1:]), 10)
    await asyncio.wait_for(work.invoker.wait_idle(), 10)
