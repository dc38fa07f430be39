"""Context variables for threads and thread pools that the app makes, so that their logs name the invocation.

Python 3.14 can do so itself for threads (`-X thread_inherit_context`), and in no version for thread pools.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


def inherit_context() -> None:
    """Replaces `Thread.start` and `ThreadPoolExecutor.submit` in this process."""
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit

    def start_in_context(thread: threading.Thread) -> None:
        run, context = thread.run, contextvars.copy_context()

        def run_in_context() -> None:
            try:
                context.run(run)
            finally:
                del thread.run  # the cycle that it makes

        thread.run = run_in_context  # type: ignore[method-assign]
        start(thread)

    def submit_in_context(
        pool: ThreadPoolExecutor, function: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        return submit(pool, contextvars.copy_context().run, function, *args, **kwargs)

    threading.Thread.start = start_in_context  # type: ignore[assignment, method-assign]
    ThreadPoolExecutor.submit = submit_in_context  # type: ignore[assignment, method-assign]
