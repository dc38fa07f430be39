"""The supervisor with function processes that do what a test says."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.waiting import eventually

from funcapp.errors import FunctionError
from funcapp.host import settings as host_settings
from funcapp.host import supervisor as supervisors
from funcapp.host.function_process import ProcessEnded
from funcapp.host.layout import Layout
from funcapp.host.supervisor import Supervisor
from funcapp.host.telemetry import Telemetry
from funcapp.link import Message
from funcapp.model.app import App
from funcapp.model.host_json import HostOptions

ROOT = Path("/app")
LAYOUT = Layout("", Path(), Path(), Path())


class Process:
    """`reads`: it takes notices. `ends`: `finish` returns without being killed."""

    take_back: Callable[[socket.socket], None]

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.errors: dict[str, FunctionError] = {}
        self.reads = True
        self.ends = True
        self.notices: list[str] = []
        self.stuck = asyncio.Event()
        self.killed = asyncio.Event()
        self.silent_seconds = 0.0
        self.invocations = self.connections = 0
        self.last_report = {"inFlight": 0, "closed": 0, "functions": {}}
        self.link = SimpleNamespace(call=self._call, notify=self._notify)

    async def load(self, *_: object) -> dict[str, FunctionError]:
        return self.errors

    async def _call(self, method: str, params: Mapping[str, Any]) -> Message:
        return Message({})

    async def _notify(self, method: str, params: Mapping[str, Any]) -> None:
        if not self.reads:
            await asyncio.Event().wait()
        self.notices.append(method)

    async def wait(self) -> int:
        await self.killed.wait()
        return -9

    async def finish(self, timeout: float | None, *, hand_over: bool = False) -> None:
        if not self.ends:
            await self.killed.wait()

    def kill(self) -> None:
        self.killed.set()

    async def end(self) -> None:
        self.kill()
        await self.wait()


class Scene:
    """`prepare` is called with each process before it loads, the first one being number 1."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, processes: int = 1) -> None:
        self.started: list[Process] = []
        self.prepare: Callable[[Process], None] = lambda process: None
        monkeypatch.setattr(supervisors, "FunctionProcess", self)
        settings = host_settings.parse({"FUNCTIONS_WORKER_PROCESS_COUNT": str(processes)})
        app = App(ROOT, HostOptions(), None)
        self.supervisor = Supervisor(app, settings, LAYOUT, -1, {}, Telemetry())

    async def start(self, *_: object) -> Process:
        process = Process(len(self.started) + 1)
        self.started.append(process)
        self.prepare(process)
        return process

    @property
    def ready(self) -> list[int]:
        return [process.pid for process in self.supervisor.ready]


async def test_a_process_that_reads_nothing_keeps_no_other_from_hearing_of_a_drain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisors, "_ANNOUNCE_SECONDS", 0.05)
    scene = Scene(monkeypatch, processes=2)
    await scene.supervisor.start()
    scene.started[0].reads = False
    await asyncio.wait_for(scene.supervisor.announce_unready(), 5)
    assert scene.started[1].notices == ["unready"]
    await scene.supervisor.drain(1.0)


async def test_a_replaced_process_that_does_not_end_has_no_more_time_than_a_drain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene(monkeypatch)
    await scene.supervisor.start()
    first = scene.started[0]
    first.ends = False
    first.stuck.set()
    await eventually(lambda: scene.ready == [2], "another process")
    await asyncio.wait_for(scene.supervisor.drain(0.05), 5)
    assert first.killed.is_set()


async def test_a_replacement_that_can_do_less_is_replaced_until_one_can_do_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where only loading ends it. What did not load at the start does not have to load later."""
    monkeypatch.setattr(supervisors, "_FIRST_DELAY", 0.01)
    scene = Scene(monkeypatch)
    broken = {"broken": FunctionError("ImportFailed", "no")}

    def prepare(process: Process) -> None:
        process.errors = dict(broken)
        if process.pid == 2:
            process.errors["works"] = FunctionError("ImportFailed", "no")
        if process.pid == 3:

            async def end(*_: object) -> dict[str, FunctionError]:
                raise ProcessEnded(-9, "works")

            monkeypatch.setattr(process, "load", end)
        if process.pid == 4:

            async def hang(*_: object) -> dict[str, FunctionError]:
                await asyncio.Event().wait()
                return {}

            monkeypatch.setattr(process, "load", hang)

    scene.prepare = prepare
    await scene.supervisor.start()
    assert scene.ready == [1]
    monkeypatch.setattr(supervisors, "_LOAD_SECONDS", 0.05)
    scene.started[0].kill()
    await eventually(lambda: scene.ready == [5], "a process that loads what the first one did")
    assert [process.killed.is_set() for process in scene.started] == [True, True, True, True, False]
    assert scene.supervisor.load_errors == broken
    await scene.supervisor.drain(1.0)
