"""/admin on the HTTP port, as management tools call it."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_output, queue_trigger, timer_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

MASTER = {"x-functions-key": "master-key"}


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, azurite: Azurite) -> Iterator[Worker]:
    """As in a pod: the master key is asked for."""
    keys = tmp_path_factory.mktemp("keys")
    (keys / "host.master").write_text("master-key")
    (keys / "host.function.default").write_text("function-key")
    app = AppFolder(tmp_path_factory.mktemp("app"))
    app.function("hello", "def main(req): return 'x'", http_trigger(route="hi/{name}"), HTTP_RETURN)
    app.function(
        "take",
        """
        import logging
        import azure.functions as func

        def main(msg: func.QueueMessage) -> None:
            logging.info("took %s %s", msg.get_body().decode(), msg.id)
        """,
        queue_trigger("admin-take"),
    )
    app.function("off", "def main(msg): print('off ran')", queue_trigger("admin-off"), disabled=True)
    app.function("broken", "import nothing_like_it", queue_trigger("admin-broken"))
    app.function("send", "def main(req) -> str: return 'm'", http_trigger(), queue_output("admin-take", "$return"))
    settings = {"FUNCAPP_NAMESPACE": "team", "FUNCAPP_PACKAGE_FILE": "", "FUNCAPP_HTTP_DRAIN_SECONDS": "0"}
    running = Worker(
        app.root,
        {**settings, "FUNCAPP_KEYS_FOLDER": str(keys), "AzureWebJobsStorage": azurite.connection_string},
    )
    running.wait_ready()
    yield running
    running.stop()


def read(worker: Worker, path: str) -> Any:
    response = worker.get(path, **MASTER)
    assert (response.status, response.headers["content-type"]) == (200, "application/json; charset=utf-8")
    return json.loads(response.body)


def test_the_master_key_alone_opens_it_save_for_ping_and_warmup(worker: Worker) -> None:
    for path in ("/admin/host/status", "/admin/functions", "/admin/functions/take", "/admin/nothing"):
        assert worker.get(path).status == 401
        assert worker.get(path, **{"x-functions-key": "function-key"}).status == 401
    assert worker.get("/admin/host/ping").status == worker.post("/Admin/Host/Ping", "").status == 200
    assert worker.get("/admin/warmup").status == 200
    assert worker.get("/admin/host/status?code=master-key").status == 200
    for path in ("/admin", "/admin/nothing", "/admin/host/keys", "/admin/functions/nothing"):
        assert worker.get(path, **MASTER).status == 404


def test_status_tells_what_is_wrong(worker: Worker) -> None:
    status = read(worker, "/admin/host/status")
    assert status["state"] == "Running"
    assert status["id"] and status["version"] and status["processUptime"] > 0
    assert "nothing_like_it" in status["errors"][0]
    assert "nothing_like_it" in read(worker, "/admin/functions/broken/status")["errors"][0]
    assert read(worker, "/admin/functions/take/status") == {}


def test_functions_are_listed(worker: Worker) -> None:
    origin = f"http://127.0.0.1:{worker.port}"
    rows = {row["name"]: row for row in read(worker, "/admin/functions")}
    assert list(rows) == ["broken", "hello", "off", "send", "take"]
    assert rows["hello"]["invoke_url_template"] == f"{origin}/api/hi/{{name}}"
    assert rows["hello"]["href"] == f"{origin}/admin/functions/hello"
    assert rows["take"] == read(worker, "/admin/functions/TAKE")
    assert rows["take"]["invoke_url_template"] is None
    assert rows["take"]["config"]["bindings"][0]["queueName"] == "admin-take"
    assert (rows["take"]["language"], rows["take"]["isDisabled"], rows["off"]["isDisabled"]) == ("python", False, True)


def test_a_function_is_run_by_hand(worker: Worker) -> None:
    """https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http"""
    run = worker.post("/admin/functions/take", '{"input": "by hand \u00e9"}'.encode(), **MASTER)
    assert (run.status, run.body) == (202, b"")
    assert worker.wait_for_record("took by hand \u00e9")["function"] == "take"
    assert worker.post("/admin/functions/take", "{}", **MASTER).status == 202
    assert worker.post("/admin/functions/off", "{}", **MASTER).status == 202
    worker.wait_for_record("off ran")
    for body in ("", "text", "[]"):
        assert worker.post("/admin/functions/take", body, **MASTER).status == 400
    assert "send the request to its URL" in worker.post("/admin/functions/hello", "{}", **MASTER).text
    broken = worker.post("/admin/functions/broken", "{}", **MASTER)
    assert (broken.status, "nothing_like_it" in broken.text) == (500, True)


def test_drain_and_resume(worker: Worker) -> None:
    def state() -> str:
        status = read(worker, "/admin/host/drain/status")
        assert set(status) == {"state", "outstandingInvocations", "outstandingRetries"}
        return status["state"]

    def taken() -> int:
        return len([record for record in worker.records(function="take") if record["message"].startswith("took m ")])

    assert state() == "Disabled"
    assert worker.get("/admin/host/drain", **MASTER).status == 404
    assert worker.post("/admin/host/drain", "", **MASTER).status == 202
    wait_for(lambda: state() == "Completed", "the drain is complete")
    assert worker.get("/api/hi/x", **MASTER).status == 200
    assert worker.get("/api/send", **MASTER).status == 200
    assert worker.management("/readyz") == 200
    before = taken()
    resumed = worker.post("/admin/host/resume", "", **MASTER)
    assert (resumed.status, json.loads(resumed.body)) == (200, {"state": "Running"})
    assert state() == "Disabled"
    wait_for(lambda: taken() == before + 1, "the message is taken after all")


def test_scaling_tells_of_the_schedules_that_run_after_a_resume(app: AppFolder, launch: Callable[..., Worker]) -> None:
    app.function("tick", "def main(timer): print('ran')", timer_trigger("* * * * * *"))
    app.function("hello", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()

    def is_due_later() -> bool:
        (timer,) = worker.scaling()["timers"]
        if timer["nextOccurrence"] is None:
            return False
        return datetime.fromisoformat(timer["nextOccurrence"]) >= datetime.now(timezone.utc) - timedelta(seconds=1)

    worker.wait_for_record("ran")
    assert worker.post("/admin/host/drain", "").status == 202
    wait_for(lambda: not is_due_later(), "the schedule stands still")
    assert worker.post("/admin/host/resume", "").status == 200
    wait_for(is_due_later, "the schedule runs again", 30)


def test_a_function_is_run_in_the_pod_that_is_asked_and_nowhere_else(
    app: AppFolder, launch: Callable[..., Worker]
) -> None:
    """A pod knows the functions of its group alone: through a Service, that is the group of HTTP functions."""
    app.function("timed", "def main(timer): print('timed ran')", timer_trigger("0 0 0 1 1 *"))
    app.function("hello", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
    worker, other = launch(FUNCAPP_FUNCTIONS="hello").wait_ready(), launch(FUNCAPP_FUNCTIONS="timed").wait_ready()
    assert worker.post("/admin/functions/timed", "{}").status == 404
    assert other.post("/admin/functions/timed", "{}").status == 202
    other.wait_for_record("timed ran")
    assert worker.records(message="timed ran") == []


def test_locally_no_key_is_asked_for(app: AppFolder, launch: Callable[..., Worker]) -> None:
    app.function("hello", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()
    assert [row["name"] for row in json.loads(worker.get("/admin/functions").body)] == ["hello"]
