"""Writes queue messages."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from funcapp.host.storage import StorageAccounts, create_when_missing

MAX_MESSAGE = 64 * 1024
"""Bytes of a message as it is stored, so after base64.

https://learn.microsoft.com/rest/api/storageservices/put-message
"""

_WEEK = 7 * 86_400


class MessageTooLarge(ValueError):
    """The service would refuse the message."""


def encode(body: bytes, encoding: str) -> str:
    """The text to store. Raises ValueError when it cannot be stored."""
    text = base64.b64encode(body).decode() if encoding == "base64" else body.decode()
    size = len(text.encode())
    if size > MAX_MESSAGE:
        raise MessageTooLarge(
            f"a queue message of {len(body)} bytes takes {size} as {encoding}, and the limit is {MAX_MESSAGE}:"
            " put the content in a blob and its name in the message"
        )
    return text


async def write(accounts: StorageAccounts, target: Mapping[str, Any], parts: Sequence[bytes], encoding: str) -> None:
    """Sends one message for each part, in order; makes the queue."""
    try:
        texts = [encode(part, encoding) for part in parts]
    except ValueError as error:
        raise ValueError(f"binding {target['name']!r} (queue {target['queue']!r}): {error}") from None
    queue = accounts.queues(target["connection"]).get_queue_client(target["queue"])
    for text in texts:

        async def send(text: str = text) -> object:
            return await queue.send_message(text, time_to_live=_WEEK)

        await create_when_missing(send, queue.create_queue)
