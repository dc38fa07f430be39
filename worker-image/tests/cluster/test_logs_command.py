"""`funcapp logs`."""

import json
from typing import Any

from support.apps import AppFolder
from support.cluster import Funcapp, Namespace
from support.terminal import Terminal

APP = {"functionapp.dev/app": "orders"}


def record(time: str, message: str, **fields: Any) -> str:
    entry = {"timestamp": f"2026-11-21T{time}Z", "level": "INFO", "category": "Host", "logger": "funcapp.host"}
    return json.dumps({**entry, "message": message, **fields}) + "\n"


def invoked(time: str, message: str, function: str, **fields: Any) -> str:
    return record(time, message, function=function, invocationId="0123456789abcdef", **fields)


def orders(namespace: Namespace) -> None:
    namespace.apply("orders", source={"inline": {"files": {"host.json": "{}"}}})
    namespace.ready("orders", functions=[{"name": "Hello"}, {"name": "resize"}])


def worker(namespace: Namespace, name: str, log: str, revision: str = "a1") -> None:
    namespace.pod(name, "worker", log={"worker": log}, labels={**APP, "functionapp.dev/revision": revision})


def test_all_pods_in_the_order_of_time_as_text(namespace: Namespace, funcapp: Funcapp) -> None:
    """A line has the level, the function and the invocation."""
    orders(namespace)
    first = record("10:00:00.000", "ready") + invoked("10:00:03.000", "third \x1b]0;title\x07", "Hello")
    second = invoked("10:00:02.000", "second", "resize", level="ERROR", exception="Traceback\nValueError: x")
    worker(namespace, "orders-http-1-aaaa", first)
    worker(namespace, "orders-queue-1-bbbb", second + "not a record\n", revision="b2")
    done = funcapp("logs", "orders")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "[aaaa] 2026-11-21T10:00:00.000Z INFO     funcapp.host: ready",
        "[bbbb] 2026-11-21T10:00:02.000Z ERROR    resize 01234567: second",
        "Traceback",
        "ValueError: x",
        "[bbbb] not a record",
        "[aaaa] 2026-11-21T10:00:03.000Z INFO     Hello 01234567: third \\x1b]0;title\\x07",
    ]
    one = funcapp("logs", "orders", "--function", "hello", "--json")
    assert [json.loads(line)["function"] for line in one.stdout.splitlines()] == ["Hello"]
    assert funcapp("logs", "orders", "--revision", "b2").stdout.startswith("[bbbb]")
    unknown = funcapp("logs", "orders", "--function", "nosuch")
    assert unknown.returncode == 1
    assert "orders has no function 'nosuch': it has Hello, resize" in unknown.stderr


def test_following_shows_pods_that_start_later(namespace: Namespace, app: AppFolder) -> None:
    """A queue function wakes from zero while its log is followed. A connection that is cut loses nothing."""
    orders(namespace)
    shown = Terminal(
        *("logs", "orders", "--follow", "--namespace", namespace.name), cwd=app.root, **namespace.environment()
    )
    try:
        shown.wait_for("no pod runs yet")
        worker(namespace, "orders-queue-1-cccc", invoked("10:00:00.000", "woke", "resize"))
        shown.wait_for("resize 01234567: woke")
        namespace.log("orders-queue-1-cccc", "worker", invoked("10:00:01.000", "went on", "resize"))
        shown.wait_for("resize 01234567: went on")
        namespace.cut_log("orders-queue-1-cccc")
        namespace.log("orders-queue-1-cccc", "worker", invoked("10:00:02.000", "again", "resize"))
        shown.wait_for("resize 01234567: again")
    finally:
        assert shown.end() == 130
    assert [line.rpartition(" ")[2] for line in shown.output] == ["woke", "on", "again"]


def test_the_log_of_a_build_is_that_of_the_last_one(namespace: Namespace, funcapp: Funcapp) -> None:
    orders(namespace)
    assert "no build of orders is kept" in funcapp("logs", "orders", "--build").stderr
    namespace.pod(
        "orders-prepare-1",
        "prepare",
        log={"build": record("10:00:00.000", "installed"), "verify": "loaded\n"},
        labels={**APP, "functionapp.dev/revision": "a1"},
    )
    done = funcapp("logs", "orders", "--build")
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["2026-11-21T10:00:00.000Z INFO     funcapp.host: installed", "loaded"]
    assert funcapp("logs", "orders", "--build", "--revision", "b2").returncode == 1
    # A branch is looked up before there is a revision.
    namespace.pod("orders-resolve-1", "resolve", log={"resolve": "main is not there\n"}, labels=APP)
    assert funcapp("logs", "orders", "--build", "--revision", "b2").stdout == "main is not there\n"


def test_an_app_that_sleeps_has_no_logs_and_says_so(namespace: Namespace, funcapp: Funcapp) -> None:
    orders(namespace)
    done = funcapp("logs", "orders")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no pod of orders runs: its groups sleep" in done.stderr
