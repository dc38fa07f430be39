"""Retry policies: the process runs a failed invocation again by itself."""

import base64
import threading
from collections.abc import Callable

from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]

FIXED = {"strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "00:00:00.1"}
EXPONENTIAL = {
    "strategy": "exponentialBackoff",
    "maxRetryCount": -1,
    "minimumInterval": "00:00:00.05",
    "maximumInterval": "00:00:00.2",
}


def test_retries_and_their_context_until_success_and_until_the_last(app: AppFolder, launch: Launch) -> None:
    app.function(
        "patient",
        """
        import azure.functions as func

        def main(req, context: func.Context) -> str:
            retry = context.retry_context
            if retry.retry_count < 4:
                assert bool(retry.exception) == (retry.retry_count > 0)
                raise ValueError(f"attempt {retry.retry_count}")
            return f"{retry.retry_count} {retry.max_retry_count} {retry.exception.message} {context.invocation_id}"
        """,
        http_trigger(),
        HTTP_RETURN,
        retry=EXPONENTIAL,
    )
    app.function(
        "hopeless",
        "async def main(req, context):\n    raise ValueError(f'no {context.retry_context.retry_count}')",
        http_trigger(),
        HTTP_RETURN,
        retry=FIXED,
    )
    worker = launch().wait_ready()
    *answer, identity = worker.get("/api/patient").text.split()
    assert answer == ["4", "-1", "ValueError:", "attempt", "3"]
    failures = worker.records(function="patient", invocationId=identity, level="ERROR")
    assert [record["message"] for record in failures] == [f"Exception: ValueError: attempt {n}" for n in range(4)]
    assert worker.get("/api/hopeless").status == 500
    wait_for(lambda: len(worker.records(function="hopeless", level="ERROR")) == 3, "every attempt is told")

    def retries(function: str) -> float:
        return worker.metrics()[f'funcapp_retries_total{{function="{function}",trigger="httpTrigger"}}']

    wait_for(lambda: (retries("patient"), retries("hopeless")) == (4, 2), "retries are counted")
    failed = worker.metrics()['funcapp_invocations_total{function="hopeless",outcome="failed",trigger="httpTrigger"}']
    assert failed == 3


def test_waiting_for_a_retry_ends_at_a_drain_and_the_message_is_handed_back(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str
) -> None:
    queue = azurite.queues.get_queue_client(unique)
    queue.create_queue()
    hour = {"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "01:00:00"}
    app.host(extensions={"queues": {"visibilityTimeout": "01:00:00"}})
    app.function("later", "def main(msg): raise ValueError('no')", queue_trigger(unique), retry=hour)
    app.function("http", "def main(req): raise ValueError('no')", http_trigger(), HTTP_RETURN, retry=hour)
    queue.send_message(base64.b64encode(b"x").decode())
    worker = launch().wait_ready()
    statuses: list[int] = []
    client = threading.Thread(target=lambda: statuses.append(worker.get("/api/http").status))
    client.start()
    wait_for(lambda: len(worker.records(level="WARNING", message="retry 1 of 3 in 3600 seconds")) == 2, "both wait")
    wait_for(
        lambda: worker.metrics()['funcapp_invocations_in_flight{function="later",trigger="queueTrigger"}'] == 1,
        "it is in flight",
    )
    worker.terminate()
    assert worker.wait_ended(15) == 0
    client.join()
    assert statuses == [500]
    assert len(queue.peek_messages()) == 1
