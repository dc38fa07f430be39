"""Receives the messages of one queue, has each worked on, and settles it.

What a message means is the matter of its `MessageWorker`. Nothing is lost: a message is deleted after success only,
its lease is renewed while it is worked on, and what fails for good is kept in a poison queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from funcapp.host.scaling.rates import Throughput
from funcapp.host.storage import API_VERSION, brief, create_when_missing
from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers.backoff import Backoff
from funcapp.host.triggers.base import Outcome
from funcapp.host.triggers.lease import LeasedMessage, LeaseTimes
from funcapp.host.triggers.queue_messages import QueueMessages
from funcapp.log import Origin

_log = logging.getLogger("funcapp.queue")

_LEASE_TIMES = LeaseTimes()
_SETTLE_AGAIN_AFTER = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds. The function has run: doing it again because storage was away for a moment would be a pity."""

_MAX_COPIED = 10_000

_HANDED_BACK = ("notStarted", "interrupted")
_SETTLED = ("succeeded", "failed", "crashed", "poison")


@dataclass(frozen=True)
class ReceiveOptions:
    """`batch_size` messages are asked for, 1 to 32, once no more than `new_batch_threshold` are in work.

    `visibility_timeout` and `max_polling_interval` in seconds.
    """

    batch_size: int
    new_batch_threshold: int
    max_dequeue_count: int
    visibility_timeout: float
    max_polling_interval: float


class MessageWorker(Protocol):
    """What the messages of a queue are for."""

    def function_of(self, message: QueueMessage) -> str:
        """The function that a message is for."""

    async def work_on(self, message: QueueMessage, count: int, origin: Origin) -> Outcome:
        """What became of it when it was received for the `count`th time."""

    def poison_queue(self, message: QueueMessage) -> QueueClient | None:
        """Where to put what failed for good; None where there is no such queue."""


class QueueReceiver:
    """`run` receives until `stop`; `finish` waits for what is in work."""

    def __init__(
        self,
        listener: str,
        queue: Callable[[], QueueClient],
        options: ReceiveOptions,
        worker: MessageWorker,
        telemetry: Telemetry,
        times: LeaseTimes = _LEASE_TIMES,
    ) -> None:
        """`listener` names what receives, in logs."""
        self._listener = listener
        self._queue = queue
        self._options = options
        self._worker = worker
        self._telemetry = telemetry
        self._tasks: set[asyncio.Task[bool]] = set()
        self._throughput = Throughput(options.new_batch_threshold)
        self._wake = asyncio.Event()
        self._stopping = False
        self._opened: QueueMessages | None = None
        self._times = times
        self._copied: set[str] = set()
        """Messages that are in another place already and could not be deleted yet: these are not copied again."""
        self._trouble: str | None = None
        """Why the queue could not be read the last time; each cause is logged once."""

    @property
    def working(self) -> int:
        """Messages that are worked on now, those that wait for a function process included."""
        return len(self._tasks)

    @property
    def new_batch_threshold(self) -> int:
        return self._options.new_batch_threshold

    @property
    def throughput(self) -> float | None:
        """Messages that are settled a second while no more are fetched; None where that is not known."""
        return self._throughput.per_second

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
        if self._opened is not None:
            await self._opened.close()

    async def run(self) -> None:
        backoff = Backoff(self._options.max_polling_interval)
        while not self._stopping:
            if len(self._tasks) > self._options.new_batch_threshold:
                await asyncio.wait(set(self._tasks), return_when=asyncio.FIRST_COMPLETED)
                continue
            messages = await self._receive()
            for message in messages:
                task = asyncio.create_task(self._process(LeasedMessage(self._messages(), message, self._times)))
                self._tasks.add(task)
                task.add_done_callback(self._ended)
            if messages:
                self._throughput.changed(len(self._tasks))
                backoff.reset()
            else:
                await self._sleep(backoff)

    def _ended(self, task: asyncio.Task[bool]) -> None:
        self._tasks.discard(task)
        self._throughput.changed(len(self._tasks), settled=not task.cancelled() and task.result())

    async def _sleep(self, backoff: Backoff) -> None:
        self._wake.clear()
        if self._stopping:
            return
        try:
            await asyncio.wait_for(self._wake.wait(), backoff.next())
            backoff.reset()
        except asyncio.TimeoutError:
            pass

    def _messages(self) -> QueueMessages:
        """Raises ConnectionInvalid."""
        if self._opened is None:
            self._opened = QueueMessages(self._queue(), API_VERSION)
        return self._opened

    async def _receive(self) -> list[QueueMessage]:
        """An empty list where there is nothing, or nobody to ask."""
        name = ""
        try:
            name = self._queue().queue_name
            messages = await self._messages().receive(self._options.batch_size, self._times.length)
        except (ResourceNotFoundError, StopAsyncIteration):
            self._note(logging.INFO, f"the queue {name} is not there yet")
            return []
        except Exception as error:
            # Whatever it is, a setting or a library: it may pass, and a listener that ended would never work again.
            self._note(logging.WARNING, f"the queue {name} cannot be read: {brief(error)}")
            return []
        if self._trouble is not None:
            _log.info("%s: the queue %s is read again", self._listener, name)
            self._trouble = None
        if messages:
            self._telemetry.batch_size.observe(self._listener, len(messages))
        return messages

    def _note(self, level: int, trouble: str) -> None:
        if trouble != self._trouble:
            _log.log(level, "%s: %s", self._listener, trouble)
            self._trouble = trouble

    async def _process(self, lease: LeasedMessage) -> bool:
        """Whether the message was settled by what became of it here. Raises nothing."""
        message = lease.message
        function = self._listener
        origin = Origin(function, str(message.id))
        count = int(message.dequeue_count or 1)
        try:
            function = self._worker.function_of(message)
            origin = Origin(function, str(message.id))
            if count == 1 and message.inserted_on is not None:
                age = (datetime.now(timezone.utc) - message.inserted_on).total_seconds()
                self._telemetry.message_age.observe(function, max(age, 0.0))
            over = count > self._options.max_dequeue_count
            outcome: str = "poison" if over else await self._worker.work_on(message, count, origin)
            await self._settle_surely(lease, outcome, count, origin)
            if lease.lost:
                outcome = "lost"
                _log.warning(
                    "message %s was taken over by someone else while it was worked on: it stays in the queue",
                    message.id,
                    extra={"origin": origin},
                )
        except Exception as error:
            outcome = "unsettled"
            _log.error("message was not settled, and comes again: %s", brief(error), extra={"origin": origin})
        finally:
            lease.abandon()
        self._telemetry.queue_messages.add(function, outcome)
        return outcome in _SETTLED

    async def _settle_surely(self, lease: LeasedMessage, outcome: str, count: int, origin: Origin) -> None:
        for delay in _SETTLE_AGAIN_AFTER:
            try:
                await self._settle(lease, outcome, count, origin)
                return
            except AzureError as error:
                _log.warning("message is not settled yet: %s", brief(error), extra={"origin": origin})
                await asyncio.sleep(delay)
        await self._settle(lease, outcome, count, origin)

    async def _settle(self, lease: LeasedMessage, outcome: str, count: int, origin: Origin) -> None:
        if outcome == "succeeded":
            await lease.delete()
        elif outcome in _HANDED_BACK and count >= self._options.max_dequeue_count:
            await self._send_anew(lease)
        elif outcome in _HANDED_BACK or (outcome == "crashed" and count < self._options.max_dequeue_count):
            await lease.make_visible(0)
        elif count >= self._options.max_dequeue_count:
            await self._move_to_poison(lease, origin)
        else:
            await lease.make_visible(self._options.visibility_timeout)

    async def _send_anew(self, lease: LeasedMessage) -> None:
        """For a message that was received as often as it may be, the last time by a pod that had no time for it.

        The next time counts from one: nobody knows whether it would have failed.
        """
        expires = lease.message.expires_on
        left = -1 if expires is None else max(1, round((expires - datetime.now(timezone.utc)).total_seconds()))
        await self._copy_once(lease, lambda: self._queue().send_message(lease.message.content, time_to_live=left))

    async def _move_to_poison(self, lease: LeasedMessage, origin: Origin) -> None:
        poison = self._worker.poison_queue(lease.message)
        if poison is None:
            name = self._queue().queue_name
            _log.error("message failed for good, and %s has no poison queue", name, extra={"origin": origin})
            lease.abandon()
            return

        async def copy() -> None:
            await create_when_missing(
                lambda: poison.send_message(lease.message.content, time_to_live=-1), poison.create_queue
            )
            _log.error("message moved to %s", poison.queue_name, extra={"origin": origin})

        await self._copy_once(lease, copy)

    async def _copy_once(self, lease: LeasedMessage, copy: Callable[[], Awaitable[object]]) -> None:
        """A message that was copied and cannot be deleted would be copied again each time that this is tried.

        Another pod that receives it does not know: then there are two copies, as upstream.
        """
        identity = str(lease.message.id)
        if identity not in self._copied:
            await copy()
            if len(self._copied) < _MAX_COPIED:
                self._copied.add(identity)
        await lease.delete()
        self._copied.discard(identity)
