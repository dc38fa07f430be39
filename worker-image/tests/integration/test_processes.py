"""Several function processes share the work."""

import asyncio
import base64
from collections import Counter
from collections.abc import Callable

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]


async def _requests(port: int, connections: int, each: int) -> Counter[str]:
    """The answers to `each` requests on each of `connections` keep-alive connections at a time."""

    async def client() -> list[str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answers = []
        for _ in range(each):
            writer.write(b"GET /api/pid HTTP/1.1\r\nhost: x\r\n\r\n")
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length: ")[2].partition("\r")[0])
            answers.append((await reader.readexactly(length)).decode())
        writer.close()
        return answers

    return Counter(
        answer for answers in await asyncio.gather(*(client() for _ in range(connections))) for answer in answers
    )


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_requests_and_messages_are_spread_evenly(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, processes: int
) -> None:
    """Each process gets within 5 points of its share of 1,024 requests on 32 connections."""
    queue = azurite.queues.get_queue_client(unique)
    queue.create_queue()
    app.function("pid", "import os\nasync def main(req): return f'process {os.getpid()}'", http_trigger(), HTTP_RETURN)
    app.function(
        "work", "import os, time\ndef main(msg):\n    time.sleep(0.05)\n    print(f'process {os.getpid()}')",
        queue_trigger(unique),
    )  # fmt: skip
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT=str(processes)).wait_ready()
    answers = asyncio.run(_requests(worker.port, 32, 32))
    assert len(answers) == processes
    for count in answers.values():
        assert abs(count / 1024 - 1 / processes) <= 0.05
    for _ in range(80):
        queue.send_message(base64.b64encode(b"x").decode())
    wait_for(lambda: len(worker.records(logger="stdout")) == 80, "every message is worked on", 40)
    shares = Counter(record["message"] for record in worker.records(logger="stdout"))
    assert set(shares) == set(answers)
    for count in shares.values():
        assert abs(count / 80 - 1 / processes) <= 0.1


def test_module_globals_last_as_long_as_their_process(app: AppFolder, launch: Launch) -> None:
    """What one invocation keeps, the next one of that process finds, and no other process."""
    app.function(
        "count",
        """
        import itertools, os
        calls = itertools.count(1)
        async def main(req): return f"{os.getpid()} {next(calls)}"
        """,
        http_trigger(route="pid"),
        HTTP_RETURN,
    )
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="2").wait_ready()
    counted: dict[str, list[int]] = {}
    for answer in asyncio.run(_requests(worker.port, 4, 10)):
        pid, number = answer.split()
        counted.setdefault(pid, []).append(int(number))
    assert len(counted) == 2
    for numbers in counted.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_batch_limits_are_those_of_the_pod(app: AppFolder, launch: Launch, azurite: Azurite, unique: str) -> None:
    queue = azurite.queues.get_queue_client(unique)
    queue.create_queue()
    for number in range(12):
        # One of each batch goes on while the next batch is worked on.
        queue.send_message(base64.b64encode(b"0.1" if number % 3 else b"1.5").decode())
    app.host(extensions={"queues": {"batchSize": 3, "newBatchThreshold": 1}})
    app.function(
        "work",
        """
        import asyncio
        async def main(msg):
            print("began")
            await asyncio.sleep(float(msg.get_body()))
            print("ended")
        """,
        queue_trigger(unique),
    )
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="3").wait_ready()
    wait_for(lambda: len(worker.records(message="ended")) == 12, "every message is worked on")
    running = most = 0
    for record in worker.records(logger="stdout"):
        running += 1 if record["message"] == "began" else -1
        most = max(most, running)
    assert most == 4
