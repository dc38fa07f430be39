"""SIGTERM under load."""

import http.client
import threading
from collections.abc import Callable

from support.apps import HTTP_RETURN, AppFolder, http_trigger
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
