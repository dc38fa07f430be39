"""GET /scaling of a worker that does everything: the document of docs/architecture.md, "Worker reports"."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from support.apps import HTTP_RETURN, AppFolder, blob_trigger, http_trigger, queue_trigger, timer_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

WAITS = "import asyncio\nasync def main({0}):\n    print('began')\n    await asyncio.sleep({1})"


def test_what_a_worker_reports_under_load(
    app: AppFolder, launch: Callable[..., Worker], azurite: Azurite, unique: str, tmp_path: Path
) -> None:
    """These are the numbers that a group is scaled by, with two function processes."""
    queue = azurite.queues.get_queue_client(unique)
    queue.create_queue()
    app.host(extensions={"queues": {"batchSize": 2, "newBatchThreshold": 1, "maxPollingInterval": "00:00:00.2"}})
    app.function("ask", WAITS.format("req", 8) + "\n    return 'x'", http_trigger(), HTTP_RETURN)
    app.function("work", WAITS.format("msg", 1), queue_trigger(unique))
    app.function("resting", "def main(msg): pass", queue_trigger(unique), disabled=True)
    app.function("nightly", "def main(timer): pass", timer_trigger("0 0 3 * * *"))
    app.function("seen", "def main(blob): pass", blob_trigger(f"{unique}/{{name}}"))
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="2", AzureFunctionsWebHost__hostid=f"host-{unique}").wait_ready()
    threads = [threading.Thread(target=lambda: worker.get("/api/ask")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(60):
        queue.send_message("eA==", time_to_live=600)

    def entry() -> dict[str, object]:
        (found,) = worker.scaling()["queues"]
        return found

    def busy() -> dict[str, object] | None:
        found = entry()
        return found if found["visible"] and found["working"] else None

    wait_for(lambda: entry()["throughput"], "it has been saturated for a while", 60)
    found = wait_for(busy, "messages wait and are worked on")
    assert (found["function"], found["queue"], found["newBatchThreshold"]) == ("work", unique, 1)
    assert 1 <= found["working"] <= 3
    assert found["visible"] < found["length"] <= 60
    assert 1 <= found["oldestMessageAgeSeconds"] <= 120
    assert found["timeToLiveSeconds"] == 600
    assert 0 < found["throughput"] < 4
    report = worker.scaling()
    assert report["disabled"] == ["resting"]
    assert 0 < report["http"]["averageInFlight"] <= 4
    assert abs(datetime.fromisoformat(report["now"]).timestamp() - time.time()) < 20
    wait_for(lambda: worker.scaling()["timers"][0]["nextOccurrence"], "the next occurrence is known")
    (nightly,) = worker.scaling()["timers"]
    assert datetime.fromisoformat(nightly["nextOccurrence"]).astimezone(timezone.utc).hour == 3
    assert nightly == {**nightly, "function": "nightly", "running": False}
    wait_for(lambda: (worker.scaling()["blobs"] or {}).get("idle"), "the scan has found nothing")
    for thread in threads:
        thread.join()
