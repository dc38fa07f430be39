"""What a blob-triggered function and its expressions are told of the blob."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import BlobClient

from funcapp.host.bindings.blob import address
from funcapp.host.triggers.blob_message import BlobEvent


def trigger_metadata(found: BlobProperties, client: BlobClient, event: BlobEvent, count: int) -> dict[str, Any]:
    """As upstream: `BlobTrigger`, `Uri`, `Properties` with the names of .NET, `Metadata`."""
    settings = found.content_settings
    properties = {
        "LastModified": _iso(found.last_modified),
        "CreatedOn": _iso(found.creation_time),
        "ContentLength": found.size,
        "ContentType": settings.content_type,
        "ContentEncoding": settings.content_encoding,
        "ContentLanguage": settings.content_language,
        "ContentDisposition": settings.content_disposition,
        "CacheControl": settings.cache_control,
        "ETag": event.etag,
        "BlobType": event.blob_type,
    }
    return {
        "BlobTrigger": f"{event.container}/{event.blob}",
        "Uri": address(client),
        "Properties": {name: value for name, value in properties.items() if value is not None},
        "Metadata": dict(found.metadata or {}),
        "DequeueCount": count,
    }


def binding_data(metadata: Mapping[str, Any], captures: Mapping[str, str]) -> dict[str, Any]:
    """What expressions can name: the captures, and the metadata that no capture is named like."""
    taken = {name.lower() for name in captures}
    return {**{name: value for name, value in metadata.items() if name.lower() not in taken}, **captures}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
