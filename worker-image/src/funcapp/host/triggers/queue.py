"""queueTrigger: receives messages, has them worked on, and settles them.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from funcapp.host.storage import brief, create_when_missing
from funcapp.host.triggers.backoff import Backoff
from funcapp.host.triggers.base import Surroundings
from funcapp.host.triggers.lease import LEASE_SECONDS, LeasedMessage
from funcapp.log import Origin
from funcapp.model.bindings.queue import QueueTrigger, is_queue_name

_log = logging.getLogger("funcapp.queue")

POISON_SUFFIX = "-poison"


class QueueListener:
    """One function's queue. `run` receives until `stop`; `finish` waits for what is in work."""

    def __init__(self, function: str, trigger: QueueTrigger, surroundings: Surroundings) -> None:
        self.function = function
        self.trigger = trigger
        self._options = surroundings.host.queues
        self._accounts = surroundings.accounts
        self._run = surroundings.run
        self._telemetry = surroundings.telemetry
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False
        self._missing = False

    @property
    def queue(self) -> QueueClient:
        return self._accounts.queues(self.trigger.connection.setting).get_queue_client(self.trigger.queue_name)

    def wake(self) -> None:
        """Looks into the queue now: something was sent."""
        self._wake.set()

    def stop(self) -> None:
        """No message is received any more, but for those that are under way."""
        self._stopping = True
        self._wake.set()

    async def finish(self) -> None:
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    async def run(self) -> None:
        backoff = Backoff(self._options.max_polling_interval)
        while not self._stopping:
            if len(self._tasks) > self._options.new_batch_threshold:
                await asyncio.wait(set(self._tasks), return_when=asyncio.FIRST_COMPLETED)
                continue
            messages = await self._receive()
            for message in messages:
                task = asyncio.create_task(self._process(LeasedMessage(self.queue, message)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            if messages:
                backoff.reset()
            else:
                await self._sleep(backoff)

    async def _sleep(self, backoff: Backoff) -> None:
        self._wake.clear()
        if self._stopping:
            return
        try:
            await asyncio.wait_for(self._wake.wait(), backoff.next())
            backoff.reset()
        except asyncio.TimeoutError:
            pass

    async def _receive(self) -> list[QueueMessage]:
        """An empty list where there is nothing, or nobody to ask."""
        size = self._options.batch_size
        try:
            pages = self.queue.receive_messages(messages_per_page=size, visibility_timeout=LEASE_SECONDS).by_page()
            page = await pages.__anext__()
            messages = [message async for message in page]
        except (ResourceNotFoundError, StopAsyncIteration):
            if not self._missing:
                _log.info("%s: the queue %s is not there yet", self.function, self.trigger.queue_name)
            self._missing = True
            return []
        except Exception as error:
            # Whatever it is, a setting or a library: it may pass, and a listener that ended would never work again.
            _log.warning("%s: the queue %s cannot be read: %s", self.function, self.trigger.queue_name, brief(error))
            return []
        self._missing = False
        return messages

    async def _process(self, lease: LeasedMessage) -> None:
        message = lease.message
        origin = Origin(self.function, str(message.id))
        count = int(message.dequeue_count or 1)
        if count == 1 and message.inserted_on is not None:
            age = (datetime.now(timezone.utc) - message.inserted_on).total_seconds()
            self._telemetry.message_age.labels(self.function).observe(max(age, 0.0))
        try:
            outcome = await self._work_on(message, count, origin)
            await self._settle(lease, outcome, count)
        except Exception as error:
            # The lease runs out, and the message comes again.
            outcome = "unsettled"
            _log.error("message was not settled: %s", brief(error), extra={"origin": origin})
            await lease.abandon()
        self._telemetry.queue_messages.labels(self.function, outcome).inc()

    async def _work_on(self, message: QueueMessage, count: int, origin: Origin) -> str:
        if count > self._options.max_dequeue_count:
            return "poison"
        try:
            body = self._decode(message.content)
        except ValueError as error:
            _log.error(
                "message cannot be read as %s: %s", self._options.message_encoding, error, extra={"origin": origin}
            )
            return "failed"
        metadata = _metadata(message, body)
        return await self._run(self.function, body, binding_data(body, metadata), metadata)

    def _decode(self, content: object) -> bytes:
        text = content if isinstance(content, str) else ""
        if self._options.message_encoding == "none":
            return text.encode()
        try:
            return base64.b64decode(text.strip(), validate=True)
        except binascii.Error as error:
            raise ValueError(
                f'{error}: send it so, or set extensions.queues.messageEncoding to "none" in host.json'
            ) from None

    async def _settle(self, lease: LeasedMessage, outcome: str, count: int) -> None:
        if outcome == "succeeded":
            await lease.delete()
        elif outcome in ("notStarted", "crashed"):
            await lease.make_visible(0)
        elif count >= self._options.max_dequeue_count:
            await self._move_to_poison(lease)
        else:
            await lease.make_visible(self._options.visibility_timeout)

    async def _move_to_poison(self, lease: LeasedMessage) -> None:
        name = self.trigger.queue_name
        origin = Origin(self.function, str(lease.message.id))
        if name.endswith(POISON_SUFFIX) or not is_queue_name(name + POISON_SUFFIX):
            _log.error("message failed for good, and %s has no poison queue", name, extra={"origin": origin})
            await lease.abandon()
            return
        poison = self._accounts.queues(self.trigger.connection.setting).get_queue_client(name + POISON_SUFFIX)

        async def send() -> object:
            return await poison.send_message(lease.message.content, time_to_live=-1)

        await create_when_missing(send, poison.create_queue)
        _log.error("message moved to %s%s", name, POISON_SUFFIX, extra={"origin": origin})
        await lease.delete()

    async def oldest_message_age(self) -> float | None:
        """Seconds that the oldest waiting message has waited, by the server's clock; None where none waits.

        Only messages that were never received count: one that is retried is old, but did not wait for a worker.
        """
        now: list[datetime] = []

        def note_date(response: Any) -> None:
            text = response.http_response.headers.get("Date")
            with contextlib.suppress(TypeError, ValueError):
                now.append(datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=timezone.utc))

        try:
            peeked = await self.queue.peek_messages(max_messages=32, raw_response_hook=note_date)
        except ResourceNotFoundError:
            return None
        times = [message.inserted_on for message in peeked if not message.dequeue_count and message.inserted_on]
        if not times:
            return None
        reference = now[0] if now else datetime.now(timezone.utc)
        return max(0.0, (reference - min(times)).total_seconds())


def binding_data(body: bytes, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What expressions can name: the properties of a JSON message, and the metadata that no property is named like."""
    try:
        properties = json.loads(body)
    except ValueError:
        properties = None
    if not isinstance(properties, dict):
        return dict(metadata)
    taken = {name.lower() for name in properties}
    return {**properties, **{name: value for name, value in metadata.items() if name.lower() not in taken}}


def _metadata(message: QueueMessage, body: bytes) -> dict[str, Any]:
    return {
        "QueueTrigger": body.decode(errors="replace"),
        "DequeueCount": int(message.dequeue_count or 1),
        "Id": str(message.id),
        "InsertionTime": _iso(message.inserted_on),
        "ExpirationTime": _iso(message.expires_on),
        "NextVisibleTime": _iso(message.next_visible_on),
        "PopReceipt": str(message.pop_receipt),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
