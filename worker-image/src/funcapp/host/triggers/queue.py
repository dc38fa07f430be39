"""queueTrigger: each message of a queue is one invocation.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from funcapp.host.triggers.backlog import Backlog
from funcapp.host.triggers.base import Outcome, Section, Surroundings
from funcapp.host.triggers.receiver import QueueReceiver, ReceiveOptions
from funcapp.log import Origin
from funcapp.model.bindings.queue import QueueTrigger, is_queue_name

_log = logging.getLogger("funcapp.queue")

POISON_SUFFIX = "-poison"


class QueueListener:
    """One function's queue."""

    section: Section = "queues"

    def __init__(self, function: str, trigger: QueueTrigger, surroundings: Surroundings) -> None:
        self.function = function
        self.trigger = trigger
        options = surroundings.host.queues_of(function)
        self._encoding = options.message_encoding
        self._accounts = surroundings.accounts
        self._run = surroundings.run
        self._receiver = QueueReceiver(
            function,
            lambda: self.queue,
            ReceiveOptions(
                options.batch_size,
                options.new_batch_threshold,
                options.max_dequeue_count,
                options.visibility_timeout,
                options.max_polling_interval,
            ),
            self,
            surroundings.telemetry,
        )
        self._backlog = Backlog(function, lambda: self.queue)

    @property
    def queue(self) -> QueueClient:
        return self._accounts.queues(self.trigger.connection.setting).get_queue_client(self.trigger.queue_name)

    def wake(self) -> None:
        """Looks into the queue now: something was sent."""
        self._receiver.wake()

    def stop(self) -> None:
        """No message is received any more, but for those that are under way."""
        self._receiver.stop()

    async def finish(self) -> None:
        await self._receiver.finish()

    async def run(self) -> None:
        await self._receiver.run()

    def function_of(self, _message: QueueMessage) -> str:
        return self.function

    async def work_on(self, message: QueueMessage, count: int, origin: Origin) -> Outcome:
        try:
            body = self._decode(message.content)
        except ValueError as error:
            _log.error("message cannot be read as %s: %s", self._encoding, error, extra={"origin": origin})
            return "failed"
        metadata = _metadata(message, body)
        return await self._run(self.function, body, binding_data(body, metadata), metadata)

    def poison_queue(self, _message: QueueMessage) -> QueueClient | None:
        name = self.trigger.queue_name
        if name.endswith(POISON_SUFFIX) or not is_queue_name(name + POISON_SUFFIX):
            return None
        return self._accounts.queues(self.trigger.connection.setting).get_queue_client(name + POISON_SUFFIX)

    def _decode(self, content: object) -> bytes:
        text = content if isinstance(content, str) else ""
        if self._encoding == "none":
            return text.encode()
        try:
            return base64.b64decode(text.strip(), validate=True)
        except binascii.Error as error:
            raise ValueError(
                f'{error}: send it so, or set extensions.queues.messageEncoding to "none" in host.json'
            ) from None

    async def report(self) -> dict[str, object]:
        length, head = await self._backlog.both.answer() or (None, None)
        receiver = self._receiver
        return {
            "function": self.function,
            "queue": self.trigger.queue_name,
            "length": length,
            "visible": head.waiting if head else None,
            "oldestMessageAgeSeconds": head.oldest_age if head else None,
            "timeToLiveSeconds": head.time_to_live if head else None,
            "working": receiver.working,
            "newBatchThreshold": receiver.new_batch_threshold,
            "throughput": None if receiver.throughput is None else round(receiver.throughput, 3),
        }


def binding_data(body: bytes, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What expressions can name: the properties of a JSON message, and the metadata that no property is named like."""
    try:
        properties = json.loads(body)
    except (ValueError, RecursionError):
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
