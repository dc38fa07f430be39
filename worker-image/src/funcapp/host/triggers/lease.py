"""A queue message while this pod works on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.queue import QueueMessage

from funcapp.host.storage import brief
from funcapp.host.triggers.queue_messages import QueueMessages

_log = logging.getLogger("funcapp.queue")

_LOST = ("MessageNotFound", "PopReceiptMismatch", "QueueNotFound")
"""What the service answers to whoever does not hold the message any more.

https://learn.microsoft.com/rest/api/storageservices/queue-service-error-codes
"""


class LeaseTimes(NamedTuple):
    """In seconds: how long a message is hidden from others, how soon that is renewed, and tried again after an error.

    The Functions host hides messages for ten minutes and renews halfway.
    """

    length: int = 600
    renew_after: float = 300.0
    retry_after: float = 10.0


class LeasedMessage:
    """Renews its lease until it is settled: deleted, made visible again or abandoned."""

    def __init__(self, messages: QueueMessages, message: QueueMessage, times: LeaseTimes) -> None:
        self._messages = messages
        self._queue = messages.client
        self.message = message
        self.lost = False
        """Somebody else has the message: it is not ours to delete any more."""
        self._times = times
        self._receipt = str(message.pop_receipt)
        # The receipt changes with every renewal, so that settling must not overtake one.
        self._using_receipt = asyncio.Lock()
        self._renewing = asyncio.create_task(self._renew())

    async def delete(self) -> None:
        """Raises AzureError; the lease is then renewed on."""
        await self._settle(lambda: self._messages.delete(str(self.message.id), self._receipt))

    async def make_visible(self, after: float) -> None:
        """`after` in seconds. Raises AzureError; the lease is then renewed on."""
        await self._settle(
            lambda: self._queue.update_message(
                str(self.message.id), self._receipt, visibility_timeout=max(0, round(after))
            )
        )

    def abandon(self) -> None:
        """Leaves the message hidden until its lease ends."""
        self._renewing.cancel()

    async def _settle(self, operation: Callable[[], Awaitable[object]]) -> None:
        async with self._using_receipt:
            if not self.lost:
                try:
                    await operation()
                except HttpResponseError as error:
                    if not _tells_of_loss(error):
                        raise
                    self.lost = True
            self._renewing.cancel()

    async def _renew(self) -> None:
        delay = self._times.renew_after
        while not self.lost:
            await asyncio.sleep(delay)
            async with self._using_receipt:
                delay = await self._renew_once()

    async def _renew_once(self) -> float:
        try:
            renewed = await self._queue.update_message(
                str(self.message.id), self._receipt, visibility_timeout=self._times.length
            )
        except AzureError as error:
            self.lost = _tells_of_loss(error)
            _log.warning("the lease of message %s was not renewed: %s", self.message.id, brief(error))
            return self._times.retry_after
        self._receipt = str(renewed.pop_receipt)
        return self._times.renew_after


def _tells_of_loss(error: AzureError) -> bool:
    return getattr(error, "error_code", None) in _LOST
