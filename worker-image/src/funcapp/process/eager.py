"""Tasks that begin at once: most requests are answered without waiting for anything.

Python has them since 3.12: https://docs.python.org/3/library/asyncio-task.html#asyncio.eager_task_factory
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

if sys.version_info >= (3, 12):

    def start(coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> asyncio.Task[T]:
        """The task may be done already. To be called in the loop's thread."""
        return asyncio.Task(coroutine, loop=loop, eager_start=True)

else:
    from asyncio.tasks import _enter_task, _leave_task

    def start(coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> asyncio.Task[T]:
        """The task may be done already. To be called in the loop's thread.

        A task puts its first step at the end of what the loop has to do next; it is taken from there and done now.
        `_ready` is no public name, but the Pythons before 3.12 get security fixes only.
        """
        task = asyncio.Task(coroutine, loop=loop)
        first_step = loop._ready.pop()  # type: ignore[attr-defined]
        caller = asyncio.current_task(loop)
        if caller is None:
            first_step._run()
            return task
        _leave_task(loop, caller)
        try:
            first_step._run()
        finally:
            _enter_task(loop, caller)
        return task
