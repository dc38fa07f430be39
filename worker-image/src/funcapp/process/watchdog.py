"""Tells which function blocks the event loop: while it does, no other coroutine and no request goes on."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from types import FrameType

from funcapp.log import Origin
from funcapp.process import current
from funcapp.process.invocation import Invocation, Invoker

_LOOK_SECONDS = 1.0
_BLOCKED_SECONDS = 2.0
_log = logging.getLogger("funcapp.process")


def start(loop: asyncio.AbstractEventLoop) -> None:
    """Watches `loop`, which runs in this thread, from a thread of its own."""
    arguments = (loop, threading.get_ident())
    threading.Thread(target=_watch, args=arguments, name="watchdog", daemon=True).start()


def _watch(loop: asyncio.AbstractEventLoop, thread: int) -> None:
    while True:
        answered, asked = threading.Event(), time.monotonic()
        try:
            loop.call_soon_threadsafe(answered.set)
        except RuntimeError:
            return  # the loop is closed
        if not answered.wait(_BLOCKED_SECONDS):
            _report(thread)
            answered.wait()
            _log.warning("the event loop runs again, after %.1f seconds", time.monotonic() - asked)
        time.sleep(_LOOK_SECONDS)


def _report(thread: int) -> None:
    frame = sys._current_frames().get(thread)
    found = origin_of(frame)
    what = f"the function {found.function}" if found else "code that no invocation runs"
    where = f" ({frame.f_code.co_filename}, line {frame.f_lineno})" if frame is not None else ""
    stack = "".join(traceback.format_stack(frame)) if frame is not None else ""
    _log.warning(
        "the event loop has been blocked for %g seconds by %s%s: await what takes long, call it with asyncio.to_thread,"
        " or make the function `def`, which runs in a thread\n%s",
        _BLOCKED_SECONDS,
        what,
        where,
        stack,
        extra={"origin": found},
    )


def origin_of(frame: FrameType | None) -> Origin | None:
    """The invocation that an event loop is running, by the innermost frame of its thread."""
    while frame is not None:
        if frame.f_code is Invoker.run.__code__:
            # It began in a task that the loop did not run: one that began at once.
            running: Invocation = frame.f_locals["invocation"]
            return running.origin()
        if frame.f_code is asyncio.Handle._run.__code__:
            context = getattr(frame.f_locals.get("self"), "_context", None)
            found = None if context is None else context.get(current.invocation)
            return None if found is None else found.origin()
        frame = frame.f_back
    return None
