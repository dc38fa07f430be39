"""Nothing is lost: while function processes are killed, and while a pod is replaced under load."""

import asyncio
import base64
import faulthandler
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient
from support.apps import AppFolder, queue_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]

RECORD = """
import os
import {module}

output = os.open(os.environ["DONE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

{definition} main(msg: str) -> None:
    {wait}
    os.write(output, msg.encode() + b"\\n")
"""


async def _send(connection: str, queue: str, texts: list[str]) -> None:
    async with QueueClient.from_connection_string(connection, queue) as client:
        waiting = iter(texts)

        async def sender() -> None:
            for text in waiting:
                await client.send_message(base64.b64encode(text.encode()).decode())

        await asyncio.gather(*(sender() for _ in range(16)))


def _poison(azurite: Azurite, queue: str) -> int:
    try:
        properties = azurite.queues.get_queue_client(f"{queue}-poison").get_queue_properties()
    except ResourceNotFoundError:
        return 0
    return int(properties.approximate_message_count or 0)


def test_ten_thousand_messages_while_a_process_is_killed_every_five_seconds(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, tmp_path: Path
) -> None:
    faulthandler.cancel_dump_traceback_later()  # on a busy machine it takes longer than any other test may
    queue = azurite.queues.get_queue_client(unique)
    queue.create_queue()
    done = tmp_path / "done"
    done.touch()
    app.host(extensions={"queues": {"maxDequeueCount": 100, "batchSize": 32, "newBatchThreshold": 16}})
    app.function(
        "work",
        RECORD.format(module="asyncio", definition="async def", wait="await asyncio.sleep(0.05)"),
        queue_trigger(unique),
    )
    texts = [f"message-{number}" for number in range(10_000)]
    sending = threading.Thread(target=lambda: asyncio.run(_send(azurite.connection_string, unique, texts)))
    sending.start()
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="2", DONE=str(done)).wait_ready()
    kills, next_kill = 0, time.monotonic() + 5

    def all_done() -> bool:
        nonlocal kills, next_kill
        if time.monotonic() >= next_kill:
            os.kill(worker.function_processes()[kills % 2], signal.SIGKILL)
            kills, next_kill = kills + 1, time.monotonic() + 5
        time.sleep(0.2)
        return len(set(done.read_text().split())) >= len(texts)

    wait_for(all_done, "every message is worked on", 420)
    sending.join()
    counts = Counter(done.read_text().split())
    wait_for(lambda: queue.get_queue_properties().approximate_message_count == 0, "every message is deleted", 60)
    assert set(counts) == set(texts)
    assert kills >= 2
    # At each kill no more than the pod's limit was in work.
    assert sum(counts.values()) - len(texts) <= kills * 48
    assert _poison(azurite, unique) == 0


def test_a_pod_that_is_replaced_under_load_does_every_message_once(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, tmp_path: Path
) -> None:
    queue = azurite.queues.get_queue_client(unique)
    queue.create_queue()
    done = tmp_path / "done"
    done.touch()
    app.function("work", RECORD.format(module="time", definition="def", wait="time.sleep(0.2)"), queue_trigger(unique))
    texts = [f"message-{number}" for number in range(300)]
    asyncio.run(_send(azurite.connection_string, unique, texts))
    for _ in range(3):
        before = len(done.read_text().split())
        worker = launch(DONE=str(done), PYTHON_THREADPOOL_THREAD_COUNT="4").wait_ready()
        wait_for(lambda before=before: len(done.read_text().split()) >= before + 20, "messages are worked on", 60)
        worker.terminate()
        assert worker.wait_ended() == 0
    launch(DONE=str(done)).wait_ready()
    wait_for(lambda: len(done.read_text().split()) >= len(texts), "every message is worked on", 90)
    assert Counter(done.read_text().split()) == Counter(texts)
    assert _poison(azurite, unique) == 0
