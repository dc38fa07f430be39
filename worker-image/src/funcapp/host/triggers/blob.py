"""blobTrigger: all functions of the app that blobs trigger.

One pod scans and puts a message into the app's internal queue for each new version of a blob; every pod works on the
messages. https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-blob-trigger
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob.aio import BlobClient
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from funcapp.host.bindings import blob as blobs
from funcapp.host.bindings.blob import BlobVersion
from funcapp.host.storage import ConnectionInvalid
from funcapp.host.triggers import blob_message
from funcapp.host.triggers.backlog import Backlog
from funcapp.host.triggers.base import Outcome, Section, Surroundings
from funcapp.host.triggers.blob_message import BlobEvent
from funcapp.host.triggers.blob_metadata import binding_data, trigger_metadata
from funcapp.host.triggers.blob_notifier import BlobNotifier
from funcapp.host.triggers.blob_receipts import Receipts
from funcapp.host.triggers.blob_scan import BlobScanner, Scan
from funcapp.host.triggers.receiver import QueueReceiver, ReceiveOptions
from funcapp.log import Origin
from funcapp.model import connections
from funcapp.model.bindings.blob import BlobTrigger

SCAN_SETTING = "FUNCAPP_BLOB_SCAN_SECONDS"
"""Seconds between two scans; upstream's 10 without it."""

_SCAN_SECONDS = 10.0
_LARGEST_BATCH = 32
_UNKNOWN = "unknown"
_log = logging.getLogger("funcapp.blob")


class BlobListener:
    """`triggers` by function; `names` are those of the whole app."""

    section: Section = "blobs"

    def __init__(self, triggers: Mapping[str, BlobTrigger], names: frozenset[str], surroundings: Surroundings) -> None:
        self._triggers = triggers
        self._names = names
        self._accounts = surroundings.accounts
        self._host_setting = connections.find(connections.DEFAULT_CONNECTION, surroundings.environment).setting
        self._queue_name = blob_message.queue_name(surroundings.host_id)
        self._run = surroundings.run
        options = surroundings.host.blobs
        parallel = options.max_degree_of_parallelism
        batch = min(_LARGEST_BATCH, parallel)
        self._receiver = QueueReceiver(
            "blobTrigger",
            self._queue,
            ReceiveOptions(
                batch_size=batch,
                new_batch_threshold=parallel - batch,
                max_dequeue_count=options.poison_blob_threshold,
                visibility_timeout=0.0,
                max_polling_interval=surroundings.host.queues.max_polling_interval,
            ),
            self,
            surroundings.telemetry,
        )
        self._notifier = BlobNotifier(
            triggers, Receipts(self._accounts, surroundings.host_id), self._queue, self._receiver.wake
        )
        self._scanner = BlobScanner(
            ((trigger.connection.setting, trigger.path.container) for trigger in triggers.values()),
            self._accounts,
            surroundings.host_id,
            self._notifier,
            _scan_seconds(surroundings.environment),
        )
        self._notifying: set[asyncio.Task[bool]] = set()
        self._backlog = Backlog("blobTrigger", self._queue)

    async def run(self) -> None:
        scanning = asyncio.create_task(self._scanner.run())
        try:
            await self._receiver.run()
        finally:
            await self._scanner.end(scanning)

    def stop(self) -> None:
        self._receiver.stop()
        self._scanner.stop()

    async def finish(self) -> None:
        await self._receiver.finish()
        if self._notifying:
            await asyncio.wait(set(self._notifying))

    async def report(self) -> dict[str, object]:
        scan = self._scanner.last
        if scan is None:
            return {"scannedAt": None, "idle": None}
        return {"scannedAt": scan.ended.isoformat(timespec="milliseconds"), "idle": await self._is_idle(scan)}

    async def _is_idle(self, scan: Scan) -> bool | None:
        """None where that is not known."""
        if not scan.clear or self._notifying or self._receiver.working:
            return False
        length = await self._backlog.length.answer()
        return None if length is None else length == 0

    def blob_written(self, version: BlobVersion) -> None:
        """An output of this pod's own: there is no need to wait for the scan, which finds it anyway."""
        task = asyncio.create_task(self._notifier.notify(version))
        self._notifying.add(task)
        task.add_done_callback(self._notifying.discard)

    def _queue(self) -> QueueClient:
        return self._accounts.queues(self._host_setting).get_queue_client(self._queue_name)

    def function_of(self, message: QueueMessage) -> str:
        try:
            function = BlobEvent.decode(message.content).function
        except ValueError:
            return _UNKNOWN
        return function if function in self._triggers else _UNKNOWN

    def poison_queue(self, message: QueueMessage) -> QueueClient | None:
        """In the account of the blob, as upstream; in the host's own where the blob's has no queues."""
        trigger = self._triggers.get(self.function_of(message))
        try:
            queues = self._accounts.queues(self._host_setting if trigger is None else trigger.connection.setting)
        except ConnectionInvalid:
            queues = self._accounts.queues(self._host_setting)
        return queues.get_queue_client(blob_message.POISON_QUEUE)

    async def work_on(self, message: QueueMessage, count: int, origin: Origin) -> Outcome:
        extra = {"origin": origin}
        try:
            event = BlobEvent.decode(message.content)
        except ValueError as error:
            _log.error("message of the queue %s cannot be read: %s", self._queue_name, error, extra=extra)
            return "failed"
        name = f"{event.container}/{event.blob}"
        trigger = self._triggers.get(event.function)
        if trigger is None:
            return self._not_here(event, name, origin)
        captures = trigger.path.match(event.blob) if trigger.path.container == event.container else None
        if captures is None:
            _log.info("the blob %s is not for %s any more", name, event.function, extra=extra)
            return "succeeded"
        client = self._accounts.blobs(trigger.connection.setting).get_blob_client(event.container, event.blob)
        try:
            return await self._run_for(event, client, captures, count)
        except (ResourceNotFoundError, ResourceModifiedError):
            return await self._follow(trigger, client, event, origin)

    async def _run_for(self, event: BlobEvent, client: BlobClient, captures: Mapping[str, str], count: int) -> Outcome:
        opened = await client.download_blob(etag=event.etag, match_condition=MatchConditions.IfNotModified)
        metadata = trigger_metadata(opened.properties, client, event, count)
        return await self._run(event.function, lambda: blobs.take(opened), binding_data(metadata, captures), metadata)

    def _not_here(self, event: BlobEvent, name: str, origin: Origin) -> Outcome:
        extra = {"origin": origin}
        if event.function in self._names:
            _log.error("the blob %s is for %s, which does not run", name, event.function, extra=extra)
            return "failed"
        _log.warning("the blob %s is for %s, which the app does not have any more", name, event.function, extra=extra)
        return "succeeded"

    async def _follow(self, trigger: BlobTrigger, client: BlobClient, event: BlobEvent, origin: Origin) -> Outcome:
        """For a blob that is not what it was: its new version, if it has one, gets a message of its own."""
        extra = {"origin": origin}
        name = f"{event.container}/{event.blob}"
        try:
            now: Any = await client.get_blob_properties()
        except ResourceNotFoundError:
            _log.info("the blob %s was deleted before %s ran", name, event.function, extra=extra)
            return "succeeded"
        _log.info("the blob %s was changed before %s ran: a new version follows", name, event.function, extra=extra)
        version = BlobVersion(trigger.connection.setting, event.container, event.blob, now.etag, now.blob_type.value)
        return "succeeded" if await self._notifier.notify(version) else "failed"


def _scan_seconds(environment: Mapping[str, str]) -> float:
    text = environment.get(SCAN_SETTING, "")
    try:
        return max(0.05, float(text)) if text else _SCAN_SECONDS
    except ValueError:
        _log.warning("the setting %s is %r: it must be a number of seconds", SCAN_SETTING, text)
        return _SCAN_SECONDS
