"""The calls that every message costs, against a real service."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import AccountSasPermissions, ResourceTypes, generate_account_sas
from azure.storage.queue.aio import QueueClient
from support.azurite import ACCOUNT, KEY, Azurite

from funcapp.host.storage import API_VERSION
from funcapp.host.triggers.queue_messages import QueueMessages

TEXT = "<&> ünïcode 1"


def by_key(azurite: Azurite, name: str) -> QueueClient:
    return QueueClient.from_connection_string(azurite.connection_string, name, retry_total=0)


def by_signature(azurite: Azurite, name: str) -> QueueClient:
    signature = generate_account_sas(
        ACCOUNT,
        KEY,
        ResourceTypes(object=True, container=True),
        AccountSasPermissions(read=True, process=True, delete=True),
        datetime.now(timezone.utc) + timedelta(hours=1),
    )
    endpoint = f"http://127.0.0.1:{azurite.queue_port}/{ACCOUNT}"
    return QueueClient(endpoint, name, credential=signature, retry_total=0)


@pytest.fixture(params=[by_key, by_signature])
async def messages(request: Any, azurite: Azurite, unique: str) -> AsyncIterator[QueueMessages]:
    open_client: Callable[[Azurite, str], QueueClient] = request.param
    async with open_client(azurite, unique) as client:
        opened = QueueMessages(client, API_VERSION)
        yield opened
        await opened.close()


async def test_receives_and_deletes_without_the_sdk(
    messages: QueueMessages, azurite: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = azurite.queues.create_queue(messages.client.queue_name)
    for _ in range(3):
        queue.send_message(TEXT)
    monkeypatch.setattr(messages.client, "receive_messages", None)
    monkeypatch.setattr(messages.client, "delete_message", None)

    first, second = await messages.receive(2, 600)
    (third,) = await messages.receive(2, 600)

    assert [message.content for message in (first, second, third)] == [TEXT] * 3
    assert first.dequeue_count == 1
    assert first.inserted_on is not None and first.expires_on is not None and first.next_visible_on is not None
    assert first.next_visible_on - first.inserted_on > timedelta(seconds=590)
    await messages.delete(str(first.id), str(first.pop_receipt))
    assert queue.get_queue_properties().approximate_message_count == 2
    assert await messages.receive(2, 600) == []


async def test_what_fails_raises_as_the_sdk_does(messages: QueueMessages, azurite: Azurite) -> None:
    with pytest.raises(ResourceNotFoundError):
        await messages.receive(1, 600)
    queue = azurite.queues.create_queue(messages.client.queue_name)
    queue.send_message(TEXT)
    (message,) = await messages.receive(1, 600)
    await messages.delete(str(message.id), str(message.pop_receipt))
    with pytest.raises(ResourceNotFoundError):
        await messages.delete(str(message.id), str(message.pop_receipt))
