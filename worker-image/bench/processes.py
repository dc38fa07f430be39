"""A server under measurement: its processes, their processor time and their memory."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A server or a load generator did not do what it should; the message says what it wrote."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        port: int = opened.getsockname()[1]
        return port


class Server:
    """`command` on one core, or on this process's own, from start to `stop`. What it writes goes to `log`."""

    def __init__(self, command: Sequence[str], core: int | None, log: Path, environment: Mapping[str, str]) -> None:
        pinned = [] if core is None else ["taskset", "--cpu-list", str(core)]
        self._log = log
        self.began = time.perf_counter()
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*pinned, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                start_new_session=True,
            )

    def wait_for_http(self, url: str, seconds: float = 30.0) -> None:
        """Returns at the first answer of 200. Raises Failed."""
        self.wait_until(lambda: get(url)[0] == 200, f"{url} answers 200", seconds)

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float, step: float = 0.002) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"{self._process.args}: not so in {seconds:g} s: {what}\n{self._tail()}")
            time.sleep(step)

    def processes(self) -> list[int]:
        """This server's process and all that descend from it."""
        found, waiting = [], [self._process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                for task in os.listdir(f"/proc/{pid}/task"):
                    children = Path(f"/proc/{pid}/task/{task}/children").read_text()
                    waiting.extend(map(int, children.split()))
        return found

    def cpu_seconds(self) -> float:
        """User and system time of all processes that live."""
        return sum(_cpu_seconds(pid) for pid in self.processes())

    def memory_mib(self) -> float:
        """Proportional set size of all processes."""
        return sum(_pss_kib(pid) for pid in self.processes()) / 1024

    def stop(self) -> None:
        pids = self.processes()
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                if pid == self._process.pid or _parent(pid) == 1:
                    os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def _tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def get(url: str) -> tuple[int, bytes]:
    """Status and body; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def _cpu_seconds(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = _stat(pid)
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(_stat(pid)[1])
    return 0


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _pss_kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
