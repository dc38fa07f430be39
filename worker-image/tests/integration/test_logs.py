"""Logs: one JSON object a line, with the invocation, from wherever the app logs."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.waiting import wait_for
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
    assert all(line.startswith(("{", "App: ")) for line in worker.lines)
    records = worker.records(function="logs", invocationId=identity)
    messages = [record["message"] for record in records]
    for text in ("handler", "printed", "one line", "thread", "executor", "asyncio", "line\nbreak \udcff"):
        assert text in messages or text.replace("\udcff", "\\udcff") in messages, (text, messages)
    assert any("cannot be formatted" in message for message in messages)
    assert "ZeroDivisionError" in worker.wait_for_record("with traceback")["exception"]
    handler = next(record for record in records if record["message"] == "handler")
    assert (handler["level"], handler["category"], handler["logger"], handler["app"], handler["revision"]) == (
        "WARNING",
        "Function.logs.User",
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
    worker = launch(AzureWebJobsStorage="AccountName=account;AccountKey=canary-key", OTHER="canary-value")
    worker.wait_for_record("ready")
    worker.wait_for_record("the queue some cannot be read: the key of the storage account account is not base64")
    worker.stop()
    assert "canary" not in "\n".join(worker.lines)


LEVELS = """
import logging
{definition}
    for level in ("debug", "info", "warning", "error", "critical"):
        getattr(logging, level)(level)
    print("printed")
    raise ValueError("no")
"""


def test_log_levels_of_host_json_filter_by_category(app: AppFolder, launch: Launch) -> None:
    app.host(logging={"logLevel": {"default": "Information", "Function": "Error", "Function.loud.User": "Debug"}})
    app.function("quiet", LEVELS.format(definition="def main(req):"), http_trigger(), HTTP_RETURN)
    app.function("loud", LEVELS.format(definition="async def main(req):"), http_trigger(), HTTP_RETURN)
    worker = launch(PYTHON_ENABLE_DEBUG_LOGGING="1").wait_ready()
    for name in ("quiet", "loud"):
        assert worker.get(f"/api/{name}").status == 500
    worker.stop()

    def told(function: str) -> list[str]:
        return [record["message"] for record in worker.records(function=function)]

    assert told("quiet") == ["error", "critical", "Exception: ValueError: no"]
    assert told("loud") == ["debug", "info", "warning", "error", "critical", "printed", "Exception: ValueError: no"]
    assert {record["category"] for record in worker.records(function="loud")} == {"Function.loud", "Function.loud.User"}
    assert worker.records(category="Host", level="INFO")


def test_what_an_app_does_to_logging_loses_nothing(app: AppFolder, launch: Launch) -> None:
    app.function(
        "odd",
        """
        import logging, logging.config, os, sys, threading, time
        logging.info("while imported")
        logging.config.dictConfig({"version": 1, "root": {"level": "DEBUG", "handlers": []}})
        logging.basicConfig(force=True, level=logging.INFO, stream=open(os.devnull, "w"))

        class Broken:
            def __str__(self): raise RuntimeError("str")
            __repr__ = __str__

        def late(context):
            # A thread that was started before: only the documented way names the invocation.
            context.thread_local_storage.invocation_id = context.invocation_id
            logging.info("by thread-local storage")

        todo = []
        def wait():
            while not todo: time.sleep(0.01)
            late(todo.pop())
        waiting = threading.Thread(target=wait)
        waiting.start()

        def main(req, context):
            logging.info("plain")
            logging.info("broken %s", Broken())
            logging.info(Broken())
            logging.info("bytes %s", b"\\xff".decode("utf-8", "surrogateescape"))
            logging.info("x" * 3_000_000)
            sys.stdout.write("without an end")
            sys.stderr.write("to stderr\\n")
            todo.append(context); waiting.join()
            raise ValueError("last")
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    worker = launch().wait_ready()
    assert worker.get("/api/odd").status == 500
    worker.stop()
    assert all(line.startswith(("{", "App: ")) for line in worker.lines)
    assert worker.records(message="while imported", category="Host.Function.Console")
    records = worker.records(function="odd")
    messages = [record["message"] for record in records]
    assert len({record["invocationId"] for record in records}) == 1
    assert {"plain", "by thread-local storage", "without an end", "to stderr"} <= set(messages)
    assert len([text for text in messages if "cannot be formatted" in text]) == 2
    assert max(map(len, messages)) == 3_000_000
    assert messages[-1] == "Exception: ValueError: last"


def test_a_trace_is_carried_into_logs_and_context(app: AppFolder, launch: Launch) -> None:
    app.function(
        "traced",
        """
        import logging
        def main(req, context):
            logging.info("x")
            return context.trace_context.trace_parent + " "
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    worker = launch().wait_ready()
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    assert worker.get("/api/traced", traceparent=f"00-{trace}-{span}-01").text.split() == [f"00-{trace}-{span}-01"]
    record = worker.wait_for_record("x")
    assert record["traceId"] == trace
    assert record["spanId"] != span
    worker.get("/api/traced", traceparent="00-" + "0" * 32 + "-b7ad6b7169203331-01")
    untraced = wait_for(lambda: worker.records(message="x")[1:], "the second record")
    assert "traceId" not in untraced[0]
