"""Threads for functions: as many as are needed, in time, and none held up by another."""

import asyncio
import contextvars
import threading
import time

import pytest

from funcapp.process.pool import FunctionStuck, NotStarted, Pool
from funcapp.process.time_limit import TimeLimit

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="")


async def test_a_function_that_blocks_holds_up_none() -> None:
    pool = Pool(3, TimeLimit(None))
    met = threading.Barrier(3)
    results = await asyncio.gather(*(pool.run(lambda: met.wait(5), may_be_handed_back=False) for _ in range(3)))
    assert sorted(results) == [0, 1, 2]


async def test_there_are_no_more_threads_than_asked_for() -> None:
    pool = Pool(2, TimeLimit(None))
    names = await asyncio.gather(
        *(
            pool.run(lambda: (time.sleep(0.01), threading.current_thread().name)[1], may_be_handed_back=False)
            for _ in range(9)
        )
    )
    assert len(set(names)) == 2


async def test_errors_and_context_reach_whom_they_belong_to() -> None:
    pool = Pool(1, TimeLimit(None))
    variable.set("of the caller")
    assert await pool.run(variable.get, may_be_handed_back=False) == "of the caller"
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 / 0, may_be_handed_back=False)


async def test_time_in_the_queue_does_not_count() -> None:
    pool = Pool(1, TimeLimit(0.3))
    await asyncio.gather(*(pool.run(lambda: time.sleep(0.2), may_be_handed_back=False) for _ in range(3)))


async def test_what_outlives_its_time_is_stuck_and_others_are_not() -> None:
    pool = Pool(2, TimeLimit(0.2))
    end = threading.Event()
    stuck = asyncio.create_task(pool.run(end.wait, may_be_handed_back=False))
    assert await pool.run(lambda: "quick", may_be_handed_back=False) == "quick"
    with pytest.raises(FunctionStuck):
        await stuck
    end.set()


async def test_what_waits_for_a_thread_is_handed_back_where_it_may_be() -> None:
    pool = Pool(1, TimeLimit(None))
    end, began = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        end.wait(5)

    running = asyncio.create_task(pool.run(work, may_be_handed_back=True))
    await asyncio.to_thread(began.wait, 5)
    waiting = [asyncio.create_task(pool.run(lambda: "done", may_be_handed_back=may)) for may in (True, False)]
    await asyncio.sleep(0)
    pool.hands_back = True
    end.set()
    await running
    with pytest.raises(NotStarted):
        await waiting[0]
    assert await waiting[1] == "done"


@pytest.mark.parametrize("threads", [1, 2, 4])
async def test_what_has_ended_is_told_while_the_next_ones_block(threads: int) -> None:
    """Whichever thread does what: all that comes in one turn of the loop waits for one thread to wake."""
    pool = Pool(threads, TimeLimit(None))
    end = threading.Event()
    quick = [asyncio.create_task(pool.run(lambda: "quick", may_be_handed_back=False)) for _ in range(3)]
    blocking = [asyncio.create_task(pool.run(lambda: end.wait(30), may_be_handed_back=False)) for _ in range(6)]
    assert await asyncio.wait_for(asyncio.gather(*quick), 10) == ["quick"] * 3
    assert not any(task.done() for task in blocking)
    end.set()
    assert await asyncio.gather(*blocking) == [True] * 6
