"""Puts one message into the internal queue for each function that a new version of a blob concerns."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping

from azure.storage.queue.aio import QueueClient

from funcapp.host.bindings.blob import BlobVersion
from funcapp.host.storage import brief, create_when_missing
from funcapp.host.triggers.blob_message import BlobEvent, quoted
from funcapp.host.triggers.blob_receipts import Claim, Receipts
from funcapp.model.bindings.blob import BlobTrigger, is_blob_name

_REMEMBERED = 50_000
"""Versions whose receipts are known to be complete, so that they are not asked for again."""

_log = logging.getLogger("funcapp.blob")


class BlobNotifier:
    """`queue` is the internal queue; `on_sent` hears of each message."""

    def __init__(
        self,
        triggers: Mapping[str, BlobTrigger],
        receipts: Receipts,
        queue: Callable[[], QueueClient],
        on_sent: Callable[[], None],
    ) -> None:
        self._triggers = triggers
        self._receipts = receipts
        self._queue = queue
        self._on_sent = on_sent
        self._complete: OrderedDict[BlobEvent, None] = OrderedDict()
        self._warned: set[str] = set()
        self.sent = 0
        """Messages, so far."""

    async def notify(self, version: BlobVersion) -> bool:
        """False: it could not be done now, and has to be tried again."""
        done = True
        for function, trigger in self._triggers.items():
            if (trigger.connection.setting, trigger.path.container) != (version.connection, version.container):
                continue
            if trigger.path.match(version.blob) is None:
                continue
            if not is_blob_name(version.blob):
                self._warn(f"{version.container}/{version.blob}")
                continue
            event = BlobEvent(function, version.container, version.blob, quoted(version.etag), version.blob_type)
            if event not in self._complete and not await self._try_send(event):
                done = False
        return done

    async def _try_send(self, event: BlobEvent) -> bool:
        try:
            claim = await self._receipts.claim(event)
            if isinstance(claim, Claim):
                await self._send(event, claim)
        except Exception as error:
            # Whatever it is may pass.
            _log.warning("%s: %s/%s has to wait: %s", event.function, event.container, event.blob, brief(error))
            return False
        if claim == "busy":
            return False
        self._complete[event] = None
        if len(self._complete) > _REMEMBERED:
            self._complete.popitem(last=False)
        return True

    async def _send(self, event: BlobEvent, claim: Claim) -> None:
        queue = self._queue()
        try:
            await create_when_missing(lambda: queue.send_message(event.encode(), time_to_live=-1), queue.create_queue)
        except BaseException:
            await claim.give_up()
            raise
        self.sent += 1
        self._on_sent()
        await claim.complete()

    def _warn(self, name: str) -> None:
        if name not in self._warned and len(self._warned) < _REMEMBERED:
            self._warned.add(name)
            _log.warning("the blob %s is left out: no URL leads to a name with '.' or '..' as a segment", name)
