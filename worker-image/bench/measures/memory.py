"""memory, memory-queue: proportional set size of all processes of an idle pod."""

from __future__ import annotations

import time

from bench.context import HERE, Context
from bench.results import OURS, Entry, Samples
from bench.storage import running_azurite

_SETTLE_SECONDS = 2.0


def measure(context: Context) -> list[Entry]:
    samples = Samples()
    with running_azurite() as azurite:
        azurite.queues.create_queue("idle")
        for number in range(1, context.repetitions + 1):
            for name, app, settings in (
                ("memory", "hello", {}),
                ("memory-queue", "queue", {"AzureWebJobsStorage": azurite.connection_string, "BENCH_QUEUE": "idle"}),
            ):
                ours = context.start_ours(HERE / "apps" / app, **settings)
                with ours.server:
                    ours.wait_ready()
                    time.sleep(_SETTLE_SECONDS)
                    samples.add(name, OURS, ours.server.memory_mib())
                context.say(f"{name} {number}: {samples.last(name, OURS):.1f} MiB")
    return [samples.entry("memory", "MiB"), samples.entry("memory-queue", "MiB")]
