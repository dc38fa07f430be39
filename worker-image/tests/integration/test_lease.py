"""The lease of a queue message, in seconds instead of minutes, against a real queue service."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from azure.storage.queue.aio import QueueClient
from support.azurite import Azurite

from funcapp.host.storage import API_VERSION
from funcapp.host.triggers.lease import LeasedMessage, LeaseTimes
from funcapp.host.triggers.queue_messages import QueueMessages

TIMES = LeaseTimes(length=2, renew_after=0.8, retry_after=0.1)


@pytest.fixture
async def messages(azurite: Azurite, unique: str) -> AsyncIterator[QueueMessages]:
    async with QueueClient.from_connection_string(
        azurite.connection_string, unique, retry_total=0, api_version=API_VERSION
    ) as client:
        await client.create_queue()
        opened = QueueMessages(client, API_VERSION)
        yield opened
        await opened.close()


async def _lease(messages: QueueMessages) -> LeasedMessage:
    queue = messages.client
    await queue.send_message("x")
    message = await queue.receive_message(visibility_timeout=TIMES.length)
    assert message is not None
    return LeasedMessage(messages, message, TIMES)


async def test_a_message_stays_hidden_as_long_as_it_is_worked_on_and_is_then_deleted(messages: QueueMessages) -> None:
    queue, lease = messages.client, await _lease(messages)
    for _ in range(7):
        await asyncio.sleep(0.5)
        assert await queue.receive_message() is None
    await lease.delete()
    assert not lease.lost
    assert (await queue.get_queue_properties()).approximate_message_count == 0


async def test_a_message_that_was_taken_over_is_never_deleted(messages: QueueMessages) -> None:
    queue, lease = messages.client, await _lease(messages)
    stolen = await queue.update_message(lease.message, visibility_timeout=600)
    while not lease.lost:
        await asyncio.sleep(0.05)
    await lease.delete()
    await lease.make_visible(0)
    assert (await queue.get_queue_properties()).approximate_message_count == 1
    await queue.delete_message(stolen)


async def test_a_message_that_is_taken_over_just_before_it_is_settled_is_not_deleted_either(
    messages: QueueMessages,
) -> None:
    queue, lease = messages.client, await _lease(messages)
    await queue.update_message(lease.message, visibility_timeout=600)
    await lease.delete()
    assert lease.lost
    assert (await queue.get_queue_properties()).approximate_message_count == 1


@pytest.mark.parametrize("error", [ServiceRequestError("no connection"), HttpResponseError("403, the key is rotated")])
async def test_after_an_error_the_lease_is_renewed_sooner_and_settling_can_be_tried_again(
    messages: QueueMessages, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    queue, lease = messages.client, await _lease(messages)
    tries: list[float] = []
    loop = asyncio.get_running_loop()

    async def fails(*_: object, **__: object) -> None:
        tries.append(loop.time())
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(queue, "update_message", fails)
        patched.setattr(messages, "delete", fails)
        while len(tries) < 3:
            await asyncio.sleep(0.02)
        with pytest.raises(type(error)):
            await lease.delete()
    assert tries[2] - tries[1] < 0.5
    await asyncio.sleep(TIMES.length)
    assert await queue.receive_message() is None
    await lease.delete()
    assert (await queue.get_queue_properties()).approximate_message_count == 0
