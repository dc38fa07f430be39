"""What a receiver does where storage fails at the worst moment, against a real queue service."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient
from support.azurite import Azurite
from support.waiting import eventually

from funcapp.host.storage import API_VERSION
from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers import receiver
from funcapp.host.triggers.base import Outcome
from funcapp.host.triggers.lease import LeaseTimes
from funcapp.host.triggers.queue_messages import QueueMessages
from funcapp.host.triggers.receiver import QueueReceiver, ReceiveOptions
from funcapp.log import Origin


class Scene:
    """A receiver whose function ends with `outcome`; `deletes` counts tries to delete, of which so many fail."""

    outcome: Outcome = "failed"

    def __init__(self, queue: QueueClient, poison: QueueClient, monkeypatch: pytest.MonkeyPatch) -> None:
        self.queue, self.poison = queue, poison
        self.runs = self.deletes = self.failing = 0
        self.telemetry = Telemetry()
        options = ReceiveOptions(
            batch_size=1, new_batch_threshold=0, max_dequeue_count=1, visibility_timeout=0, max_polling_interval=0.1
        )
        times = LeaseTimes(length=1, renew_after=0.3, retry_after=0.1)
        self._receiver = QueueReceiver("work", lambda: self.queue, options, self, self.telemetry, times)
        delete = QueueMessages.delete

        async def delete_or_fail(messages: QueueMessages, identity: str, receipt: str) -> None:
            self.deletes += 1
            if self.deletes <= self.failing:
                raise HttpResponseError("503")
            await delete(messages, identity, receipt)

        monkeypatch.setattr(QueueMessages, "delete", delete_or_fail)

    def function_of(self, message: QueueMessage) -> str:
        return "work"

    async def work_on(self, message: QueueMessage, count: int, origin: Origin) -> Outcome:
        self.runs += 1
        return self.outcome

    def poison_queue(self, message: QueueMessage) -> QueueClient | None:
        return self.poison

    async def receive_until_deleted(self) -> None:
        running = asyncio.create_task(self._receiver.run())
        await eventually(lambda: self.deletes > self.failing, "the message is deleted", 20)
        self._receiver.stop()
        await running
        await self._receiver.finish()

    async def texts(self, queue: QueueClient) -> list[str]:
        return [message.content async for message in queue.receive_messages(messages_per_page=32)]


@pytest.fixture
async def scene(azurite: Azurite, unique: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(receiver, "_SETTLE_AGAIN_AFTER", (0.05, 0.05))

    def client(name: str) -> QueueClient:
        return QueueClient.from_connection_string(
            azurite.connection_string, name, retry_total=0, api_version=API_VERSION
        )

    async with client(unique) as queue, client(f"{unique}-poison") as poison:
        await queue.create_queue()
        await queue.send_message("x")
        yield Scene(queue, poison, monkeypatch)


@pytest.mark.parametrize("failing", [2, 4])
async def test_a_poison_message_that_cannot_be_deleted_is_not_copied_again(scene: Scene, failing: int) -> None:
    """It is copied neither while it is settled nor when it comes again because that did not succeed."""
    scene.failing = failing
    await scene.receive_until_deleted()
    assert await scene.texts(scene.poison) == ["x"]
    assert await scene.texts(scene.queue) == []
    assert scene.runs == 1


async def test_a_poison_message_that_another_pod_copied_is_there_twice_and_not_lost(scene: Scene) -> None:
    """The other pod's copy is not known here, as upstream."""
    await scene.poison.create_queue()
    await scene.poison.send_message("x")
    await scene.receive_until_deleted()
    assert await scene.texts(scene.poison) == ["x", "x"]


async def test_a_message_that_is_sent_anew_is_sent_once(scene: Scene) -> None:
    """It was received as often as it may be and did not run, so that it starts again with a count of one."""
    scene.failing, scene.outcome = 2, "notStarted"
    await scene.receive_until_deleted()
    assert await scene.texts(scene.queue) == ["x"]


async def test_a_message_whose_function_cannot_be_told_comes_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease is not renewed for ever: then nobody would have it."""
    answers = [RecursionError("too deep")]

    def function_of(message: QueueMessage) -> str:
        if answers:
            raise answers.pop()
        return "work"

    monkeypatch.setattr(scene, "function_of", function_of)
    await scene.receive_until_deleted()
    assert await scene.texts(scene.poison) == ["x"]
    assert ("work", "unsettled") in scene.telemetry.queue_messages.values


async def test_what_a_poll_brings_that_was_under_way_at_the_end_is_handed_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service has given the messages away, so somebody has to give them back."""
    receive, given, may_arrive = QueueMessages.receive, asyncio.Event(), asyncio.Event()

    async def slowly(messages: QueueMessages, count: int, lease_seconds: int) -> list[QueueMessage]:
        found = await receive(messages, count, lease_seconds)
        given.set()
        await may_arrive.wait()
        return found

    monkeypatch.setattr(QueueMessages, "receive", slowly)
    scene.outcome = "notStarted"
    running = asyncio.create_task(scene._receiver.run())
    await asyncio.wait_for(given.wait(), 20)
    scene._receiver.stop()
    may_arrive.set()
    await running
    await scene._receiver.finish()
    assert await scene.texts(scene.queue) == ["x"]
    assert scene.runs == 1
