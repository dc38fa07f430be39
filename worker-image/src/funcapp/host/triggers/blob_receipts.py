"""Receipts: blobs that say for which functions a version of a blob has been put into the internal queue.

They have upstream's names and meaning, so that an app that moves here processes nothing anew:
`azure-webjobs-hosts/blobreceipts/{hostId}/{functionId}/{etag}/{container}/{blob}`, incomplete as long as it has the
metadata `Incomplete`. Where upstream takes a lease of 30 seconds on an incomplete receipt, here its ETag decides:
whoever wrote it last may go on, and after CLAIM_SECONDS without completion somebody else may take over.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob.aio import BlobClient

from funcapp.host.storage import StorageAccounts, create_when_missing
from funcapp.host.triggers.blob_message import BlobEvent, function_id

CLAIM_SECONDS = 60.0
"""Longer than putting one message into a queue takes with all its retries."""

_INCOMPLETE = "Incomplete"
_NAME_LIMIT = 1024


@dataclass(frozen=True)
class Claim:
    """The right to put one message into the queue."""

    receipt: BlobClient
    etag: str

    async def complete(self) -> None:
        """After the message is in the queue. Somebody who took over meanwhile completes it instead."""
        with contextlib.suppress(ResourceModifiedError, ResourceNotFoundError):
            await self.receipt.set_blob_metadata({}, etag=self.etag, match_condition=MatchConditions.IfNotModified)

    async def give_up(self) -> None:
        """The message is not in the queue: anybody may try at once."""
        with contextlib.suppress(AzureError):
            await self.receipt.delete_blob(etag=self.etag, match_condition=MatchConditions.IfNotModified)


class Receipts:
    """The receipts of one app."""

    def __init__(self, accounts: StorageAccounts, host_id: str) -> None:
        self._accounts = accounts
        self._host_id = host_id

    async def claim(self, event: BlobEvent) -> Claim | Literal["complete", "busy"]:
        """`busy`: somebody else is about to put it into the queue, or was."""
        container = self._accounts.hosts_container()
        receipt = container.get_blob_client(self._name(event))

        async def create() -> Mapping[str, Any]:
            return await receipt.upload_blob(b"", overwrite=False, metadata={_INCOMPLETE: "True"})

        try:
            created = await create_when_missing(create, container.create_container)
        except ResourceExistsError:
            return await self._take_over(receipt)
        return Claim(receipt, created["etag"])

    async def _take_over(self, receipt: BlobClient) -> Claim | Literal["complete", "busy"]:
        dates: list[str] = []
        try:
            found = await receipt.get_blob_properties(
                raw_response_hook=lambda response: dates.append(response.http_response.headers.get("Date", ""))
            )
            if _INCOMPLETE.lower() not in {name.lower() for name in found.metadata}:
                return "complete"
            if (server_time(dates) - found.last_modified).total_seconds() < CLAIM_SECONDS:
                return "busy"
            claimed = await receipt.set_blob_metadata(
                {_INCOMPLETE: "True"}, etag=found.etag, match_condition=MatchConditions.IfNotModified
            )
        except (ResourceModifiedError, ResourceNotFoundError):
            return "busy"
        return Claim(receipt, str(claimed["etag"]))

    def _name(self, event: BlobEvent) -> str:
        folder = f"blobreceipts/{self._host_id}/{function_id(event.function)}/{event.etag}/{event.container}/"
        if len(folder) + len(event.blob) <= _NAME_LIMIT:
            return folder + event.blob
        # Upstream cannot remember a blob with a name as long as this.
        return folder + hashlib.sha256(event.blob.encode()).hexdigest()


def server_time(dates: list[str]) -> datetime:
    """The first `Date` header of some responses; this machine's time where the server gives none."""
    for date in dates:
        with contextlib.suppress(TypeError, ValueError):
            return parsedate_to_datetime(date)
    return datetime.now(timezone.utc)
