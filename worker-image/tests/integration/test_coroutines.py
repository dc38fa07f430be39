"""What `async def` functions may rely on: a task and context variables of their own, cancellation, the time limit."""

import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.azurite import Azurite
from support.worker import Worker

Launch = Callable[..., Worker]

LEAVES = """
from contextvars import ContextVar
import asyncio

seen = ContextVar("seen", default="nothing")

async def main(req):
    before = seen.get()
    seen.set(req.params["name"])
    if "wait" in req.params:
        await asyncio.sleep(0.01)
    return f"{before}, {seen.get()};"
"""

CANCELS_ITSELF = """
import asyncio

async def main(req):
    asyncio.current_task().cancel()
    if "wait" in req.params:
        await asyncio.sleep(600)
    return "went on"
"""

LIMITS_ITSELF = """
import asyncio, sys

async def main(req):
    ended = [await outcome(asyncio.wait_for(asyncio.sleep(600), 0.01))]
    if sys.version_info >= (3, 11):
        ended += [await outcome(timeout()), await outcome(group())]
    return " ".join(ended)

async def outcome(work):
    try:
        await work
    except Exception as error:
        return type(error).__name__

async def timeout():
    async with asyncio.timeout(0.01):
        await asyncio.sleep(600)

async def group():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.sleep(600))
        tasks.create_task(fail())

async def fail():
    1 / 0
"""

TASKS = """
import asyncio

async def main(req):
    before = asyncio.current_task()
    for _ in range(3):
        await asyncio.sleep(0)
        assert asyncio.current_task() is before
    assert not before.done() and before in asyncio.all_tasks()
    return "one task"
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, azurite: Azurite) -> Iterator[Worker]:
    app = AppFolder(tmp_path_factory.mktemp("app"))
    codes = {"leaves": LEAVES, "cancels": CANCELS_ITSELF, "limits": LIMITS_ITSELF, "tasks": TASKS}
    for name, code in codes.items():
        app.function(name, code, http_trigger(), HTTP_RETURN)
    running = Worker(app.root, {"AzureWebJobsStorage": azurite.connection_string})
    running.wait_ready()
    yield running
    running.stop()


@pytest.mark.parametrize("wait", ["", "&wait=1"])
def test_context_variables_of_a_request_end_with_it(worker: Worker, wait: str) -> None:
    """They end also where the next request comes on the same connection, or was there already."""
    request = f"GET /api/leaves?name=%s{wait} HTTP/1.1\r\nHost: a\r\n\r\n"
    last = request.replace("Host", "Connection: close\r\nHost")
    with socket.create_connection(("127.0.0.1", worker.port), 10) as client:
        client.sendall((request % "first").encode())
        assert client.recv(65536).endswith(b"nothing, first;")
        client.sendall("".join([request % "second", request % "third", request % "fourth", last % "fifth"]).encode())
        received = b""
        while data := client.recv(65536):
            received += data
    for name in (b"second", b"third", b"fourth", b"fifth"):
        assert b"nothing, %b;" % name in received


def test_a_function_runs_in_one_task(worker: Worker) -> None:
    assert worker.get("/api/tasks").text == "one task"


@pytest.mark.parametrize("path", ["/api/cancels", "/api/cancels?wait=1"])
def test_a_function_that_cancels_its_own_task_fails_alone(worker: Worker, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"
    tasks = "GET /api/tasks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", worker.port), 10) as client:
        client.sendall((request + tasks).encode())
        received = b""
        while data := client.recv(65536):
            received += data
    assert received.startswith(b"HTTP/1.1 500 ")
    assert received.endswith(b"one task")


def test_time_limits_and_task_groups_of_an_apps_own(worker: Worker) -> None:
    """The last two came with Python 3.11."""
    expected = "TimeoutError TimeoutError ExceptionGroup" if sys.version_info >= (3, 11) else "TimeoutError"
    assert worker.get("/api/limits").text == expected


def test_a_coroutine_has_time_to_clean_up_after_its_timeout(app: AppFolder, launch: Launch) -> None:
    """One that ends within that time costs nobody else anything."""
    app.host(functionTimeout="00:00:01")
    app.function(
        "slow",
        """
        import asyncio
        async def main(req):
            try:
                await asyncio.sleep(600)
            finally:
                await asyncio.sleep(0.5)
                print("cleaned up")
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    app.function("pid", "import os\nasync def main(req): return str(os.getpid()) + ' '", http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()
    before = worker.get("/api/pid").text
    assert worker.get("/api/slow").status == 500
    worker.wait_for_record("cleaned up")
    worker.wait_for_record("slow ran longer than functionTimeout (1 seconds)")
    assert worker.get("/api/pid").text == before


def test_a_coroutine_that_ignores_its_timeout_is_answered_for_and_its_process_replaced(
    app: AppFolder, launch: Launch
) -> None:
    app.host(functionTimeout="00:00:01")
    app.function(
        "stubborn",
        """
        import asyncio
        async def main(req):
            while True:
                try:
                    await asyncio.sleep(600)
                except asyncio.CancelledError:
                    print("cancelled")
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    app.function("pid", "import os\nasync def main(req): return str(os.getpid()) + ' '", http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()
    before = worker.get("/api/pid").text
    with ThreadPoolExecutor(1) as pool:
        stubborn = pool.submit(worker.get, "/api/stubborn")
        worker.wait_for_record("cancelled")
        assert worker.get("/api/pid").text == before
        assert stubborn.result().status == 500
    worker.wait_for_record("has a function that does not end")
    assert len([record for record in worker.records(function="stubborn") if record["message"] == "cancelled"]) == 1
    worker.wait_ready()
    assert worker.get("/api/pid").text != before
