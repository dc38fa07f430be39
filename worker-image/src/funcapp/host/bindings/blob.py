"""Reads and writes blobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from funcapp.host.storage import StorageAccounts, create_when_missing
from funcapp.link import MAX_FRAME, Message


async def read(accounts: StorageAccounts, target: Mapping[str, Any]) -> Message:
    """Without a part where the blob or its container does not exist."""
    client = accounts.blobs(target["connection"]).get_blob_client(target["container"], target["blob"])
    name = f"{target['container']}/{target['blob']}"
    try:
        download = await client.download_blob()
        if download.size > MAX_FRAME:
            raise ValueError(f"the blob {name} has {download.size} bytes: an input may have {MAX_FRAME}")
        content = await download.readall()
    except ResourceNotFoundError:
        return Message({})
    uri = client.url.partition("?")[0]
    return Message({"name": name, "uri": uri, "length": len(content)}, [content])


async def write(accounts: StorageAccounts, target: Mapping[str, Any], parts: Sequence[bytes]) -> None:
    """Replaces the blob; makes its container."""
    container = accounts.blobs(target["connection"]).get_container_client(target["container"])
    client = container.get_blob_client(target["blob"])
    await create_when_missing(lambda: client.upload_blob(parts[0], overwrite=True), container.create_container)
