"""SIGTERM under load."""

import asyncio
import base64
import http.client
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]


def test_no_request_fails_while_the_worker_drains(app: AppFolder, launch: Launch) -> None:
    app.function(
        "work",
        "import asyncio\nasync def main(req):\n    await asyncio.sleep(0.05)\n    return 'x'",
        http_trigger(),
        HTTP_RETURN,
    )
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="2", FUNCAPP_HTTP_DRAIN_SECONDS="4").wait_ready()
    unready = threading.Event()
    done: list[int] = []
    failures: list[str] = []

    def client() -> None:
        """Like one behind a load balancer: keeps its connection, and sends nothing once the worker is unready."""
        connection = http.client.HTTPConnection("127.0.0.1", worker.port, timeout=20)
        while not unready.is_set():
            try:
                connection.request("GET", "/api/work")
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    failures.append(str(response.status))
                done.append(1)
            except OSError as error:
                failures.append(repr(error))
                connection.close()
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(16)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(done) >= 200, "requests are under way")
    worker.terminate()
    worker.wait_for_record("draining")
    assert worker.management("/readyz") == 503
    before = len(done)
    wait_for(lambda: len(done) >= before + 50, "requests are still answered")
    unready.set()
    for thread in threads:
        thread.join()
    assert worker.wait_ended() == 0
    assert failures == []


def test_a_rollout_under_load_of_coroutines_fails_no_request_and_loses_no_message(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, tmp_path: Path
) -> None:
    """64 connections and a queue, all of `async def`, are served while one worker gives way to another."""
    queue = azurite.queues.get_queue_client(unique)
    queue.create_queue()
    done = tmp_path / "done"
    app.host(extensions={"queues": {"batchSize": 32, "maxPollingInterval": "00:00:00.2"}})
    app.function(
        "work",
        """
        import asyncio, os
        output = os.open(os.environ["DONE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        async def main(msg: str) -> None:
            await asyncio.sleep(0.3)
            os.write(output, msg.encode() + b"\\n")
        """,
        queue_trigger(unique),
    )
    app.function(
        "ask", "import asyncio\nasync def main(req):\n    await asyncio.sleep(0.05)\n    return 'x'",
        http_trigger(), HTTP_RETURN,
    )  # fmt: skip
    sent = [f"message-{number}" for number in range(400)]
    for text in sent:
        queue.send_message(base64.b64encode(text.encode()).decode())
    settings = {"DONE": str(done), "FUNCTIONS_WORKER_PROCESS_COUNT": "2", "FUNCAPP_HTTP_DRAIN_SECONDS": "3"}
    old, new = launch(**settings).wait_ready(), launch(**settings, **{"AzureWebJobs.work.Disabled": "1"}).wait_ready()
    wait_for(done.exists, "messages are worked on")
    failures, answered = asyncio.run(_load_while_replaced(old, new))
    assert (failures, answered > 300) == ([], True)
    assert old.wait_ended() == 0
    launch(**settings).wait_ready()
    wait_for(lambda: len(done.read_text().split()) >= len(sent), "every message is worked on", 60)
    # What ran was finished, and what had not begun was handed back: nothing is done twice either.
    assert Counter(done.read_text().split()) == Counter(sent)


async def _load_while_replaced(old: Worker, new: Worker) -> tuple[list[str], int]:
    """Requests on 64 connections, to the worker that is ready, as a Service sends them; SIGTERM in the middle."""
    failures: list[str] = []
    answered = 0
    ready, stop = [old], asyncio.Event()

    async def client() -> None:
        nonlocal answered
        while not stop.is_set():
            target = ready[0]
            reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
            stays = True
            while stays and target is ready[0] and not stop.is_set():
                try:
                    writer.write(b"GET /api/ask HTTP/1.1\r\nhost: x\r\n\r\n")
                    head = await reader.readuntil(b"\r\n\r\n")
                    await reader.readexactly(1)
                except (OSError, asyncio.IncompleteReadError) as error:
                    failures.append(repr(error))
                    break
                if not head.startswith(b"HTTP/1.1 200 "):
                    failures.append(head.decode())
                answered += 1
                stays = b"connection: close" not in head.lower()
            writer.close()

    clients = [asyncio.create_task(client()) for _ in range(64)]
    await asyncio.sleep(1.5)
    old.terminate()
    # The endpoint is taken out a moment after the pod is told to end.
    await asyncio.sleep(1.0)
    ready[0] = new
    await asyncio.sleep(1.5)
    stop.set()
    await asyncio.gather(*clients)
    return failures, answered


def test_a_request_that_runs_is_finished(app: AppFolder, launch: Launch) -> None:
    app.function(
        "slow",
        "import time\ndef main(req):\n    print('began')\n    time.sleep(3)\n    return 'whole'",
        http_trigger(),
        HTTP_RETURN,
    )
    worker = launch().wait_ready()
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(worker.get("/api/slow").text))
    thread.start()
    worker.wait_for_record("began")
    worker.terminate()
    thread.join()
    assert answers == ["whole"]
    assert worker.wait_ended() == 0


def test_before_it_is_ready_clients_get_503_and_sigterm_ends_it(app: AppFolder, launch: Launch) -> None:
    app.function("slow", "import time\ntime.sleep(30)\ndef main(req): pass", http_trigger(), HTTP_RETURN)
    worker = launch()
    worker.wait_for_record("management port")

    def status() -> int:
        try:
            return worker.get("/api/slow").status
        except OSError:
            return 0

    wait_for(lambda: status() == 503, "clients are told to come back")
    assert (worker.management("/livez"), worker.management("/readyz")) == (200, 503)
    worker.terminate()
    assert worker.wait_ended() == 0
