"""Tasks that begin at once, on every Python."""

import asyncio
import contextvars

import pytest

from funcapp.process import eager

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="")


async def test_what_waits_for_nothing_is_done_at_once() -> None:
    async def work() -> str:
        return "done"

    task = eager.start(work(), asyncio.get_running_loop())
    assert task.done()
    assert task.result() == "done"


async def test_what_waits_goes_on_later_in_the_same_task() -> None:
    tasks = []

    async def work() -> None:
        tasks.append(asyncio.current_task())
        await asyncio.sleep(0)
        tasks.append(asyncio.current_task())

    task = eager.start(work(), asyncio.get_running_loop())
    assert not task.done()
    await task
    assert tasks == [task, task]


async def test_the_caller_is_the_current_task_again_whatever_happens() -> None:
    caller = asyncio.current_task()

    async def fail() -> None:
        assert asyncio.current_task() is not caller
        raise ZeroDivisionError

    async def leave() -> None:
        raise SystemExit

    loop = asyncio.get_running_loop()
    with pytest.raises(ZeroDivisionError):
        eager.start(fail(), loop).result()
    assert asyncio.current_task() is caller
    with pytest.raises(SystemExit):
        eager.start(leave(), loop)
    assert asyncio.current_task() is caller


async def test_nothing_else_that_the_loop_has_to_do_is_lost_or_done_before_its_turn() -> None:
    loop, seen = asyncio.get_running_loop(), []

    async def work() -> None:
        loop.call_soon(seen.append, "later")
        seen.append("at once")

    loop.call_soon(seen.append, "sooner")
    eager.start(work(), loop)
    assert seen == ["at once"]
    await asyncio.sleep(0)
    assert seen == ["at once", "sooner", "later"]


async def test_a_task_has_context_variables_of_its_own() -> None:
    async def work() -> str:
        before = variable.get()
        variable.set("of the task")
        return before

    variable.set("of the caller")
    assert eager.start(work(), asyncio.get_running_loop()).result() == "of the caller"
    assert variable.get() == "of the caller"


async def test_a_task_can_cancel_itself_at_once() -> None:
    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    task = eager.start(work(), asyncio.get_running_loop())
    with pytest.raises(asyncio.CancelledError):
        await task
