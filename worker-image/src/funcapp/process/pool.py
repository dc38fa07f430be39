"""Runs functions that are not coroutines, in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


class NotStarted(Exception):
    """A drain began before a thread was free: the work was never touched, and can be done elsewhere."""


class FunctionTimeout(Exception):
    """The function ran longer than the app allows, and has ended."""


class FunctionStuck(FunctionTimeout):
    """The function ran longer than the app allows, and still does: it cannot be stopped."""


class Pool:
    """Threads for functions."""

    def __init__(self, threads: int | None) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self.hands_back = False
        """What may be handed back and has no thread yet raises NotStarted."""

    async def run(self, call: Callable[[], Any], timeout: float | None, *, may_be_handed_back: bool) -> Any:
        """Time in the queue does not count. Raises NotStarted, FunctionStuck, or what `call` raises."""
        loop = asyncio.get_running_loop()
        started: asyncio.Future[None] = loop.create_future()

        def start() -> Any:
            if self.hands_back and may_be_handed_back:
                raise NotStarted
            loop.call_soon_threadsafe(_resolve, started)
            return call()

        work = asyncio.ensure_future(loop.run_in_executor(self._executor, start))
        await asyncio.wait({work, started}, return_when=asyncio.FIRST_COMPLETED)
        done, _ = await asyncio.wait({work}, timeout=timeout)
        if done:
            started.cancel()
            return work.result()
        work.add_done_callback(lambda late: late.cancelled() or late.exception())
        raise FunctionStuck


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
