"""Starts the app anew with what has changed; the newest change counts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from funcapp.errors import AppError, ConfigurationError, FunctionError
from funcapp.link import RemoteError

_log = logging.getLogger("funcapp.host")

START_SECONDS = 300.0
"""A start that takes longer counts as failed: what an app imports may wait for ever."""

_FIRST_DELAY = 5.0
_LONGEST_DELAY = 300.0


class Attempts:
    """One attempt at a time: `begin` ends the one before, however far it came, because it is out of date."""

    def __init__(self, limit: float = START_SECONDS, first_delay: float = _FIRST_DELAY) -> None:
        """In seconds; `first_delay` lies between two tries, and is doubled with each up to five minutes."""
        self._limit = limit
        self._first_delay = first_delay
        self._task: asyncio.Task[None] | None = None

    async def begin(self, start: Callable[[], Awaitable[None]], failed: str, *, again: bool) -> None:
        """`failed` is logged before the reason. `again`: a failure that may pass is tried again until `start` returns.

        Returns when the attempt before has ended. `start` raises what keeps the app from starting; of these
        ConfigurationError alone does not pass by itself.
        """
        await self.stop()
        self._task = asyncio.create_task(self._attempt(start, failed, again))

    async def stop(self) -> None:
        """Ends what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def _attempt(self, start: Callable[[], Awaitable[None]], failed: str, again: bool) -> None:
        delay = self._first_delay
        while True:
            try:
                await asyncio.wait_for(start(), self._limit)
                return
            except ConfigurationError as error:
                _log.error("%s: %s", failed, error)
                return
            except asyncio.TimeoutError:
                reason = f"it did not start within {self._limit:g} s"
            except (AppError, FunctionError, RemoteError, OSError) as error:
                reason = str(error)
            except Exception as error:
                # Whatever it is: what runs goes on, and later changes have to be followed.
                _log.exception("%s", failed)
                reason = type(error).__name__
            if not again:
                _log.error("%s: %s", failed, reason)
                return
            _log.error("%s: %s; trying again in %g s", failed, reason, delay)
            await asyncio.sleep(delay)
            delay = min(2 * delay, _LONGEST_DELAY)
