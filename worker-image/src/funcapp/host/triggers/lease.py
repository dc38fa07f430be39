"""A queue message while this pod works on it."""

from __future__ import annotations

import asyncio
import logging

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueMessage

from funcapp.host.triggers.queue_messages import QueueMessages

LEASE_SECONDS = 600
_RENEW_AFTER = LEASE_SECONDS / 2
_RETRY_AFTER = 10.0
_log = logging.getLogger("funcapp.queue")


class LeasedMessage:
    """Renews its lease until it is settled: deleted, or made visible again. Settle it exactly once."""

    def __init__(self, messages: QueueMessages, message: QueueMessage) -> None:
        self._messages = messages
        self._queue = messages.client
        self.message = message
        self._receipt = str(message.pop_receipt)
        self._lost = False
        # The receipt changes with every renewal, so that settling must not overtake one.
        self._using_receipt = asyncio.Lock()
        self._renewing = asyncio.create_task(self._renew())

    async def delete(self) -> None:
        async with self._settling():
            if self._lost:
                _log.warning(
                    "message %s was taken over by someone else while it was worked on: it stays in the queue",
                    self.message.id,
                )
                return
            await self._messages.delete(str(self.message.id), self._receipt)

    async def make_visible(self, after: float) -> None:
        """`after` in seconds."""
        async with self._settling():
            if not self._lost:
                await self._queue.update_message(str(self.message.id), self._receipt, visibility_timeout=round(after))

    async def abandon(self) -> None:
        """Leaves the message hidden until its lease ends."""
        async with self._settling():
            pass

    def _settling(self) -> _Settling:
        return _Settling(self._using_receipt, self._renewing)

    async def _renew(self) -> None:
        delay = _RENEW_AFTER
        while True:
            await asyncio.sleep(delay)
            async with self._using_receipt:
                delay = await self._renew_once()
            if self._lost:
                return

    async def _renew_once(self) -> float:
        try:
            renewed = await self._queue.update_message(
                str(self.message.id), self._receipt, visibility_timeout=LEASE_SECONDS
            )
        except ResourceNotFoundError:
            self._lost = True
        except HttpResponseError as error:
            if error.status_code is not None and 400 <= error.status_code < 500:
                self._lost = True
            _log.warning("the lease of message %s was not renewed: %s", self.message.id, error.reason)
            return _RETRY_AFTER
        except AzureError as error:
            _log.warning("the lease of message %s was not renewed: %s", self.message.id, type(error).__name__)
            return _RETRY_AFTER
        else:
            self._receipt = str(renewed.pop_receipt)
        return _RENEW_AFTER


class _Settling:
    """Ends renewing, between two renewals."""

    def __init__(self, using_receipt: asyncio.Lock, renewing: asyncio.Task[None]) -> None:
        self._lock = using_receipt
        self._renewing = renewing

    async def __aenter__(self) -> None:
        await self._lock.acquire()
        self._renewing.cancel()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
