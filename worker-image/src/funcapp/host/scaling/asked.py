"""An answer that storage has to give, for somebody who does not wait for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

AGAIN_SECONDS = 1.0
"""It is asked at most this often, however many want to know."""

WAIT_SECONDS = 0.7
"""Whoever asks for the report waits a second at most, and the rest of it is known at once."""

_GIVE_UP_SECONDS = 5.0
_KEPT_SECONDS = 5.0
"""An answer that came late is good for whoever asks next."""


class Asked(Generic[T]):
    """`ask` raises nothing; it is asked only when somebody wants the answer."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = -AGAIN_SECONDS
        self._answer: T | None = None
        self._answered_at = 0.0

    async def answer(self) -> T | None:
        """None where there is none in time."""
        now = time.monotonic()
        if self._asking is None and now >= self._asked_at + AGAIN_SECONDS:
            self._asked_at = now
            self._asking = asyncio.create_task(self._ask_once())
        if self._asking is not None:
            await asyncio.wait({self._asking}, timeout=WAIT_SECONDS)
        return self._answer if time.monotonic() < self._answered_at + _KEPT_SECONDS else None

    async def _ask_once(self) -> None:
        try:
            self._answer = await asyncio.wait_for(self._ask(), _GIVE_UP_SECONDS)
            self._answered_at = time.monotonic()
        except asyncio.TimeoutError:
            pass
        finally:
            self._asking = None
