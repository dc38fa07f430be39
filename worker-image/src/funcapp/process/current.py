"""Which invocation the running code belongs to."""

from __future__ import annotations

import threading
from contextvars import ContextVar

from funcapp.log import Origin

invocation: ContextVar[Origin | None] = ContextVar("funcapp_invocation", default=None)
"""Carried into tasks by asyncio, and into threads by `threads`."""

thread_local = threading.local()
"""`context.thread_local_storage`: an app may set `invocation_id` in a thread that no context reached."""

_running: dict[str, Origin] = {}


def origin() -> Origin | None:
    found = invocation.get()
    return found or _running.get(getattr(thread_local, "invocation_id", ""))


def begin(started: Origin) -> None:
    _running[started.invocation_id] = started


def end(finished: Origin) -> None:
    _running.pop(finished.invocation_id, None)
