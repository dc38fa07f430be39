"""Which invocation the running code belongs to."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import Protocol

from funcapp.log import Origin


class Running(Protocol):
    """An invocation, as far as it has to be named."""

    def origin(self) -> Origin:
        """Its name in log records; can be called from any thread."""


invocation: ContextVar[Running | None] = ContextVar("funcapp_invocation", default=None)
"""Carried into tasks by asyncio, and into threads by `threads`."""

thread_local = threading.local()
"""`context.thread_local_storage`: an app may set `invocation_id` in a thread that no context reached."""

_named: dict[str, Origin] = {}


def origin() -> Origin | None:
    """Of the calling code."""
    found = invocation.get()
    return _named.get(getattr(thread_local, "invocation_id", "")) if found is None else found.origin()


def remember(named: Origin) -> None:
    """For code that knows nothing but the invocation's id."""
    _named[named.invocation_id] = named


def forget(named: Origin) -> None:
    _named.pop(named.invocation_id, None)
