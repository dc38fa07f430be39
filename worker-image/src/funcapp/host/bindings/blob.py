"""Reads and writes blobs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import BlobClient

from funcapp.content import INLINE_LIMIT, Content, NoRoom, Spool, length, reader
from funcapp.host.storage import StorageAccounts, create_when_missing
from funcapp.link import Message


async def read(accounts: StorageAccounts, target: Mapping[str, Any]) -> Message:
    """Without a part where the blob or its container does not exist."""
    client = accounts.blobs(target["connection"]).get_blob_client(target["container"], target["blob"])
    try:
        content, _ = await download(client)
    except ResourceNotFoundError:
        return Message({})
    name = f"{target['container']}/{target['blob']}"
    return Message({"name": name, "uri": address(client), "length": length(content)}, [content])


async def download(client: BlobClient, **conditions: Any) -> tuple[Content, BlobProperties]:
    """All of one version of a blob; small ones with one request.

    Raises ResourceNotFoundError, ResourceModifiedError where the blob is not, or no longer, what `conditions` ask
    for, and NoRoom.
    """
    found = await client.download_blob(**conditions)
    if found.size <= INLINE_LIMIT:
        return await found.readall(), found.properties
    with Spool() as spool:
        try:
            async for piece in found.chunks():
                await asyncio.to_thread(spool.write, piece)
        except NoRoom as error:
            raise NoRoom(f"the blob {found.container}/{found.name} of {found.size} bytes: {error}") from None
        return spool.content(), found.properties


async def write(accounts: StorageAccounts, target: Mapping[str, Any], parts: Sequence[Content]) -> None:
    """Replaces the blob; makes its container."""
    container = accounts.blobs(target["connection"]).get_container_client(target["container"])
    client = container.get_blob_client(target["blob"])
    (content,) = parts

    async def upload() -> None:
        with reader(content) as stream:
            await client.upload_blob(stream, length=length(content), overwrite=True)

    await create_when_missing(upload, container.create_container)


def address(client: BlobClient) -> str:
    """Without a signature."""
    return client.url.partition("?")[0]
