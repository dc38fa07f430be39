"""`funcapp top`: what is observed, and the table of it."""

import json
from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from funcapp.cli import durations, group_load, load_table, worker_reports
from funcapp.cli.group_load import GroupLoad
from funcapp.cli.screen import Screen

ARCHITECTURE = Path(__file__).parents[3] / "docs" / "architecture.md"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)


def app(groups: list[dict[str, Any]], functions: list[tuple[str, str, str]]) -> dict[str, Any]:
    listed = [{"name": name, "trigger": trigger, "group": group} for name, trigger, group in functions]
    return {"metadata": {"name": "orders", "namespace": "shop"}, "status": {"groups": groups, "functions": listed}}


def group(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "deployment": f"orders-{name}", "replicas": 0, "readyReplicas": 0, **fields}


def deployment(name: str, replicas: int, ready: int, **annotations: Any) -> dict[str, Any]:
    texts = {f"functionapp.dev/{key}": json.dumps(value) for key, value in annotations.items()}
    return {
        "metadata": {"name": f"orders-{name}", "annotations": texts},
        "spec": {"replicas": replicas},
        "status": {"readyReplicas": ready} if ready else {},
    }


def pod(name: str, of: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {"functionapp.dev/group": f"orders-{of}"}}}


def report(**fields: Any) -> worker_reports.Report:
    return worker_reports.parse(json.dumps({"now": NOW.isoformat(), **fields}), NOW)


def shown(loads: list[GroupLoad]) -> list[str]:
    """The table's lines, without the room between columns."""
    return [" ".join(line.split()) for line in load_table.render(loads, NOW)[1:]]


def test_each_group_with_its_load_its_replicas_and_why() -> None:
    """The pods' reports come together, and the target is the one that the group is scaled by."""
    orders = app(
        [
            group("queue-resize", message="resize: oldest message 48 s > 30 s", reason="MessageAge"),
            group("http", maxReplicas=5, readyReplicas=1, replicas=1, reason="Minimum"),
        ],
        [("upload", "httpTrigger", "http"), ("resize", "queueTrigger", "queue-resize")],
    )
    queue = {"function": "resize", "length": 812, "oldestMessageAgeSeconds": 48.2}
    loads = group_load.observe(
        orders,
        [deployment("queue-resize", 4, 3, scaling={"messageAgeSeconds": 30, "maxReplicas": 20})],
        [pod("r1", "queue-resize"), pod("r2", "queue-resize"), pod("r3", "queue-resize"), pod("h1", "http")],
        {
            "r1": report(inFlight=16, queues=[queue]),
            "r2": report(inFlight=8, queues=[{**queue, "length": 800, "oldestMessageAgeSeconds": None}]),
            # It has not seen the queue before, and cannot tell that the message was scheduled.
            "r3": report(inFlight=0, queues=[{**queue, "length": 800, "oldestMessageAgeSeconds": 3600}]),
            "h1": report(inFlight=3, queues=[], timers=[]),
        },
    )
    lines = load_table.render(loads, NOW)
    assert lines[0].split("  ")[0] == "GROUP"
    assert shown(loads) == [
        "http 1/1/5 3 upload Minimum",
        "queue-resize 3/4/20 24 812 48s/30s resize resize: oldest message 48 s > 30 s",
    ]
    assert [lines[1].index("upload"), lines[2].index("resize", 20)] == [lines[0].index("FUNCTIONS")] * 2
    assert [lines[1].index("3 "), lines[2].index("24 ") + 1] == [lines[0].index("IN FLIGHT") + 8] * 2


def test_a_group_that_sleeps_has_no_length_and_says_who_knows_it() -> None:
    """Its timers' occurrences are those that the operator has kept."""
    orders = app(
        [group("queue-resize"), group("timer")],
        [("resize", "queueTrigger", "queue-resize"), ("nightly", "timerTrigger", "timer")],
    )
    wake = {"revision": "3f9c0a12be", "next": {"nightly": (NOW + timedelta(hours=3, minutes=5)).isoformat()}}
    loads = group_load.observe(
        orders,
        [deployment("queue-resize", 0, 0, scaling={"maxReplicas": 20}), deployment("timer", 0, 0, wake=wake)],
        [],
        {},
    )
    assert shown(loads) == [
        "queue-resize 0/0/20 – – – resize",
        "timer 0/0/– – in 3h5m nightly",
    ]
    assert load_table.notes(loads) == [
        "– no pod is ready, so nobody here has looked into the queue: KEDA does, and wakes the group"
    ]


def test_several_queues_and_timers_of_a_group_have_lines_of_their_own() -> None:
    orders = app(
        [group("images")],
        [(name, "queueTrigger", "images") for name in ("resize", "crop")]
        + [(name, "timerTrigger", "images") for name in ("nightly", "hourly")],
    )
    mine = report(
        inFlight=2,
        queues=[
            {"function": "resize", "length": 10, "oldestMessageAgeSeconds": 5},
            {"function": "crop", "length": 2, "oldestMessageAgeSeconds": 90},
        ],
        timers=[
            {"function": "nightly", "nextOccurrence": None, "running": True},
            {"function": "hourly", "nextOccurrence": (NOW + timedelta(seconds=100)).isoformat(), "running": False},
        ],
    )
    loads = group_load.observe(orders, [deployment("images", 1, 1)], [pod("i", "images")], {"i": mine})
    assert shown(loads) == [
        "images 1/1/– 2 12 1m30s nightly running crop, hourly, nightly and 1 more",
        "crop 2 1m30s",
        "resize 10 5s",
        "hourly in 1m40s",
        "nightly running",
    ]


def test_what_was_not_answered_is_at_least_as_much() -> None:
    orders = app([group("http")], [("upload", "httpTrigger", "http")])
    reports = {"a": report(inFlight=3), "b": "did not answer within 5 s"}
    loads = group_load.observe(orders, [], [pod("a", "http"), pod("b", "http"), pod("c", "http")], reports)
    assert loads[0].in_flight == 3
    assert load_table.render(loads, NOW)[1].split()[2] == "3+"
    assert load_table.notes(loads)[0].startswith("+ not all ready pods")


def test_the_report_of_the_contract_is_understood() -> None:
    """As docs/architecture.md has it, whose other reader is the operator."""
    section = ARCHITECTURE.read_text().partition("### Worker reports")[2]
    found = worker_reports.parse(section.partition("```json")[2].partition("```")[0], NOW)
    assert found.in_flight == 3
    assert found.queues == {"resize": (812, 48.0)}
    assert found.timers == {"nightly": (NOW + timedelta(seconds=20), False)}


def test_times_are_of_this_machines_clock() -> None:
    """A worker's clock that is a minute ahead does not make an occurrence a minute late."""
    theirs = NOW + timedelta(minutes=1)
    timers = [{"function": "nightly", "nextOccurrence": (theirs + timedelta(seconds=10)).isoformat()}]
    found = worker_reports.parse(json.dumps({"now": theirs.isoformat(), "timers": timers}), NOW)
    assert found.timers["nightly"].next == NOW + timedelta(seconds=10)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000])
def test_what_is_no_report(text: str) -> None:
    with pytest.raises(ValueError, match=r"report|Expecting"):
        worker_reports.parse(text, NOW)


@pytest.mark.parametrize("number", ["-1", "1e999", "NaN", "true", '"7"', "[]", "null", "1e300"])
def test_nonsense_in_a_report_is_not_known(number: str) -> None:
    """It is written where tenants' code runs."""
    text = (
        f'{{"now": "yesterday", "inFlight": {number},'
        f' "queues": [7, {{"function": "resize", "length": {number}, "oldestMessageAgeSeconds": {number}}}],'
        f' "timers": [{{"function": "nightly", "nextOccurrence": {number}}}, {{"function": {number}}}]}}'
    )
    found = worker_reports.parse(text, NOW)
    assert found.in_flight is None
    assert found.queues["resize"] == (None, None)
    assert found.timers["nightly"] == (None, False)
    late = '{"now": "0001-01-01T00:00:00Z", "timers": [{"function": "a", "nextOccurrence": "9999-12-31T23:59:59Z"}]}'
    assert worker_reports.parse(late, NOW).timers["a"].next is None


def test_a_line_ends_at_the_terminals_edge_with_its_colours_closed() -> None:
    orders = app([group("queue-resize", message="x\x1b[2J" * 50)], [("resize", "queueTrigger", "queue-resize")])
    queue = {"function": "resize", "length": 1, "oldestMessageAgeSeconds": 31}
    loads = group_load.observe(
        orders,
        [deployment("queue-resize", 2, 1, scaling={"messageAgeSeconds": 30})],
        [pod("r", "queue-resize")],
        {"r": report(inFlight=0, queues=[queue])},
    )
    plain = load_table.render(loads, NOW, width=80)
    assert max(map(len, plain)) == 80
    assert "\x1b" not in "".join(plain)
    coloured = load_table.render(loads, NOW, width=80, colours=True)[1]
    assert "\x1b[31m" in coloured
    assert coloured.count("\x1b[0m") * 2 == coloured.count("\x1b[")


def test_a_screen_shows_what_has_room_and_gives_the_terminal_back() -> None:
    output = StringIO()
    screen = Screen(output)
    with pytest.raises(KeyboardInterrupt), screen.held():
        screen.show([f"line {number}" for number in range(10)], 4)
        raise KeyboardInterrupt
    text = output.getvalue()
    assert "line 2" in text
    assert "line 3" not in text
    assert "… 7 more lines" in text
    assert text.endswith("\x1b[?25h\x1b[?1049l")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.9, "0s"), (48, "48s"), (60, "1m"), (200, "3m20s"), (7500, "2h5m"), (3601, "1h"), (356400, "4d3h")],
)
def test_lengths_of_time_are_brief(seconds: float, text: str) -> None:
    assert durations.brief(seconds) == text
