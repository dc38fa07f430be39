"""A lock that one pod at a time holds: a lease on a blob of the AzureWebJobsStorage account.

https://learn.microsoft.com/rest/api/storageservices/lease-blob
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob.aio import BlobClient, BlobLeaseClient

from funcapp.host.storage import StorageAccounts, brief
from funcapp.host.triggers.backoff import Backoff

LEASE_SECONDS = 15
"""The shortest that storage grants: a pod that is killed keeps the others waiting for no longer."""

_LONGEST_WAIT = 5.0
_LONGEST_RELEASE = 5.0
_log = logging.getLogger("funcapp.singleton")

# Each call answers soon or fails: whether there is time for another one is decided here.
_ONE_TRY: Any = {"retry_total": 0, "connection_timeout": 3, "read_timeout": 5}


class Singleton:
    """The lock `name` of the app with this host id: a lease on `azure-webjobs-hosts/locks/{hostId}/{name}`.

    Upstream locks the blob of the same name, so that of two hosts with one host id only one holds it, whoever runs it.
    """

    def __init__(
        self, accounts: StorageAccounts, host_id: str, name: str, *, lease_seconds: int = LEASE_SECONDS
    ) -> None:
        """`lease_seconds`: 15 to 60."""
        self._accounts = accounts
        self._path = f"locks/{host_id}/{name}"
        self._seconds = lease_seconds
        self._warned = False

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[asyncio.Event]:
        """Waits until this pod holds the lock, however long it takes, and releases it at the end.

        The event is set once the lock is lost: it was taken away, or could not be renewed until its time was over.
        Then another pod may hold it, and what only one may do must stop.
        """
        lease, until = await self._acquire()
        lost = asyncio.Event()
        renewing = asyncio.create_task(self._renew(lease, until, lost))
        try:
            yield lost
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})
            if not lost.is_set():
                with contextlib.suppress(AzureError, asyncio.TimeoutError):
                    await asyncio.wait_for(lease.release(**_ONE_TRY), _LONGEST_RELEASE)

    async def _acquire(self) -> tuple[BlobLeaseClient, float]:
        """The lease, and the moment of the monotonic clock until which it is sure to last."""
        backoff = Backoff(_LONGEST_WAIT)
        while True:
            try:
                blob = self._accounts.hosts_container().get_blob_client(self._path)
                lease = BlobLeaseClient(blob, str(uuid.uuid4()))
                until = time.monotonic() + self._seconds
                await self._acquire_or_create(blob, lease)
            except Exception as error:
                if _error_code(error) == "LeaseAlreadyPresent":
                    self._recovered()
                else:
                    # Whatever it is, a setting or the network: it may pass.
                    self._warn("the lock %s cannot be taken: %s", self._path, brief(error))
                await asyncio.sleep(backoff.next())
            else:
                self._recovered()
                return lease, until

    async def _acquire_or_create(self, blob: BlobClient, lease: BlobLeaseClient) -> None:
        try:
            await lease.acquire(self._seconds, **_ONE_TRY)
        except ResourceNotFoundError as error:
            if _error_code(error) == "ContainerNotFound":
                with contextlib.suppress(ResourceExistsError):
                    await self._accounts.hosts_container().create_container(**_ONE_TRY)
            with contextlib.suppress(ResourceExistsError):
                await blob.upload_blob(b"", overwrite=False, **_ONE_TRY)
            await lease.acquire(self._seconds, **_ONE_TRY)

    async def _renew(self, lease: BlobLeaseClient, until: float, lost: asyncio.Event) -> None:
        wait = self._seconds / 2
        while True:
            await asyncio.sleep(min(wait, max(0.0, until - time.monotonic())))
            began = time.monotonic()
            if began >= until:
                break
            try:
                await asyncio.wait_for(lease.renew(**_ONE_TRY), until - began)
            except Exception as error:
                if isinstance(error, HttpResponseError) and error.status_code in (404, 409, 412):
                    _log.warning("the lock %s was taken away: %s", self._path, brief(error))
                    break
                self._warn("the lock %s was not renewed: %s", self._path, brief(error))
                wait = 1.0
            else:
                until, wait = began + self._seconds, self._seconds / 2
                self._recovered()
        lost.set()

    def _warn(self, message: str, *arguments: object) -> None:
        """Once, until it works again."""
        if not self._warned:
            _log.warning(message, *arguments)
        self._warned = True

    def _recovered(self) -> None:
        self._warned = False


def _error_code(error: Exception) -> str:
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")
