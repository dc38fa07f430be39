"""Queue-triggered functions against a real queue service."""

import base64
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient
from support.apps import HTTP_RETURN, AppFolder, blob, http_trigger, queue_output, queue_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def contents(queue: QueueClient) -> list[str]:
    """What waits in a queue, as stored; leaves it there."""
    try:
        return [message.content for message in queue.peek_messages(32)]
    except ResourceNotFoundError:
        return []


def is_empty(queue: QueueClient) -> bool:
    return queue.get_queue_properties().approximate_message_count == 0


def texts(queue: QueueClient) -> list[str]:
    return [base64.b64decode(content).decode() for content in contents(queue)]


@pytest.fixture
def queue(azurite: Azurite, unique: str) -> QueueClient:
    made = azurite.queues.get_queue_client(unique)
    made.create_queue()
    return made


def test_message_metadata_bindings_and_deletion(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    name = queue.queue_name
    app.function(
        "copy",
        """
        import json
        import azure.functions as func

        def main(msg: func.QueueMessage, source: func.InputStream, missing: bytes,
                 copy: func.Out[bytes], out: func.Out[func.QueueMessage]) -> None:
            assert missing is None
            assert isinstance(msg, func.QueueMessage)
            copy.set(source.read() + b"!")
            out.set(func.QueueMessage(body=json.dumps({
                "count": msg.dequeue_count, "id": bool(msg.id), "receipt": bool(msg.pop_receipt),
                "age": (msg.time_next_visible - msg.insertion_time).total_seconds() > 500,
                "kept": (msg.expiration_time - msg.insertion_time).days, "body": msg.get_json()["id"],
            })))
        """,
        queue_trigger("%QUEUE%"),
        blob("in", f"{name}/{{id}}", "source"),
        blob("in", f"{name}/none", "missing"),
        blob("out", f"{name}-copies/{{id}}.copy", "copy"),
        queue_output(f"{name}-out"),
    )
    azurite.blobs.create_container(name).upload_blob("caf\u00e9/1.bin", b"\xff\x00")
    queue.send_message(encoded(json.dumps({"id": "caf\u00e9/1.bin"})))
    worker = launch(QUEUE=name).wait_ready()
    sent = wait_for(lambda: texts(azurite.queues.get_queue_client(f"{name}-out")), "an output")
    assert [json.loads(text) for text in sent] == [
        {"count": 1, "id": True, "receipt": True, "age": True, "kept": 7, "body": "caf\u00e9/1.bin"}
    ]
    copied = azurite.blobs.get_blob_client(f"{name}-copies", "caf\u00e9/1.bin.copy").download_blob().readall()
    assert copied == b"\xff\x00!"
    wait_for(lambda: is_empty(queue), "the message is deleted")
    wait_for(
        lambda: worker.metrics().get('funcapp_queue_messages_total{function="copy",outcome="succeeded"}') == 1,
        "the message is counted",
    )


def test_list_output_is_several_messages_and_json_text_is_one(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str
) -> None:
    app.function(
        "several",
        """
        import azure.functions as func

        async def main(req, out: func.Out[list[str]], one: func.Out[str]) -> func.HttpResponse:
            out.set(["a", func.QueueMessage(body="b"), b"c"])
            one.set('[1,  2]')
            return func.HttpResponse("sent")
        """,
        http_trigger(),
        queue_output(f"{unique}-LIST"),
        queue_output(f"{unique}-one", "one"),
        HTTP_RETURN,
    )
    assert launch().wait_ready().get("/api/several").status == 200
    assert texts(azurite.queues.get_queue_client(f"{unique}-list")) == ["a", "b", "c"]
    assert texts(azurite.queues.get_queue_client(f"{unique}-one")) == ["[1,  2]"]


def test_failures_are_retried_and_then_poison(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    app.host(extensions={"queues": {"maxDequeueCount": 3, "maxPollingInterval": "00:00:00.2"}})
    app.function(
        "fail",
        "import logging\ndef main(msg):\n    logging.info('try %s', msg.dequeue_count)\n    raise ValueError('no')",
        queue_trigger(queue.queue_name),
    )
    queue.send_message(encoded("text"))
    worker = launch().wait_ready()
    poison = azurite.queues.get_queue_client(f"{queue.queue_name}-poison")
    assert wait_for(lambda: texts(poison), "the poison queue has it") == ["text"]
    wait_for(lambda: is_empty(queue), "the message is deleted")
    assert [record["message"] for record in worker.records(logger="root")] == ["try 1", "try 2", "try 3"]


def test_what_is_not_base64_ends_unchanged_in_poison(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    """What is base64 and neither UTF-8 nor JSON is the function's own matter."""
    app.host(extensions={"queues": {"maxDequeueCount": 2}})
    app.function("never", "def main(msg): print('ran')", queue_trigger(queue.queue_name))
    queue.send_message("{not base64}")
    worker = launch().wait_ready()
    poison = azurite.queues.get_queue_client(f"{queue.queue_name}-poison")
    assert wait_for(lambda: contents(poison), "the poison queue has it") == ["{not base64}"]
    assert worker.records(logger="stdout") == []
    assert "messageEncoding" in worker.wait_for_record("cannot be read as base64")["message"]


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("def main(msg): msg.get_json()", b"{not json"),
        ("def main(msg): msg.get_json()", b"[" * 40_000),
        ("def main(msg: str): pass", b"\xff\xfe"),
    ],
)
def test_what_a_function_cannot_read_ends_unchanged_in_poison(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient, code: str, content: bytes
) -> None:
    """It cannot read JSON that is none or nested too deeply, nor text that is not UTF-8."""
    app.host(extensions={"queues": {"maxDequeueCount": 2}})
    app.function("reads", code, queue_trigger(queue.queue_name))
    queue.send_message(encoded(content))
    worker = launch().wait_ready()
    poison = azurite.queues.get_queue_client(f"{queue.queue_name}-poison")
    assert wait_for(lambda: contents(poison), "the poison queue has it") == [encoded(content)]
    assert len(worker.records(function="reads", level="ERROR")) >= 2


def test_message_received_too_often_is_not_run(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    app.function("never", "def main(msg): print('ran')", queue_trigger(queue.queue_name))
    queue.send_message(encoded("x"))
    for _ in range(5):
        message = queue.receive_message(visibility_timeout=30)
        queue.update_message(message, visibility_timeout=0)
    worker = launch().wait_ready()
    poison = azurite.queues.get_queue_client(f"{queue.queue_name}-poison")
    wait_for(lambda: contents(poison), "the poison queue has it")
    assert worker.records(logger="stdout") == []


def test_plain_text_encoding_in_both_directions(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    app.host(extensions={"queues": {"messageEncoding": "none"}})
    app.function(
        "plain",
        "def main(msg: str) -> str: return msg + ' & <more>'",
        queue_trigger(queue.queue_name),
        queue_output(f"{queue.queue_name}-out", "$return"),
    )
    queue.send_message("caf\u00e9 <1>")
    launch().wait_ready()
    out = azurite.queues.get_queue_client(f"{queue.queue_name}-out")
    assert wait_for(lambda: contents(out), "an output") == ["caf\u00e9 <1> & <more>"]


def test_output_that_is_too_large_fails_and_keeps_the_input(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    app.host(extensions={"queues": {"visibilityTimeout": "00:10:00"}})
    app.function(
        "large",
        "def main(msg) -> str: return 'x' * 49_153",
        queue_trigger(queue.queue_name),
        queue_output(f"{queue.queue_name}-out", "$return"),
    )
    queue.send_message(encoded("x"))
    worker = launch().wait_ready()
    assert "65536" in worker.wait_for_record("a queue message of 49153 bytes")["message"]
    wait_for(
        lambda: worker.metrics().get('funcapp_queue_messages_total{function="large",outcome="failed"}') == 1,
        "the failure is counted",
    )
    assert queue.get_queue_properties().approximate_message_count == 1
    assert contents(queue) == []


def test_queue_that_is_made_later_and_unresolved_expressions(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str
) -> None:
    app.host(extensions={"queues": {"maxPollingInterval": "00:00:00.3", "maxDequeueCount": 1}})
    app.function(
        "late",
        "def main(msg, data): print('ran')",
        queue_trigger(unique),
        blob("in", f"{unique}/{{path}}", "data"),
    )
    worker = launch().wait_ready()
    worker.wait_for_record(f"the queue {unique} is not there yet")
    queue = azurite.queues.get_queue_client(unique)
    with pytest.raises(ResourceNotFoundError):
        queue.get_queue_properties()
    queue.create_queue()
    queue.send_message(encoded('{"path": "../../escape"}'))
    queue.send_message(encoded('{"other": 1}'))
    poison = azurite.queues.get_queue_client(f"{unique}-poison")
    wait_for(lambda: len(contents(poison)) == 2, "both are poison")
    assert worker.wait_for_record("No value for named parameter 'path'.")["function"] == "late"
    assert "'..'" in worker.wait_for_record("must not have")["message"]
    assert worker.records(logger="stdout") == []


def test_a_local_output_wakes_the_listener(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    app.host(extensions={"queues": {"maxPollingInterval": "00:10:00"}})
    app.function("work", "def main(msg): print('worked')", queue_trigger(queue.queue_name))
    app.function("send", "def main(req) -> str: return 'x'", http_trigger(), queue_output(queue.queue_name, "$return"))
    worker = launch().wait_ready()
    worker.get("/api/send")
    wait_for(lambda: worker.records(logger="stdout"), "the message is worked on", 5)


def test_age_of_the_oldest_message_that_waits(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    app.host(extensions={"queues": {"batchSize": 1, "newBatchThreshold": 0}})
    app.function("work", "import time\ndef main(msg): time.sleep(4)", queue_trigger(queue.queue_name))
    worker = launch().wait_ready()

    def age() -> Any:
        (entry,) = worker.scaling()["queues"]
        assert (entry["function"], entry["queue"]) == ("work", queue.queue_name)
        return entry["oldestMessageAgeSeconds"]

    assert age() is None
    queue.send_message(encoded("1"))
    queue.send_message(encoded("2"))
    wait_for(lambda: (age() or 0) >= 2, "the second one waits")
    wait_for(lambda: age() is None, "both are received")


def test_killed_function_processes_lose_nothing(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    app.host(extensions={"queues": {"maxPollingInterval": "00:00:00.5", "maxDequeueCount": 8}})
    app.function(
        "work",
        """
        import time
        import azure.functions as func

        def main(msg: func.QueueMessage, done: func.Out[str]) -> None:
            time.sleep(0.05)
            done.set("x")
        """,
        queue_trigger(queue.queue_name),
        blob("out", f"{queue.queue_name}/{{queueTrigger}}", "done"),
    )
    identities = {f"id-{number}" for number in range(150)}
    for identity in identities:
        queue.send_message(encoded(identity))
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="2").wait_ready()
    container = azurite.blobs.get_container_client(queue.queue_name)

    def done() -> set[str]:
        try:
            return {found.name for found in container.list_blobs()}
        except ResourceNotFoundError:
            return set()

    for reached in (20, 70):
        wait_for(lambda reached=reached: len(done()) >= reached, f"{reached} are done")
        os.kill(worker.function_processes()[0], signal.SIGKILL)
    wait_for(lambda: done() == identities, "every message was worked on", 60)
    wait_for(lambda: is_empty(queue), "every message is deleted")
    assert contents(azurite.queues.get_queue_client(f"{queue.queue_name}-poison")) == []


@pytest.mark.parametrize(("most", "counts"), [(5, [1] * 4), (1, [0] * 4)])
def test_drain_finishes_what_runs_and_hands_back_what_waits(
    app: AppFolder, launch: Launch, queue: QueueClient, most: int, counts: list[int]
) -> None:
    """What did not run is not on its way to poison, however often it may be received."""
    app.host(extensions={"queues": {"maxDequeueCount": most}})
    app.function(
        "work",
        "import time\ndef main(msg):\n    print('began')\n    time.sleep(2)\n    print('ended')",
        queue_trigger(queue.queue_name),
    )
    for number in range(6):
        queue.send_message(encoded(str(number)))
    worker = launch(PYTHON_THREADPOOL_THREAD_COUNT="2").wait_ready()
    wait_for(lambda: len(worker.records(message="began")) == 2, "two are being worked on")
    worker.terminate()
    assert worker.wait_ended() == 0
    assert len(worker.records(message="began")) == len(worker.records(message="ended")) == 2
    # At once: nobody has to wait for the leases to end.
    assert [message.dequeue_count for message in queue.peek_messages(32)] == counts


def test_each_function_can_have_its_own_encoding_and_limits(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient
) -> None:
    name = queue.queue_name
    own = {"messageEncoding": "none", "maxDequeueCount": 1}
    app.host(extensions={"queues": {"functions": {"plain": own}}})
    app.function(
        "plain",
        "def main(msg: str) -> str:\n    if msg == 'bad': raise ValueError(msg)\n    return msg",
        queue_trigger(name),
        queue_output(f"{name}-coded", "$return"),
    )
    app.function(
        "coded", "def main(msg: str) -> str: return msg", queue_trigger(f"{name}-in"), queue_output(name, "$return")
    )
    queue.send_message("text")
    queue.send_message("bad")
    worker = launch().wait_ready()
    wait_for(lambda: contents(azurite.queues.get_queue_client(f"{name}-coded")) == ["text"], "as it is")
    wait_for(lambda: contents(azurite.queues.get_queue_client(f"{name}-poison")) == ["bad"], "poison at once")
    incoming = azurite.queues.get_queue_client(f"{name}-in")
    incoming.create_queue()
    incoming.send_message(encoded("to base64"))
    # What the other function writes is base64, which this one takes as it is.
    expected = encoded("to base64")
    wait_for(lambda: expected in contents(azurite.queues.get_queue_client(f"{name}-coded")), "base64 by default")
    assert worker.metrics()['funcapp_queue_batch_size_count{function="coded"}'] == 1


@pytest.mark.parametrize("suffix", ["-poison", "x" * 53])
def test_without_a_poison_queue_the_message_stays_hidden(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, suffix: str
) -> None:
    queue = azurite.queues.get_queue_client(unique + suffix)
    queue.create_queue()
    app.host(extensions={"queues": {"maxDequeueCount": 1}})
    app.function("fail", "def main(msg): raise ValueError('no')", queue_trigger(queue.queue_name))
    queue.send_message(encoded("x"))
    launch().wait_ready().wait_for_record("has no poison queue")
    assert queue.get_queue_properties().approximate_message_count == 1
    assert contents(queue) == []


def test_a_storage_outage_is_told_once_and_http_goes_on(
    app: AppFolder, launch: Launch, tmp_path: Path, unique: str
) -> None:
    """The queue is gone afterwards, too."""
    folder = tmp_path / "azurite"
    folder.mkdir()
    own = Azurite(folder)
    own.start()
    try:
        queue = own.queues.get_queue_client(unique)
        queue.create_queue()
        app.host(extensions={"queues": {"maxPollingInterval": "00:00:00.2"}})
        app.function("work", "def main(msg): print('worked')", queue_trigger(unique))
        app.function("http", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
        worker = launch(AzureWebJobsStorage=own.connection_string).wait_ready()
        own.stop()
        worker.wait_for_record("cannot be read")
        answers = {worker.get("/api/http").status for _ in range(50)}
        assert answers == {200}
        shutil.rmtree(folder)
        folder.mkdir()
        own.start()
        worker.wait_for_record("is not there yet", 60)
        queue.create_queue()
        queue.send_message(encoded("x"))
        wait_for(lambda: worker.records(logger="stdout"), "the message is worked on", 30)
        wait_for(lambda: is_empty(queue), "the message is deleted")
        assert len([record for record in worker.records() if "cannot be read" in record["message"]]) == 1
        assert worker.wait_for_record("is read again")
    finally:
        own.close()
