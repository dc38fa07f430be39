"""Answers what function processes ask of storage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from funcapp.content import Content, whole
from funcapp.host.storage import StorageAccounts
from funcapp.link import Handler, Message

if TYPE_CHECKING:
    from funcapp.host.bindings.blob import BlobVersion


class StorageService:
    """`handlers` are calls of the link. `on_written` hears of every queue that got a message, `on_blob` of blobs.

    `encoding_of` gives a function's message encoding.
    """

    def __init__(
        self,
        accounts: StorageAccounts,
        encoding_of: Callable[[str], str],
        on_written: Callable[[str, str], None],
        on_blob: Callable[[BlobVersion], None],
    ) -> None:
        self._accounts = accounts
        self._encoding_of = encoding_of
        self._on_written = on_written
        self._on_blob = on_blob
        self.handlers: dict[str, Handler] = {"read": self._read, "write": self._write}

    async def _read(self, message: Message) -> Message:
        from funcapp.host.bindings import blob

        return await blob.read(self._accounts, message.params)

    async def _write(self, message: Message) -> None:
        """Blobs before queue messages, since a message may speak of a blob."""
        from funcapp.host.bindings import blob, queue

        writes: list[tuple[Mapping[str, Any], list[Content]]] = []
        start = 0
        for target in message.params["writes"]:
            writes.append((target, list(message.parts[start : start + target["count"]])))
            start += target["count"]
        written = await asyncio.gather(
            *(blob.write(self._accounts, target, parts) for target, parts in writes if target["type"] == "blob")
        )
        for version in written:
            self._on_blob(version)
        for target, parts in writes:
            if target["type"] == "queue":
                await queue.write(
                    self._accounts, target, [whole(part) for part in parts], self._encoding_of(target["function"])
                )
                self._on_written(target["connection"], target["queue"])
