"""Reads and writes blobs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob.aio import BlobClient, StorageStreamDownloader

from funcapp.content import INLINE_LIMIT, Content, NoRoom, Spool, length, reader
from funcapp.host.storage import StorageAccounts, create_when_missing
from funcapp.link import Message

_PARALLEL = 2
"""Blocks of one blob that are sent at a time."""


_TRIES = 3
"""To read a large blob that is overwritten all the time."""


class BlobVersion(NamedTuple):
    """`connection` is the setting of the account, `blob_type` for example BlockBlob."""

    connection: str
    container: str
    blob: str
    etag: str
    blob_type: str


async def read(accounts: StorageAccounts, target: Mapping[str, Any]) -> Message:
    """Without a part where the blob or its container does not exist."""
    client = accounts.blobs(target["connection"]).get_blob_client(target["container"], target["blob"])
    try:
        content = await download(client)
    except ResourceNotFoundError:
        return Message({})
    name = f"{target['container']}/{target['blob']}"
    return Message({"name": name, "uri": address(client), "length": length(content)}, [content])


async def download(client: BlobClient) -> Content:
    """All of one version of a blob. Raises ResourceNotFoundError, and what `take` raises."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(ResourceModifiedError):
            return await take(await client.download_blob())
    return await take(await client.download_blob())


async def take(opened: StorageStreamDownloader[bytes]) -> Content:
    """What is behind an answer: small content with no more requests.

    Raises NoRoom, and ResourceModifiedError or ResourceNotFoundError for a blob that is not the same any more.
    """
    if opened.size <= INLINE_LIMIT:
        return await opened.readall()
    with Spool() as spool:
        try:
            async for piece in opened.chunks():
                await asyncio.to_thread(spool.write, piece)
        except NoRoom as error:
            raise NoRoom(f"the blob {opened.container}/{opened.name} of {opened.size} bytes: {error}") from None
        return spool.content()


async def write(accounts: StorageAccounts, target: Mapping[str, Any], parts: Sequence[Content]) -> BlobVersion:
    """Replaces the blob; makes its container."""
    container = accounts.blobs(target["connection"]).get_container_client(target["container"])
    client = container.get_blob_client(target["blob"])
    (content,) = parts

    async def upload() -> dict[str, Any]:
        with reader(content) as stream:
            return await client.upload_blob(stream, length=length(content), overwrite=True, max_concurrency=_PARALLEL)

    written = await create_when_missing(upload, container.create_container)
    return BlobVersion(target["connection"], target["container"], target["blob"], written["etag"], "BlockBlob")


def address(client: BlobClient) -> str:
    """Without a signature."""
    return client.url.partition("?")[0]
