"""Pods that leave while there is work: nothing is lost, nothing is done twice, and nothing stays hidden."""

import base64
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient
from support.apps import AppFolder, blob_trigger, queue_trigger
from support.azurite import Azurite
from support.settings_volume import SettingsVolume
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]

SHORT_GRACE = Path(__file__).parents[1] / "support" / "short_grace.py"

SYNC = """
import os, time
output = os.open(os.environ["DONE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def main(msg: str) -> None:
    time.sleep(0.2)
    os.write(output, msg.encode() + b"\\n")
"""
ASYNC = SYNC.replace("import os, time", "import asyncio, os").replace("def main", "async def main").replace(
    "time.sleep", "await asyncio.sleep"
)  # fmt: skip


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def length(queue: QueueClient) -> int:
    """Of messages in whatever state."""
    return int(queue.get_queue_properties().approximate_message_count or 0)


def counts(queue: QueueClient) -> list[int]:
    """How often each message was received that is visible now."""
    try:
        return [int(message.dequeue_count or 0) for message in queue.peek_messages(32)]
    except ResourceNotFoundError:
        return []


@pytest.fixture
def queue(azurite: Azurite, unique: str) -> QueueClient:
    made = azurite.queues.get_queue_client(unique)
    made.create_queue()
    return made


@pytest.mark.parametrize(("code", "processes"), [(SYNC, "1"), (SYNC, "3"), (ASYNC, "2")])
def test_two_of_three_pods_leave_while_500_messages_flow(
    app: AppFolder, launch: Launch, queue: QueueClient, tmp_path: Path, code: str, processes: str
) -> None:
    """Every message is worked on once, and none is hidden when the last pod is through."""
    app.host(extensions={"queues": {"maxPollingInterval": "00:00:00.2"}})
    app.function("work", code, queue_trigger(queue.queue_name))
    done = tmp_path / "done"
    settings = {
        "DONE": str(done),
        "FUNCTIONS_WORKER_PROCESS_COUNT": processes,
        "PYTHON_THREADPOOL_THREAD_COUNT": "4",
    }
    workers = [launch(**settings) for _ in range(3)]
    for worker in workers:
        worker.wait_ready()
    sent = [f"id-{number}" for number in range(500)]

    def ids() -> list[str]:
        return done.read_text().split() if done.exists() else []

    for number, text in enumerate(sent):
        queue.send_message(encoded(text))
        if number in (200, 350):
            wait_for(lambda number=number: len(ids()) >= number // 3, "there is work under way", 60)
            workers.pop(0).terminate()
    wait_for(lambda: len(ids()) >= len(sent), "every message is worked on", 120)
    # Seconds, because a lease lasts for ten minutes.
    wait_for(lambda: length(queue) == 0, "no message is left, hidden or not", 10)
    assert Counter(ids()) == Counter(sent)


def short_grace(seconds: float) -> list[str]:
    """Functions have so many seconds once the pod is told to end, where it is minutes elsewhere."""
    return [sys.executable, str(SHORT_GRACE), str(seconds)]


SLEEPS = "import time\ndef main({0}):\n    print('began')\n    time.sleep(60)"
SLEEPS_ASYNC = "import asyncio\nasync def main({0}):\n    print('began')\n    await asyncio.sleep(60)"


@pytest.mark.parametrize("code", [SLEEPS, SLEEPS_ASYNC])
@pytest.mark.parametrize(("most", "count"), [(5, 1), (1, 0)])
def test_what_does_not_finish_in_time_is_visible_at_once(
    app: AppFolder, launch: Launch, queue: QueueClient, code: str, most: int, count: int
) -> None:
    """It has not failed: a message that was received as often as it may be starts again, and is no poison."""
    app.host(extensions={"queues": {"maxDequeueCount": most, "visibilityTimeout": "00:05:00"}})
    app.function("work", code.format("msg"), queue_trigger(queue.queue_name))
    queue.send_message(encoded("x"))
    worker = launch(short_grace(2), FUNCTIONS_WORKER_PROCESS_COUNT="2").wait_ready()
    worker.wait_for_record("began")
    worker.terminate()
    began = time.monotonic()
    assert worker.wait_ended() == 0
    assert time.monotonic() - began < 2 + 15
    assert counts(queue) == [count]
    assert length(queue) == 1


def test_a_function_that_is_short_has_all_of_its_time(app: AppFolder, launch: Launch, queue: QueueClient) -> None:
    """The 15 seconds that the pod has beside functionTimeout are not taken from the function."""
    app.host(functionTimeout="00:00:06")
    code = "import time\ndef main(msg):\n    print('began')\n    time.sleep(4)\n    print('ended')"
    app.function("work", code, queue_trigger(queue.queue_name))
    queue.send_message(encoded("x"))
    worker = launch().wait_ready()
    worker.wait_for_record("began")
    worker.terminate()
    assert worker.wait_ended() == 0
    assert len(worker.records(message="ended")) == 1
    assert length(queue) == 0


def test_blobs_that_wait_and_one_that_does_not_finish_are_handed_back_at_once(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str
) -> None:
    container = azurite.blobs.create_container(unique)
    # Above 32 it receives on while some are in work, so all five are, however few were there at first.
    app.host(extensions={"blobs": {"maxDegreeOfParallelism": 36}})
    app.function("seen", SLEEPS.format("blob"), blob_trigger(f"{unique}/{{name}}"))
    for number in range(5):
        container.upload_blob(str(number), b"x")
    worker = launch(
        short_grace(20),
        AzureFunctionsWebHost__hostid=f"host-{unique}",
        FUNCAPP_BLOB_SCAN_SECONDS="0.2",
        PYTHON_THREADPOOL_THREAD_COUNT="1",
    ).wait_ready()
    internal = azurite.queues.get_queue_client(f"azure-webjobs-blobtrigger-host-{unique}")
    worker.wait_for_record("began")
    wait_for(lambda: length(internal) == 5 and not counts(internal), "one runs, and four wait for it")
    worker.terminate()
    wait_for(lambda: counts(internal) == [1] * 4, "what had not begun is there at once", 10)
    assert worker.wait_ended(60) == 0
    assert counts(internal) == [1] * 5
    assert len(worker.records(message="began")) == 1


def test_what_runs_under_settings_from_before_is_handed_back_as_well(
    app: AppFolder, launch: Launch, queue: QueueClient, tmp_path: Path
) -> None:
    app.function("work", SLEEPS.format("msg"), queue_trigger(queue.queue_name))
    volume = SettingsVolume(tmp_path / "settings" / "00-shared")
    volume.write(VALUE="one")
    queue.send_message(encoded("x"))
    worker = launch(short_grace(3), FUNCAPP_SETTINGS_FOLDER=str(tmp_path / "settings")).wait_ready()
    worker.wait_for_record("began")
    volume.write(VALUE="two")
    worker.wait_for_record("ready with the new settings", 30)
    worker.terminate()
    assert worker.wait_ended() == 0
    assert counts(queue) == [1]


def test_work_that_a_pod_handed_back_is_done_by_another(
    app: AppFolder, launch: Launch, queue: QueueClient, tmp_path: Path
) -> None:
    app.host(extensions={"queues": {"maxPollingInterval": "00:00:00.2"}})
    code = """
    import os, time
    def main(msg):
        print("began")
        time.sleep(int(os.environ["SECONDS"]))
        print("ended")
    """
    app.function("work", code, queue_trigger(queue.queue_name))
    queue.send_message(encoded("x"))
    leaving = launch(short_grace(1), SECONDS="60").wait_ready()
    leaving.wait_for_record("began")
    staying = launch(SECONDS="0").wait_ready()
    leaving.terminate()
    staying.wait_for_record("ended", 20)
    wait_for(lambda: length(queue) == 0, "the message is deleted")
