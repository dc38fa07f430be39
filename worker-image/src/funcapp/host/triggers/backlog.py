"""What waits in a queue: a look at its first messages and at its length."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from funcapp.host.scaling.asked import Asked
from funcapp.host.scaling.waiting import Peeked, WaitingSince
from funcapp.host.storage import brief

_log = logging.getLogger("funcapp.scaling")

PEEKED = 32
"""As many as the service shows at a time."""

_FOR_EVER = timedelta(days=100 * 365)

# The next look tries again, and whoever wants to know does not wait for it.
_ONE_TRY: Any = {"retry_total": 0}

T = TypeVar("T")


class Head(NamedTuple):
    """Of the messages that wait and were never received, as far as the first 32 tell.

    One that is retried is old, but did not wait for a worker. Times in seconds; None where no message waits, and for
    messages that live for ever.
    """

    waiting: int
    oldest_age: float | None
    time_to_live: float | None


class Backlog:
    """One queue. A queue that is not there is an empty one; what cannot be asked is None."""

    def __init__(self, listener: str, queue: Callable[[], QueueClient]) -> None:
        """`listener` names who wants to know, in logs."""
        self._listener = listener
        self._queue = queue
        self._waiting = WaitingSince()
        self._trouble: str | None = None
        self.both = Asked(self._ask_both)
        """Length and head."""
        self.length = Asked(self._ask_length)
        """Messages in whatever state, approximately."""

    async def _ask_both(self) -> tuple[int | None, Head | None]:
        length, head = await asyncio.gather(self._ask_length(), self._told(self._look))
        return length, head

    async def _ask_length(self) -> int | None:
        return await self._told(self._count)

    async def _told(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Each cause of an error is logged once."""
        try:
            answer = await ask()
        except Exception as error:
            # Whatever it is, a setting or the network: the report says that it is not known.
            trouble = brief(error)
            if trouble != self._trouble:
                _log.warning("%s: what waits in the queue is not known: %s", self._listener, trouble)
            self._trouble = trouble
            return None
        self._trouble = None
        return answer

    async def _count(self) -> int:
        try:
            properties = await self._queue().get_queue_properties(**_ONE_TRY)
        except ResourceNotFoundError:
            return 0
        return int(properties.approximate_message_count or 0)

    async def _look(self) -> Head:
        dates: list[str] = []

        def note_date(response: Any) -> None:
            dates.append(response.http_response.headers.get("Date", ""))

        messages: list[QueueMessage] = []
        with contextlib.suppress(ResourceNotFoundError):
            messages = await self._queue().peek_messages(PEEKED, raw_response_hook=note_date, **_ONE_TRY)
        now = _date(dates)
        peeked = [Peeked(str(each.id), each.inserted_on or now, int(each.dequeue_count or 0)) for each in messages]
        moments = self._waiting.look(peeked, now, whole=len(peeked) < PEEKED)
        waiting = [
            (message, moment) for message, moment in zip(messages, moments, strict=True) if not message.dequeue_count
        ]
        if not waiting:
            return Head(0, None, None)
        age = (now - min(moment for _, moment in waiting)).total_seconds()
        lives = [each.expires_on - each.inserted_on for each, _ in waiting if each.expires_on and each.inserted_on]
        life = min(lives, default=_FOR_EVER)
        return Head(len(waiting), max(0.0, age), life.total_seconds() if life < _FOR_EVER else None)


def _date(headers: list[str]) -> datetime:
    """By the service's clock; by this machine's where the service does not say."""
    for header in headers:
        with contextlib.suppress(TypeError, ValueError):
            return parsedate_to_datetime(header)
    return datetime.now(timezone.utc)
