"""What listeners report of their load, with real storage."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from typing import Any

import pytest
from azure.storage.queue import QueueClient
from support.azurite import Azurite
from support.listening import surroundings
from support.waiting import eventually

from funcapp.content import Content, LazyContent
from funcapp.host.scaling import asked
from funcapp.host.triggers.base import Outcome
from funcapp.host.triggers.blob import SCAN_SETTING, BlobListener
from funcapp.host.triggers.queue import QueueListener
from funcapp.model import blob_path
from funcapp.model.bindings.blob import BlobTrigger
from funcapp.model.bindings.queue import QueueTrigger
from funcapp.model.connections import Connection

STORAGE = Connection("AzureWebJobsStorage", "ConnectionString")
SECONDS = 30.0
"""For what storage does meanwhile."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look counts, and the service may be slow: what is kept and for how long is tested elsewhere."""
    monkeypatch.setattr(asked, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(asked, "WAIT_SECONDS", 20.0)


@pytest.fixture
def queue(azurite: Azurite, unique: str) -> QueueClient:
    made = azurite.queues.get_queue_client(unique)
    made.create_queue()
    return made


@asynccontextmanager
async def queue_listener(environment: Mapping[str, str], queue: str) -> AsyncIterator[QueueListener]:
    around = surroundings(environment, "test")
    yield QueueListener("work", QueueTrigger("msg", "queueTrigger", "in", queue, STORAGE), around)
    await around.accounts.close()


async def test_the_backlog_of_a_queue(azurite: Azurite, queue: QueueClient) -> None:
    """What is scheduled, retried or in work is in the length, and does not wait for a worker."""
    async with queue_listener({"AzureWebJobsStorage": azurite.connection_string}, queue.queue_name) as listener:

        async def told(*names: str) -> list[Any]:
            report = await listener.report()
            return [report[name] for name in names]

        assert await listener.report() == {
            **{"function": "work", "queue": queue.queue_name, "length": 0, "visible": 0},
            **{"oldestMessageAgeSeconds": None, "timeToLiveSeconds": None},
            **{"working": 0, "newBatchThreshold": 8, "throughput": None},
        }
        queue.send_message("later", visibility_timeout=4, time_to_live=3600)
        assert await told("length", "visible") == [1, 0]
        while await told("visible") == [0]:
            await asyncio.sleep(0.3)
        # It was sent four seconds ago and more, and waits since it was last seen not to be there.
        age, life = await told("oldestMessageAgeSeconds", "timeToLiveSeconds")
        assert age <= 2
        assert life == 3600
        queue.receive_message(visibility_timeout=600)
        assert await told("length", "visible", "oldestMessageAgeSeconds") == [1, 0, None]
        retried = queue.send_message("retried", time_to_live=-1)
        received = queue.receive_message(visibility_timeout=1)
        assert received is not None
        assert received.id == retried.id
        queue.update_message(received, visibility_timeout=0)
        assert await told("length", "visible", "oldestMessageAgeSeconds") == [2, 0, None]
        for _ in range(40):
            queue.send_message("x", time_to_live=-1)
        # One of the first 32 was received before.
        assert await told("length", "visible", "timeToLiveSeconds") == [42, 31, None]


async def test_a_queue_that_is_not_there_is_empty_and_one_that_cannot_be_asked_is_not_known(
    azurite: Azurite, unique: str
) -> None:
    async with queue_listener({"AzureWebJobsStorage": azurite.connection_string}, unique) as listener:
        report = await listener.report()
        assert (report["length"], report["visible"], report["oldestMessageAgeSeconds"]) == (0, 0, None)
    broken = azurite.connection_string.replace(str(azurite.queue_port), "1")
    async with queue_listener({"AzureWebJobsStorage": broken}, unique) as listener:
        report = await listener.report()
        assert (report["length"], report["visible"], report["oldestMessageAgeSeconds"]) == (None, None, None)
        assert (report["working"], report["newBatchThreshold"]) == (0, 8)


class Scans:
    """Pods that scan the container `name`, and a function that ends when it may."""

    def __init__(self, azurite: Azurite, name: str) -> None:
        self.environment = {"AzureWebJobsStorage": azurite.connection_string, SCAN_SETTING: "0.1"}
        self.name = name
        self.runs = 0
        self.may_end = asyncio.Event()

    async def _run(
        self, function: str, body: Content | LazyContent, data: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> Outcome:
        self.runs += 1
        await self.may_end.wait()
        return "succeeded"

    @asynccontextmanager
    async def pod(self) -> AsyncIterator[BlobListener]:
        around = surroundings(self.environment, self.name, self._run)
        trigger = BlobTrigger("blob", "blobTrigger", "in", blob_path.parse(f"{self.name}/{{name}}"), STORAGE)
        listener = BlobListener({"seen": trigger}, frozenset({"seen"}), around)
        running = asyncio.create_task(listener.run())
        yield listener
        self.may_end.set()
        listener.stop()
        await running
        await listener.finish()
        await around.accounts.close()


async def tells(listener: BlobListener, idle: bool) -> datetime:
    """When the scan ended of which it tells so."""
    report: dict[str, Any] = {}

    async def ask() -> None:
        report.update(await listener.report())

    for _ in range(400):
        await ask()
        if report["idle"] is idle:
            return datetime.fromisoformat(report["scannedAt"])
        await asyncio.sleep(0.05)
    raise AssertionError(f"it does not tell that idle is {idle}, but {report}")


async def test_scans_are_idle_when_nothing_was_found_and_the_internal_queue_is_empty(
    azurite: Azurite, unique: str
) -> None:
    """Whoever lets the pod sleep loses no blob."""
    scans = Scans(azurite, unique)
    async with scans.pod() as listener:
        assert await listener.report() == {"scannedAt": None, "idle": None}
        # The container is not there, so there is nothing in it.
        empty = await tells(listener, True)
        assert abs((datetime.now(timezone.utc) - empty).total_seconds()) < 20
        async with scans.pod() as other:
            container = azurite.blobs.create_container(unique)
            container.upload_blob("a", b"x")
            await eventually(lambda: scans.runs, "the blob is worked on", SECONDS)
            found = await tells(listener, False)
            assert found >= empty
            for _ in range(5):
                assert (await listener.report())["idle"] is False
                await asyncio.sleep(0.1)
            # It scans nothing, since one pod is enough for that.
            assert await other.report() == {"scannedAt": None, "idle": None}
            scans.may_end.set()
            assert await tells(listener, True) > empty
        assert scans.runs == 1


async def test_a_message_that_nobody_can_work_on_keeps_the_scans_from_being_idle(azurite: Azurite, unique: str) -> None:
    scans = Scans(azurite, unique)
    internal = azurite.queues.get_queue_client(f"azure-webjobs-blobtrigger-{unique}")
    internal.create_queue()
    internal.send_message(base64.b64encode(b"hidden").decode(), visibility_timeout=600)
    async with scans.pod() as listener:
        await tells(listener, False)
        internal.clear_messages()
        await tells(listener, True)


async def test_a_container_that_cannot_be_scanned_is_not_scanned(azurite: Azurite, unique: str) -> None:
    scans = Scans(azurite, unique)
    # The lock is in the same account, so the account of the blobs has to be another one.
    scans.environment["AzureWebJobsPhotos"] = azurite.connection_string.replace(str(azurite.blob_port), "1")
    around = surroundings(scans.environment, unique, scans._run)
    photos = Connection("AzureWebJobsPhotos", "ConnectionString")
    trigger = BlobTrigger("blob", "blobTrigger", "in", blob_path.parse(f"{unique}/{{name}}"), photos)
    listener = BlobListener({"seen": trigger}, frozenset({"seen"}), around)
    running = asyncio.create_task(listener.run())
    await eventually(lambda: listener._scanner._scanning, "the lock is taken", SECONDS)
    await asyncio.sleep(1)
    assert await listener.report() == {"scannedAt": None, "idle": None}
    listener.stop()
    await running
    await listener.finish()
    await around.accounts.close()
