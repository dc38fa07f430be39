"""queue-azurite, queue-cpu, queue-stub: a queue emptied by a function, against a loop that a programmer would write.

Both start with a full queue. Measured is from when a tenth is gone, so that no start counts, until all is gone.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import time
from collections.abc import Callable, Iterator

from azure.storage.queue import QueueClient

from bench.context import HERE, TARGET, Context
from bench.processes import Server, free_port, get
from bench.results import OURS, Entry, Samples
from bench.storage import ACCOUNT, KEY, running_azurite

_PEER = "azure-storage-queue"
_AZURITE_MESSAGES = 2000
_STUB_MESSAGES = 8000
_SECONDS = 120.0


def measure(context: Context) -> list[Entry]:
    samples = Samples()
    with running_azurite() as azurite:
        for number in range(1, context.repetitions + 1):
            for whose in (OURS, _PEER):
                queue = azurite.queues.create_queue(f"bench-{'ours' if whose == OURS else 'peer'}-{number}")
                for message in range(_AZURITE_MESSAGES):
                    queue.send_message(f"message {message}")
                left = functools.partial(_left_in, queue)
                with _consumer(context, whose, azurite.connection_string, queue.queue_name) as server:
                    rate, cpu = _empty(server, left, _AZURITE_MESSAGES)
                _note(context, samples, ("queue-azurite", "queue-cpu"), whose, rate, cpu)
    with _running_stub() as (control, connection_string):
        for _ in range(context.repetitions):
            for whose in (OURS, _PEER):
                get(f"{control}/fill?count={_STUB_MESSAGES}")
                with _consumer(context, whose, connection_string, "bench") as server:
                    rate, cpu = _empty(server, lambda: int(get(f"{control}/left")[1]), _STUB_MESSAGES)
                _note(context, samples, ("queue-stub", "queue-stub-cpu"), whose, rate, cpu)
    return [
        samples.entry("queue-azurite", "messages/s"),
        samples.entry("queue-cpu", "ms/message"),
        samples.entry("queue-stub", "messages/s"),
        samples.entry("queue-stub-cpu", "ms/message"),
    ]


def _note(context: Context, samples: Samples, names: tuple[str, str], whose: str, rate: float, cpu: float) -> None:
    samples.add(names[0], whose, rate)
    samples.add(names[1], whose, cpu)
    context.say(f"{names[0]} {whose}: {rate:.0f} messages/s, {cpu:.2f} ms each")


def _consumer(context: Context, whose: str, connection_string: str, queue: str) -> Server:
    if whose == OURS:
        settings = {"AzureWebJobsStorage": connection_string, "BENCH_QUEUE": queue}
        return context.start_ours(HERE / "apps" / "queue", **settings).server
    command = [context.peer_python("queue-loop"), str(HERE / "peers" / "queue_loop.py"), connection_string, queue]
    return context.start("queue-loop", command)


def _empty(server: Server, left: Callable[[], int], count: int) -> tuple[float, float]:
    """Messages per second, and milliseconds of the server's processor time for each."""
    first = last = count
    began = cpu = 0.0

    def is_empty() -> bool:
        nonlocal first, last, began, cpu
        last = left()
        if not began and last <= count * 0.9:
            first, began, cpu = last, time.perf_counter(), server.cpu_seconds()
        return last == 0

    server.wait_until(is_empty, "the queue is empty", _SECONDS, step=0.01)
    seconds, cpu = time.perf_counter() - began, server.cpu_seconds() - cpu
    return first / seconds, cpu / first * 1000


def _left_in(queue: QueueClient) -> int:
    return queue.get_queue_properties().approximate_message_count or 0


@contextlib.contextmanager
def _running_stub() -> Iterator[tuple[str, str]]:
    """The address of its controls, and its connection string."""
    port = free_port()
    command = [sys.executable, str(HERE / "stub_queue.py"), str(port)]
    with Server(command, None, TARGET / "logs" / "stub-queue.log", {}) as stub:
        control = f"http://127.0.0.1:{port}/control"
        stub.wait_for_http(f"{control}/left")
        endpoint = f"QueueEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
        yield control, f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{endpoint}"
