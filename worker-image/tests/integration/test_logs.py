"""Logs: one JSON object a line, with the invocation, from wherever the app logs."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.worker import Worker

Launch = Callable[..., Worker]


def test_records_name_their_invocation_wherever_they_come_from(app: AppFolder, launch: Launch) -> None:
    app.function(
        "logs",
        """
        import asyncio, logging, threading
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(1)
        pool.submit(lambda: None).result()
        log = logging.getLogger("my.module")

        def main(req, context):
            log.warning("handler")
            print("printed"); print("one", end=" "); print("line")
            thread = threading.Thread(target=log.info, args=("thread",)); thread.start(); thread.join()
            pool.submit(log.info, "executor").result()
            asyncio.run(asyncio.to_thread(log.info, "asyncio"))
            logging.error("percent %d", "wrong")
            logging.critical("line\\nbreak \\udcff")
            context.thread_local_storage.invocation_id = context.invocation_id
            try:
                1 / 0
            except ZeroDivisionError:
                log.exception("with traceback")
            return context.invocation_id
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    app.function(
        "coroutine",
        """
        import asyncio, logging
        async def child(): logging.info("child")
        async def main(req):
            logging.debug("debug")
            await asyncio.gather(child(), asyncio.to_thread(logging.info, "to thread"))
            return "x"
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    worker = launch(FUNCAPP_NAME="shop", FUNCAPP_REVISION="abc").wait_ready()
    identity = worker.get("/api/logs").text
    worker.get("/api/coroutine")
    worker.wait_for_record("to thread")
    assert all(line.startswith("{") for line in worker.lines)
    records = worker.records(function="logs", invocationId=identity)
    messages = [record["message"] for record in records]
    for text in ("handler", "printed", "one line", "thread", "executor", "asyncio", "line\nbreak \udcff"):
        assert text in messages or text.replace("\udcff", "\\udcff") in messages, (text, messages)
    assert any("cannot be formatted" in message for message in messages)
    assert "ZeroDivisionError" in worker.wait_for_record("with traceback")["exception"]
    handler = next(record for record in records if record["message"] == "handler")
    assert (handler["level"], handler["category"], handler["app"], handler["revision"]) == (
        "WARNING",
        "my.module",
        "shop",
        "abc",
    )
    assert {record["message"] for record in worker.records(function="coroutine")} == {"child", "to thread"}


def test_what_is_logged_before_a_crash_is_out_and_lines_of_processes_do_not_mix(app: AppFolder, launch: Launch) -> None:
    app.function(
        "noisy",
        """
        import logging, os
        def main(req):
            for number in range(50):
                logging.info("%d %s", number, "x" * 20_000)
            os._exit(1)
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="2").wait_ready()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: _ignoring_reset(worker), range(2)))
    worker.stop()
    assert len(worker.records(function="noisy")) == 100


def _ignoring_reset(worker: Worker) -> None:
    with contextlib.suppress(OSError):
        worker.get("/api/noisy")


def test_no_setting_is_logged(app: AppFolder, launch: Launch) -> None:
    app.function("x", "def main(msg): pass", {"type": "queueTrigger", "name": "msg", "queueName": "some"})
    worker = launch(AzureWebJobsStorage="AccountName=canary-account;AccountKey=canary-key", OTHER="canary-value")
    worker.wait_for_record("ready")
    worker.wait_for_record("the queue some cannot be read")
    worker.stop()
    assert "canary" not in "\n".join(worker.lines)
