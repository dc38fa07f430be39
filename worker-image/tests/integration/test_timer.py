"""Timer-triggered functions, with their locks and states in a real blob service."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from support.apps import AppFolder, timer_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]

TELL = """
import json, time
import azure.functions as func

def main(timer: func.TimerRequest) -> None:
    print(json.dumps({"pastDue": timer.past_due, "status": timer.schedule_status, "schedule": timer.schedule,
                      "second": int(time.time())}))
"""

YEARLY = "0 0 0 1 1 *"


def told(worker: Worker, function: str) -> list[dict[str, Any]]:
    """What the function printed, each time that it ran."""
    return [json.loads(record["message"]) for record in worker.records(function=function)]


def status_blob(azurite: Azurite, host_id: str, function: str) -> Any:
    return azurite.blobs.get_blob_client("azure-webjobs-hosts", f"timers/{host_id}/Host.Functions.{function}/status")


def status(azurite: Azurite, host_id: str, function: str) -> dict[str, datetime]:
    try:
        document = json.loads(status_blob(azurite, host_id, function).download_blob().readall())
    except ResourceNotFoundError:
        return {}
    return {name: datetime.fromisoformat(text) for name, text in document.items()}


def test_fires_once_across_workers_and_the_other_takes_over_from_one_that_is_killed(
    app: AppFolder, launch: Launch, azurite: Azurite
) -> None:
    """A timer fires once across replicas."""
    app.function("tick", TELL, timer_trigger("*/1 * * * * *"))
    workers = [launch(FUNCTIONS_WORKER_PROCESS_COUNT="2"), launch()]
    for worker in workers:
        worker.wait_ready()
    wait_for(lambda: any(len(told(worker, "tick")) >= 4 for worker in workers), "it fires every second")
    owners = [worker for worker in workers if told(worker, "tick")]
    assert len(owners) == 1
    (other,) = [worker for worker in workers if worker is not owners[0]]
    owners[0].process.kill()
    # The lock of one that was killed lasts for 15 seconds.
    wait_for(lambda: told(other, "tick"), "the other one takes over", 30)
    seconds = [run["second"] for worker in workers for run in told(worker, "tick")]
    assert len(set(seconds)) == len(seconds)
    assert all(run["pastDue"] is False and run["status"] == {} for run in told(owners[0], "tick"))


def test_missed_runs_are_made_up_for_once_and_a_changed_schedule_misses_nothing(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str
) -> None:
    this_year = datetime.now(timezone.utc).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    last = this_year.replace(year=this_year.year - 1)
    app.function("yearly", TELL, timer_trigger("%SCHEDULE%"))
    settings = {"AzureFunctionsWebHost__hostid": unique, "SCHEDULE": YEARLY}
    azurite.blobs.get_container_client("azure-webjobs-hosts").exists() or azurite.blobs.create_container(
        "azure-webjobs-hosts"
    )
    stored = {"Last": last.isoformat(), "Next": this_year.isoformat(), "LastUpdated": last.isoformat()}
    status_blob(azurite, unique, "yearly").upload_blob(json.dumps(stored))

    began = datetime.now(timezone.utc)
    worker = launch(**settings).wait_ready()
    (run,) = wait_for(lambda: told(worker, "yearly"), "the missed run")
    assert (run["pastDue"], run["status"], run["schedule"]) == (True, stored, {"AdjustForDST": True})
    wait_for(lambda: status(azurite, unique, "yearly")["Last"] >= began, "the run is stored")
    known = status(azurite, unique, "yearly")
    assert known["Next"] == this_year.replace(year=this_year.year + 1)
    assert known["LastUpdated"] == known["Last"]
    worker.terminate()
    assert worker.wait_ended() == 0
    assert len(told(worker, "yearly")) == 1

    for schedule, following in ((YEARLY, known["Next"]), ("0 0 12 1 1 *", known["Next"].replace(hour=12))):
        again = launch(**{**settings, "SCHEDULE": schedule}).wait_ready()
        again.wait_for_record("yearly: next at")
        wait_for(lambda following=following: status(azurite, unique, "yearly")["Next"] == following, "the next one")
        again.terminate()
        assert again.wait_ended() == 0
        assert told(again, "yearly") == []


def test_what_one_worker_does_with_its_timers(app: AppFolder, launch: Launch, azurite: Azurite, unique: str) -> None:
    app.function("at_start", TELL, timer_trigger(YEARLY, runOnStartup=True))
    app.function("unmonitored", TELL, timer_trigger(YEARLY, runOnStartup=True, useMonitor=False))
    app.function("daily", TELL, timer_trigger("0 30 3 * * *"))
    app.function("failing", "def main(timer): raise ValueError('no')", timer_trigger("00:00:00.5"))
    app.function(
        "slow",
        """
        import time

        def main(timer):
            print("began")
            time.sleep(1.3)
            print("ended")
        """,
        timer_trigger("* * * * * *"),
    )
    worker = launch(
        AzureFunctionsWebHost__hostid=unique,
        FUNCTIONS_WORKER_PROCESS_COUNT="2",
        WEBSITE_TIME_ZONE="Tokyo Standard Time",
    ).wait_ready()

    (run,) = wait_for(lambda: told(worker, "at_start"), "it runs at the start")
    assert run["pastDue"] is False
    assert run["status"]["Last"] == "0001-01-01T00:00:00+00:00"
    (run,) = wait_for(lambda: told(worker, "unmonitored"), "it runs at the start")
    assert run["status"] == {}
    wait_for(lambda: status(azurite, unique, "at_start").get("Last", datetime.min).year > 1, "the run is stored")

    # A first start is not past due, and its status is there already: what is missed from now on is known.
    found = wait_for(lambda: status(azurite, unique, "daily"), "a first status")
    tokyo = timezone(timedelta(hours=9))
    assert (found["Next"].utcoffset(), found["Next"].astimezone(tokyo).strftime("%H:%M")) == (
        timedelta(hours=9),
        "03:30",
    )
    assert told(worker, "daily") == []
    assert status(azurite, unique, "unmonitored") == {}

    timers = {entry["function"]: entry for entry in worker.scaling()["timers"]}
    assert datetime.fromisoformat(timers["daily"]["nextOccurrence"]) == found["Next"]
    assert timers["daily"]["running"] is False
    wait_for(lambda: {e["function"]: e for e in worker.scaling()["timers"]}["slow"]["running"], "it runs")

    # By hand, without a schedule to tell of.
    for text in ("", "by hand"):
        assert worker.post("/admin/functions/daily", json.dumps({"input": text})).status == 202
    by_hand = wait_for(lambda: len(told(worker, "daily")) == 2 and told(worker, "daily"), "it runs by hand")
    assert [(run["pastDue"], run["status"]) for run in by_hand] == [(False, {})] * 2

    def failures() -> int:
        return sum("ValueError: no" in record["message"] for record in worker.records(function="failing"))

    wait_for(lambda: failures() >= 2, "it fails again")
    wait_for(lambda: len(worker.records(function="slow", message="ended")) >= 2, "it runs again")
    worker.terminate()
    assert worker.wait_ended() == 0
    steps = [record["message"] for record in worker.records(function="slow")]
    # It never runs twice at a time, and a run is finished before the worker goes.
    assert steps == ["began", "ended"] * (len(steps) // 2)


def test_a_retry_policy_comes_before_the_next_occurrence(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str
) -> None:
    """The run is one, and its status is stored when the last attempt has ended."""
    app.function(
        "patient",
        """
        def main(timer, context):
            retry = context.retry_context
            print(f"{retry.retry_count} of {retry.max_retry_count} in {context.invocation_id}")
            if retry.retry_count < 2:
                raise ValueError(f"attempt {retry.retry_count}")
        """,
        timer_trigger(YEARLY, runOnStartup=True),
        retry={"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "00:00:00.2"},
    )
    worker = launch(AzureFunctionsWebHost__hostid=unique).wait_ready()
    wait_for(lambda: status(azurite, unique, "patient").get("Last", datetime.min).year > 1, "the run is stored")
    attempts = [record["message"].split(" in ") for record in worker.records(function="patient", logger="stdout")]
    assert [attempt for attempt, _ in attempts] == ["0 of 3", "1 of 3", "2 of 3"]
    assert len({invocation for _, invocation in attempts}) == 1
    wait_for(
        lambda: worker.metrics()['funcapp_retries_total{function="patient",trigger="timerTrigger"}'] == 2,
        "retries are counted",
    )


def test_a_rollout_hands_the_schedule_over_without_waiting_for_the_lock(
    app: AppFolder, launch: Launch, azurite: Azurite
) -> None:
    app.function("tick", TELL, timer_trigger("*/1 * * * * *"))
    old = launch().wait_ready()
    wait_for(lambda: told(old, "tick"), "the old one fires")
    new = launch().wait_ready()
    old.terminate()
    assert old.wait_ended() == 0
    wait_for(lambda: told(new, "tick"), "the new one fires", 10)


def test_without_storage_each_worker_fires_and_says_so(app: AppFolder, launch: Launch) -> None:
    app.function("tick", TELL, timer_trigger("*/1 * * * * *"))
    worker = launch(AzureWebJobsStorage="").wait_ready()
    wait_for(lambda: len(told(worker, "tick")) >= 2, "it fires")
    warnings = [record for record in worker.records(level="WARNING") if "AzureWebJobsStorage" in record["message"]]
    assert len(warnings) == 1


def test_the_decorator_model(app: AppFolder, launch: Launch) -> None:
    app.file(
        "function_app.py",
        """
        import azure.functions as func

        app = func.FunctionApp()

        @app.timer_trigger(schedule="%SCHEDULE%", arg_name="timer", run_on_startup=True, use_monitor=False)
        async def nightly(timer: func.TimerRequest) -> None:
            print("ran", timer.past_due)
        """,
    )
    worker = launch(SCHEDULE="0 0 3 * * Mon-Fri").wait_ready()
    worker.wait_for_record("ran False")


def test_storage_that_is_away_at_the_start_is_waited_for(
    app: AppFolder, launch: Launch, azurite: Azurite, tmp_path_factory: Any
) -> None:
    storage = Azurite(tmp_path_factory.mktemp("away"))
    app.function("tick", TELL, timer_trigger("*/1 * * * * *"))
    worker = launch(AzureWebJobsStorage=storage.connection_string).wait_ready()
    worker.wait_for_record("cannot be taken")
    starting = threading.Thread(target=storage.start)
    starting.start()
    try:
        wait_for(lambda: told(worker, "tick"), "it fires", 30)
    finally:
        starting.join()
        worker.stop()
        storage.close()


def test_what_is_wrong_with_a_timer_is_told_by_function(app: AppFolder, index: Callable[..., Any]) -> None:
    for name, trigger in {
        "hour": timer_trigger("0 0 25 * * *"),
        "words": timer_trigger("every day"),
        "unset": timer_trigger("%NO_SUCH_SETTING%"),
        "flag": timer_trigger(YEARLY, runOnStartup="maybe"),
        "missing": {"type": "timerTrigger", "direction": "in", "name": "timer"},
        "healthy": timer_trigger("%SCHEDULE%", useMonitor=False),
    }.items():
        app.function(name, TELL, trigger)
    found = index(SCHEDULE="*/5 * * * *", WEBSITE_TIME_ZONE="Pacific Standard Time")
    assert found["healthy"]["trigger"] == {
        "type": "timerTrigger",
        "schedule": "*/5 * * * *",
        "timeZone": "America/Los_Angeles",
        "runOnStartup": False,
        "useMonitor": False,
    }
    errors = {
        name: (entry["error"]["reason"], entry["error"]["message"]) for name, entry in found.items() if entry["error"]
    }
    assert errors.pop("hour") == (
        "BindingInvalid",
        "hour/function.json: binding 'timer' (timerTrigger) schedule '0 0 25 * * *' has the hour field '25':"
        " 25 must be from 0 to 23",
    )
    assert "it must have 6" in errors.pop("words")[1]
    assert errors.pop("unset")[0] == "SettingMissing"
    assert "runOnStartup 'maybe': it must be true or false" in errors.pop("flag")[1]
    assert "needs schedule" in errors.pop("missing")[1]
    assert errors == {}

    unknown = index(SCHEDULE="*/5 * * * *", TZ="Mars/Olympus")
    assert "the setting TZ='Mars/Olympus' is no time zone that is known" in unknown["healthy"]["error"]["message"]
