"""Finds new and changed blobs by listing containers, on one pod of the app at a time.

A sweep lists a whole container, over several scans if it is large. What was modified since the sweep before began is
notified; receipts see to it that this happens once. The moment up to which everything is notified is kept where
upstream keeps it: `azure-webjobs-hosts/blobscaninfo/{hostId}/{account}/{container}/scanInfo`. Unlike upstream no
storage logs are read: they are slow, best effort, and need a permission that this does not.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import ContainerClient

from funcapp.host.bindings.blob import BlobVersion
from funcapp.host.singleton import Singleton
from funcapp.host.storage import StorageAccounts, brief, create_when_missing
from funcapp.host.triggers.blob_notifier import BlobNotifier
from funcapp.host.triggers.blob_receipts import server_time

LOCK = "WebJobs.Internal.Blobs.Listener"
"""Upstream's name for it."""

BLOBS_PER_SCAN = 10_000
"""Listed in one scan of all containers."""

_PAGE = 500
"""Blobs of one request. The service gives up to 5,000, which keep the event loop busy for long."""

_PARALLEL = 16
_OVERLAP = timedelta(seconds=60)
"""Times of modification are whole seconds, of a clock that may differ from the one that answered the listing."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")
_log = logging.getLogger("funcapp.blob")


@dataclass
class _Watched:
    """One container. `since` None: nothing is known to be notified."""

    connection: str
    container: str
    since: datetime | None = None
    loaded: bool = False
    token: str | None = None
    began: datetime | None = None
    """When the sweep that is under way began."""
    found: bool = False
    """Whether it found something."""
    missing: bool = False
    waiting: dict[BlobVersion, datetime] = field(default_factory=dict)
    """What could not be notified yet, with the time of its modification."""
    swept: bool = False
    """Whether a sweep has ended since all containers were through."""
    sent: bool = False
    """Whether there was something to send since then."""


class Scan(NamedTuple):
    """A whole scan: a sweep of each container. `clear`: nothing was found, and nothing waits to be notified."""

    ended: datetime
    clear: bool


class BlobScanner:
    """`containers` are pairs of a connection's setting and a container's name."""

    def __init__(
        self,
        containers: Iterable[tuple[str, str]],
        accounts: StorageAccounts,
        host_id: str,
        notifier: BlobNotifier,
        seconds: float,
    ) -> None:
        self._containers = sorted(set(containers))
        self._accounts = accounts
        self._host_id = host_id
        self._notifier = notifier
        self._seconds = seconds
        self._stopping = asyncio.Event()
        self._scanning = False
        self.last: Scan | None = None
        """The whole scan that this pod ended last, by its own clock."""

    async def run(self) -> None:
        """Waits for the lock, scans while it is held, until `stop`."""
        singleton = Singleton(self._accounts, self._host_id, LOCK)
        while not self._stopping.is_set():
            async with singleton.held() as lost:
                self._scanning = True
                await self._scan_until(lost)
            self._scanning = False

    def stop(self) -> None:
        """Looks no further, and lets another pod scan."""
        self._stopping.set()

    async def end(self, running: asyncio.Task[None]) -> None:
        """Ends `run`; what it is about to notify is notified."""
        self._stopping.set()
        if self._scanning:
            await asyncio.wait({running}, timeout=5.0)
        running.cancel()
        await asyncio.wait({running})

    async def _scan_until(self, lost: asyncio.Event) -> None:
        watched = [_Watched(connection, container) for connection, container in self._containers]
        while not self._stopping.is_set() and not lost.is_set():
            await asyncio.gather(*(self._scan(one, BLOBS_PER_SCAN // len(watched) or 1, lost) for one in watched))
            self._note_whole(watched)
            ends = [asyncio.create_task(event.wait()) for event in (self._stopping, lost)]
            await asyncio.wait(ends, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()

    def _note_whole(self, watched: list[_Watched]) -> None:
        if all(one.swept for one in watched):
            clear = not any(one.sent or one.waiting for one in watched)
            self.last = Scan(datetime.now(timezone.utc), clear)
            for one in watched:
                one.swept = one.sent = False

    async def _scan(self, watched: _Watched, budget: int, lost: asyncio.Event) -> None:
        name = watched.container
        sent = self._notifier.sent
        try:
            container = self._accounts.blobs(watched.connection).get_container_client(name)
            if not watched.loaded:
                watched.since = await self._load(container)
                watched.loaded = True
            await self._notify(watched, dict(watched.waiting))
            while budget > 0 and not self._stopping.is_set() and not lost.is_set():
                budget -= await self._take_page(watched, container, min(budget, _PAGE))
                if watched.token is None:
                    await self._end_sweep(watched, container)
                    watched.swept = True
                    break
        except ResourceNotFoundError:
            if not watched.missing:
                _log.info("the container %s is not there yet", name)
            watched.missing = watched.swept = True
            watched.token = None
        except Exception as error:
            # Whatever it is, it may pass: the next scan tries again. A token may have been what was wrong.
            _log.warning("the container %s cannot be scanned: %s", name, brief(error))
            watched.token = None
        else:
            watched.missing = False
        watched.sent = watched.sent or self._notifier.sent != sent

    async def _take_page(self, watched: _Watched, container: ContainerClient, size: int) -> int:
        dates: list[str] = []
        pages: Any = container.list_blobs(
            results_per_page=size,
            raw_response_hook=lambda response: dates.append(response.http_response.headers.get("Date", "")),
        ).by_page(watched.token)
        blobs: list[BlobProperties] = []
        async for page in pages:
            blobs = [blob async for blob in page]
            break
        if watched.token is None:
            watched.began = server_time(dates)
            watched.found = False
        new = {
            BlobVersion(watched.connection, watched.container, blob.name, str(blob.etag), blob.blob_type.value): (
                blob.last_modified
            )
            for blob in blobs
            if watched.since is None or blob.last_modified >= watched.since - _OVERLAP
        }
        watched.found = watched.found or bool(new)
        await self._notify(watched, new)
        watched.token = pages.continuation_token or None
        return max(len(blobs), 1)

    async def _notify(self, watched: _Watched, versions: dict[BlobVersion, datetime]) -> None:
        gate = asyncio.Semaphore(_PARALLEL)

        async def one(version: BlobVersion) -> None:
            async with gate:
                if await self._notifier.notify(version):
                    watched.waiting.pop(version, None)
                else:
                    watched.waiting[version] = versions[version]

        await asyncio.gather(*map(one, versions))

    async def _end_sweep(self, watched: _Watched, container: ContainerClient) -> None:
        assert watched.began is not None
        watched.since = min(watched.began, *watched.waiting.values()) if watched.waiting else watched.began
        if watched.found:
            # Else what is stored is older, and as good: there was nothing between.
            await self._store(container, watched.since)

    async def _load(self, container: ContainerClient) -> datetime | None:
        info = self._accounts.hosts_container().get_blob_client(self._info_name(container))
        try:
            content = await (await info.download_blob()).readall()
        except ResourceNotFoundError:
            return None
        return read_latest_scan(content)

    async def _store(self, container: ContainerClient, moment: datetime) -> None:
        hosts = self._accounts.hosts_container()
        content = json.dumps({"LatestScan": moment.astimezone(timezone.utc).isoformat()})

        async def store() -> object:
            return await hosts.upload_blob(self._info_name(container), content, overwrite=True)

        await create_when_missing(store, hosts.create_container)

    def _info_name(self, container: ContainerClient) -> str:
        return f"blobscaninfo/{self._host_id}/{container.account_name}/{container.container_name}/scanInfo"


def read_latest_scan(content: bytes) -> datetime | None:
    """None for what cannot be read: then everything is looked at, and the receipts decide."""
    try:
        text = json.loads(content)["LatestScan"]
        found = _TIME.fullmatch(text)
        if found is None:
            return None
        zone = "+00:00" if found.group(2) in (None, "Z") else found.group(2)
        return datetime.fromisoformat(found.group(1) + zone)
    except (ValueError, KeyError, TypeError):
        return None
