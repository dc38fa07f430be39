"""Functions that do not end, block, or take their process with them."""

import base64
import contextlib
import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient
from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]

QUICK = "import os\nasync def main(req): return f'process {os.getpid()}'"


@pytest.fixture
def queue(azurite: Azurite, unique: str) -> QueueClient:
    made = azurite.queues.get_queue_client(unique)
    made.create_queue()
    return made


def send(queue: QueueClient, text: str) -> None:
    queue.send_message(base64.b64encode(text.encode()).decode())


def test_a_blocked_thread_ends_its_process_after_its_siblings_and_its_message_comes_back(
    app: AppFolder, launch: Launch, queue: QueueClient
) -> None:
    app.host(functionTimeout="00:00:03")
    app.function(
        "stuck",
        """
        import os, time
        def main(msg):
            print(f"try {msg.dequeue_count} in {os.getpid()}")
            if msg.dequeue_count == 1:
                time.sleep(600)
        """,
        queue_trigger(queue.queue_name),
    )
    app.function(
        "sibling", "import os, time\ndef main(req):\n    time.sleep(2.5)\n    return f'process {os.getpid()}'",
        http_trigger(), HTTP_RETURN,
    )  # fmt: skip
    app.function("quick", QUICK, http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()
    old = worker.get("/api/quick").text
    send(queue, "x")
    worker.wait_for_record("try 1")
    time.sleep(1.5)
    answers: list[str] = []
    sibling = threading.Thread(target=lambda: answers.append(worker.get("/api/sibling").text))
    sibling.start()
    worker.wait_for_record("has a function that does not end")
    again = worker.wait_for_record("try 2")
    sibling.join()
    # The sibling was finished by the process that then ended; the message was run again after that, in another one.
    assert answers == [old]
    assert old not in (worker.get("/api/quick").text, again["message"])
    assert str(worker.function_processes()) == f"[{again['message'].split()[-1]}]"
    metrics = worker.metrics()
    assert metrics['funcapp_process_restarts_total{reason="timeout"}'] == 1
    assert metrics['funcapp_invocations_total{function="stuck",outcome="timeout",trigger="queueTrigger"}'] == 1


def test_a_blocked_event_loop_is_reported_and_its_process_replaced(
    app: AppFolder, launch: Launch, queue: QueueClient
) -> None:
    app.host(functionTimeout="00:00:01")
    app.function(
        "blocks",
        """
        import time
        async def main(msg):
            if msg.dequeue_count == 1:
                time.sleep(600)
            print("done")
        """,
        queue_trigger(queue.queue_name),
    )
    app.function("quick", QUICK, http_trigger(), HTTP_RETURN)
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="2").wait_ready()
    send(queue, "x")
    record = worker.wait_for_record("the event loop has been blocked")
    assert record["function"] == "blocks"
    assert "time.sleep(600)" in record["message"]
    worker.wait_for_record("has been blocked for longer than functionTimeout")
    assert worker.wait_for_record("done")["function"] == "blocks"
    assert worker.get("/api/quick").status == 200
    assert worker.metrics()['funcapp_process_restarts_total{reason="blocked"}'] == 1


@pytest.mark.parametrize("crash", ["os._exit(3)", "ctypes.string_at(0)", "os.kill(os.getpid(), 9)"])
def test_a_crash_loses_nothing_and_counts_to_poison(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient, crash: str
) -> None:
    """HTTP is answered meanwhile; only the clients of the process that dies get an end.

    Two of three processes may be gone at a time.
    """
    app.host(extensions={"queues": {"maxDequeueCount": 2, "visibilityTimeout": "01:00:00"}})
    app.function(
        "crash",
        f"import ctypes, os\ndef main(msg):\n    print(f'try {{msg.dequeue_count}}')\n    {crash}",
        queue_trigger(queue.queue_name),
    )
    app.function("quick", QUICK, http_trigger(), HTTP_RETURN)
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="3").wait_ready()
    send(queue, "x")
    poison = azurite.queues.get_queue_client(f"{queue.queue_name}-poison")

    def is_poison() -> bool:
        try:
            return len(poison.peek_messages()) == 1
        except ResourceNotFoundError:
            return False

    statuses = set()

    def ask() -> None:
        with contextlib.suppress(OSError):
            statuses.add(worker.get("/api/quick").status)

    wait_for(lambda: ask() or is_poison(), "the message is poison")
    assert statuses == {200}
    assert [record["message"] for record in worker.records(logger="stdout")] == ["try 1", "try 2"]
    wait_for(lambda: len(worker.function_processes()) == 3, "all processes run")
    assert worker.metrics()['funcapp_process_restarts_total{reason="crashed"}'] == 2


def test_a_function_that_loads_no_more_after_a_crash_is_not_failed_but_waited_for(
    app: AppFolder, launch: Launch, azurite: Azurite, queue: QueueClient, tmp_path: Path
) -> None:
    """What an import needs may be away for a while: that is no reason to move messages to the poison queue."""
    away = tmp_path / "away"
    app.host(extensions={"queues": {"maxDequeueCount": 1, "maxPollingInterval": "00:00:00.2"}})
    app.function(
        "needs",
        "import os\nif os.path.exists(os.environ['AWAY']):\n    raise OSError('away')\n"
        "def main(msg): print('worked on ' + msg.get_body().decode())",
        queue_trigger(queue.queue_name),
    )
    app.function("crash", "import os\ndef main(req): os._exit(3)", http_trigger(), HTTP_RETURN)
    worker = launch(AWAY=str(away)).wait_ready()
    away.touch()
    with contextlib.suppress(OSError):
        worker.get("/api/crash")
    send(queue, "x")
    worker.wait_for_record("needs loaded before, and not in function process")
    assert worker.management("/readyz") == 503
    away.unlink()
    worker.wait_for_record("worked on x", 60)
    assert worker.management("/readyz") == 200
    with pytest.raises(ResourceNotFoundError):
        azurite.queues.get_queue_client(f"{queue.queue_name}-poison").get_queue_properties()


def test_what_ends_a_program_or_cancels_a_task_fails_one_invocation(app: AppFolder, launch: Launch) -> None:
    app.function("leaves", "import sys\ndef main(req): sys.exit(3)", http_trigger(), HTTP_RETURN)
    app.function("quits", "async def main(req): raise SystemExit", http_trigger(), HTTP_RETURN)
    app.function(
        "cancels",
        """
        import asyncio
        async def main(req):
            task = asyncio.ensure_future(asyncio.sleep(600))
            task.cancel()
            await task
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    app.function("quick", QUICK, http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()
    before = worker.get("/api/quick").text
    for name in ("leaves", "quits", "cancels"):
        assert worker.get(f"/api/{name}").status == 500
    worker.wait_for_record("called sys.exit(3): return, or raise another exception")
    assert worker.get("/api/quick").text == before


def test_a_crashed_process_is_replaced_although_what_it_forked_lives(app: AppFolder, launch: Launch) -> None:
    app.function(
        "forks",
        """
        import os, time
        def main(req):
            child = os.fork()
            if child == 0:
                time.sleep(600)
            print(f"child {child}")
            os._exit(3)
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    app.function("quick", QUICK, http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()
    before = worker.get("/api/quick").text
    with contextlib.suppress(OSError):
        worker.get("/api/forks")
    child = int(worker.wait_for_record("child ")["message"].split()[1])

    def replaced() -> bool:
        with contextlib.suppress(OSError):
            answer = worker.get("/api/quick")
            return answer.status == 200 and answer.text != before
        return False

    wait_for(replaced, "another process answers")
    wait_for(lambda: _has_ended(child), "the child is gone, too")


def test_memory_that_runs_out_fails_one_invocation_or_is_told(app: AppFolder, launch: Launch) -> None:
    """Python's own error is the invocation's; the kernel's kill is in the log, and the worker goes on."""
    app.function("greedy", "def main(req): return str(len(bytes(8 * 1024**3)))", http_trigger(), HTTP_RETURN)
    app.function("quick", QUICK, http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()
    before = worker.get("/api/quick").text
    (process,) = worker.function_processes()
    resource.prlimit(process, resource.RLIMIT_AS, (4 * 1024**3, 4 * 1024**3))
    assert worker.get("/api/greedy").status == 500
    assert worker.wait_for_record("MemoryError")["function"] == "greedy"
    assert worker.get("/api/quick").text == before
    os.kill(process, signal.SIGKILL)
    assert "signal 9, as when memory runs out" in worker.wait_for_record("ended unexpectedly")["message"]
    wait_for(lambda: worker.get("/api/quick").status == 200, "another process answers")


def test_read_only_folders_and_a_full_disk_fail_the_invocation_alone(
    app: AppFolder, launch: Launch, tmp_path: Path
) -> None:
    """Only temporary files can be written, and they stay as long as the instance."""
    app.function(
        "keeps",
        """
        import os, tempfile
        def main(req):
            path = os.path.join(tempfile.gettempdir(), "kept")
            with open(path, "a") as file:
                file.write("x" * int(req.params["n"]))
            return str(os.path.getsize(path))
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    app.function("beside", "def main(req): open('new', 'w')", http_trigger(), HTTP_RETURN)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for folder, _, _ in os.walk(app.root, topdown=False):
        os.chmod(folder, 0o555)
    worker = launch(["setpriv", "--bounding-set", "-all"] if os.geteuid() == 0 else [], TMPDIR=str(temporary))
    worker.wait_ready()
    assert [worker.get("/api/keeps?n=2").text for _ in range(2)] == ["2", "4"]
    assert (temporary / "kept").exists()
    assert worker.get("/api/beside").status == 500
    worker.wait_for_record("PermissionError")
    (process,) = worker.function_processes()
    # Files cannot grow beyond this, as on a full file system.
    resource.prlimit(process, resource.RLIMIT_FSIZE, (100, 100))
    assert worker.get("/api/keeps?n=200").status == 500
    assert worker.function_processes() == [process]
    assert worker.get("/api/keeps?n=0").status == 200


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
