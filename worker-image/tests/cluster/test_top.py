"""`funcapp top`."""

import json
import os
import pty
import re
import select
import signal
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
from support.apps import AppFolder
from support.cluster import Funcapp, Namespace
from support.terminal import Terminal
from support.waiting import wait_for
from support.worker import FUNCAPP, environment

RESIZE = "orders-queue-resize-1"


def labels(deployment: str) -> dict[str, str]:
    return {
        "functionapp.dev/app": "orders",
        "functionapp.dev/group": deployment,
        "app.kubernetes.io/component": "worker",
    }


def report(length: int) -> dict[str, object]:
    queue = {"function": "resize", "queue": "photos", "length": length, "oldestMessageAgeSeconds": 48.0}
    return {"now": datetime.now(timezone.utc).isoformat(), "inFlight": 16, "queues": [queue], "timers": []}


@pytest.fixture
def orders(namespace: Namespace) -> Namespace:
    """A queue function at work, and a timer that sleeps."""
    namespace.apply("orders", source={"inline": {"files": {"host.json": "{}"}}})
    namespace.ready(
        "orders",
        functions=[
            {"name": "resize", "trigger": "queueTrigger", "group": "queue-resize", "target": "photos"},
            {"name": "nightly", "trigger": "timerTrigger", "group": "timer"},
        ],
        groups=[
            {"name": "timer", "deployment": "orders-timer-1", "replicas": 0, "readyReplicas": 0},
            {"name": "queue-resize", "deployment": RESIZE, "replicas": 1, "readyReplicas": 1},
        ],
    )
    scaling = {"messageAgeSeconds": 30, "maxReplicas": 20}
    namespace.deployment(RESIZE, labels(RESIZE), {"functionapp.dev/scaling": json.dumps(scaling)}, 1)
    occurrence = datetime.now(timezone.utc) + timedelta(hours=3, minutes=30, seconds=30)
    wake = {"next": {"nightly": occurrence.isoformat()}}
    timer = labels("orders-timer-1")
    namespace.deployment("orders-timer-1", timer, {"functionapp.dev/wake": json.dumps(wake)}, 0)
    namespace.pod("resize-old", "worker", log={"worker": ""}, labels=labels(RESIZE), ready=False)
    namespace.pod("resize-pod", "worker", log={"worker": ""}, labels=labels(RESIZE))
    namespace.report("resize-pod", report(812))
    return namespace


def test_one_look(orders: Namespace, funcapp: Funcapp) -> None:
    """Each group has its length, age beside target, work and replicas, and with a timer when it wakes."""
    done = funcapp("top", "orders")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    head, _, _, resize, timer = done.stdout.splitlines()
    assert head.startswith(f"{orders.name}/orders  Ready  ")
    assert resize.split() == ["queue-resize", "1/1/20", "16", "812", "48s/30s", "resize"]
    assert timer.split() == ["timer", "0/0/–", "–", "in", "3h30m", "nightly"]
    found = json.loads(funcapp("top", "orders", "-o", "json").stdout)
    assert [(group["name"], group["inFlight"]) for group in found["groups"]] == [("queue-resize", 16), ("timer", None)]
    assert found["groups"][0]["queues"][0]["oldestMessageAgeSeconds"] == 48.0


def test_pods_that_cannot_be_asked_leave_the_rest(orders: Namespace, funcapp: Funcapp) -> None:
    """Without the right to pods/proxy, or while a pod hangs."""
    labelled = labels(RESIZE)
    orders.pod("resize-silent", "worker", log={"worker": ""}, labels=labelled)
    orders.pod("resize-flood", "worker", log={"worker": ""}, labels=labelled)
    orders.report("resize-flood", "x" * 100_000)
    done = funcapp("top", "orders")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[3].split()[:4] == ["queue-resize", "1/1/20", "16+", "812"]
    assert "pods could not be asked: " in done.stdout
    assert funcapp("top", "nosuch").returncode == 1
    assert funcapp("top", "orders", "-w", "--interval", "0s").returncode == 2


def test_programs_get_an_object_a_line_until_it_is_ended(orders: Namespace, app: AppFolder) -> None:
    """A cluster that is away for a while is asked again."""
    arguments = ("top", "orders", "-w", "--interval", "1s", "-o", "json", "--namespace", orders.name)
    shown = Terminal(*arguments, cwd=app.root, **orders.environment())
    try:
        shown.wait_for('"length": 812')
        orders.break_command("get")
        shown.wait_for("funcapp: Unable to connect to the server")
        orders.mend_command("get")
        orders.report("resize-pod", report(813))
        shown.wait_for('"length": 813')
    finally:
        status = shown.end(signal.SIGINT)
    assert status == 130
    assert "Traceback" not in shown.text
    assert {json.loads(line)["name"] for line in shown.output} == {"orders"}


def test_a_terminal_is_drawn_in_place_and_given_back(orders: Namespace, app: AppFolder) -> None:
    """What Ctrl-C leaves is the last table, on the screen that was there before."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [FUNCAPP, "top", "orders", "--watch", "--interval", "1s", "--namespace", orders.name],
        cwd=app.root,
        env={**environment(**orders.environment()), "TERM": "xterm", "COLUMNS": "60", "LINES": "20"},
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    os.close(terminal)
    written = ""

    def read() -> bool:
        nonlocal written
        while select.select([controller], [], [], 0.1)[0]:
            try:
                data = os.read(controller, 65536)
            except OSError:
                return True
            if not data:
                return True
            written += data.decode()
        return False

    try:
        wait_for(lambda: read() or "812" in written, "the first table", 60)
        orders.report("resize-pod", report(7))
        wait_for(lambda: read() or re.search(r"16 +7 ", plain(written)), "the second table", 60)
        process.send_signal(signal.SIGINT)
        wait_for(read, "the end", 60)
        assert process.wait(60) == 130
    finally:
        process.kill()
        _, errors = process.communicate()
        os.close(controller)
    assert errors == ""
    during, _, after = written.partition("\x1b[?1049l")
    assert during.startswith("\x1b[?1049h")
    assert during.count("\x1b[H") >= 2
    assert "\x1b[31m" in during
    assert "queue-resize" in after
    assert max(len(line) for line in plain(after).splitlines()) <= 60


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", text)
