"""The report's load by HTTP, over all function processes, and what it takes to give it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_trigger

from funcapp.host.scaling.rates import Average
from funcapp.host.scaling.report import ScalingReport
from funcapp.host.telemetry import HTTP_SECONDS, Telemetry
from funcapp.model import app as apps
from funcapp.stats import FunctionStats


class Process:
    """What telemetry sees of a function process."""

    on_report: Callable[[], None]

    def __init__(self) -> None:
        self.last_report: dict[str, Any] = {"inFlight": 0, "closed": 0, "functions": {}}

    def reports(self, **in_flight: int) -> None:
        functions = {}
        for name, count in in_flight.items():
            stats = FunctionStats()
            stats.in_flight = count
            functions[name] = stats.to_wire()
        self.last_report = {"inFlight": sum(in_flight.values()), "closed": 0, "functions": functions}
        self.on_report()


@pytest.fixture
def telemetry(tmp_path: Path) -> Telemetry:
    folder = AppFolder(tmp_path)
    folder.function("ask", "def main(req): pass", http_trigger(), HTTP_RETURN)
    folder.function("work", "def main(msg): pass", queue_trigger("orders"))
    made = Telemetry()
    made.learn(apps.read(tmp_path, {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, processors=1))
    return made


async def test_http_in_flight_is_averaged_over_time_and_added_up_over_processes(telemetry: Telemetry) -> None:
    now = 100.0
    telemetry.http_in_flight = Average(HTTP_SECONDS, lambda: now)
    first, second = Process(), Process()
    for process in (first, second):
        telemetry.add_process(process)  # type: ignore[arg-type]
    now += 30
    # They report one after the other, each once a second; what is no HTTP does not count.
    for _ in range(15):
        first.reports(ask=6, work=50)
        second.reports(ask=2)
        now += 1
    report = await ScalingReport(telemetry, tuple, []).read()
    assert report["http"] == {"averageInFlight": 8 * 15 / 30}
    assert report["inFlight"] == 58
    # One that ends takes its invocations with it.
    telemetry.remove_process(first)  # type: ignore[arg-type]
    now += 30
    assert (await ScalingReport(telemetry, tuple, []).read())["http"] == {"averageInFlight": 2.0}
    assert {"queues": [], "timers": [], "blobs": None, "disabled": []}.items() <= report.items()


def test_an_app_without_storage_reports_without_the_storage_libraries() -> None:
    """They take half a second to import, and memory."""
    code = """
import asyncio, sys
from funcapp.host.management import Management
from funcapp.host.telemetry import Telemetry
management = Management(lambda: None)
management.tell_about(Telemetry(), tuple, [])
assert asyncio.run(management._scaling()).status == 200
print([name for name in sys.modules if name.partition(".")[0] in ("azure", "aiohttp")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
