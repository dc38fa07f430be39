"""Locks, as leases of a real blob service."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobClient, BlobLeaseClient
from support.azurite import Azurite

from funcapp.host.singleton import Singleton
from funcapp.host.storage import StorageAccounts

HOLDER = """
import asyncio, sys
from funcapp.host.singleton import Singleton
from funcapp.host.storage import StorageAccounts

async def main():
    async with Singleton(StorageAccounts({"AzureWebJobsStorage": sys.argv[1]}), sys.argv[2], "f").held():
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
async def accounts(azurite: Azurite) -> AsyncIterator[StorageAccounts]:
    opened = StorageAccounts({"AzureWebJobsStorage": azurite.connection_string})
    yield opened
    await opened.close()


def lock_blob(azurite: Azurite, host_id: str) -> BlobClient:
    return azurite.blobs.get_blob_client("azure-webjobs-hosts", f"locks/{host_id}/f")


async def test_one_at_a_time_and_the_next_follows_a_release(accounts: StorageAccounts, unique: str) -> None:
    holding, most, turns = 0, 0, 0

    async def take_turns() -> None:
        nonlocal holding, most, turns
        async with Singleton(accounts, unique, "f").held() as lost:
            holding += 1
            most = max(most, holding)
            await asyncio.sleep(0.1)
            assert not lost.is_set()
            holding -= 1
            turns += 1

    await asyncio.wait_for(asyncio.gather(*(take_turns() for _ in range(3))), 30)
    assert (most, turns) == (1, 3)


async def test_another_name_and_another_app_are_other_locks(accounts: StorageAccounts, unique: str) -> None:
    others = Singleton(accounts, unique, "g").held(), Singleton(accounts, f"{unique}-b", "f").held()
    async with Singleton(accounts, unique, "f").held(), others[0], others[1]:
        pass


async def test_a_lock_ends_with_its_holder_its_lease_or_its_storage(
    azurite: Azurite, accounts: StorageAccounts, unique: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "funcapp.singleton")

    async def kept() -> None:
        async with Singleton(accounts, unique, "f").held() as lost:
            await asyncio.sleep(17)
            assert not lost.is_set()
            with pytest.raises(HttpResponseError, match="LeaseAlreadyPresent"):
                BlobLeaseClient(lock_blob(azurite, unique)).acquire(15)

    async def taken_away() -> None:
        async with Singleton(accounts, f"{unique}-b", "f").held() as lost:
            blob = lock_blob(azurite, f"{unique}-b")
            BlobLeaseClient(blob).break_lease(0)
            thief = BlobLeaseClient(blob)
            thief.acquire(-1)
            await asyncio.wait_for(lost.wait(), 12)
            thief.release()

    async def killed() -> None:
        arguments = (sys.executable, "-c", HOLDER, azurite.connection_string, f"{unique}-c")
        holder = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        holder.kill()
        await holder.wait()
        async with Singleton(accounts, f"{unique}-c", "f").held():
            pass

    async def storage_away_twice() -> None:
        storage = Azurite(tmp_path)
        away = StorageAccounts({"AzureWebJobsStorage": storage.connection_string})

        async def hold() -> None:
            async with Singleton(away, f"{unique}-d", "f").held() as lost:
                storage.stop()
                await lost.wait()

        def told() -> list[str]:
            return [record.message for record in caplog.records if f"{unique}-d" in record.message]

        holding = asyncio.create_task(hold())
        await asyncio.sleep(2)
        (first,) = told()
        assert "cannot be taken" in first
        await asyncio.to_thread(storage.start)
        await holding
        assert "was not renewed" in told()[1]
        assert len(told()) == 2
        await away.close()
        storage.close()

    # Together, since leases last 15 seconds at least.
    await asyncio.wait_for(asyncio.gather(kept(), taken_away(), killed(), storage_away_twice()), 60)
