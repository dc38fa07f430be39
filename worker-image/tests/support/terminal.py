"""`funcapp` as a developer runs it: in the app's folder, with text to read."""

from __future__ import annotations

import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from support.waiting import wait_for
from support.worker import FUNCAPP, environment


def run(
    *arguments: str, cwd: Path, program: str = FUNCAPP, stdin: str | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """A command from start to end."""
    return subprocess.run(
        [program, *arguments],
        cwd=cwd,
        env={**environment(**settings), "FUNCAPP_LOG_FORMAT": "text"},
        capture_output=True,
        input=stdin,
        encoding="utf-8",
        timeout=180,
    )


class Terminal:
    """A command that goes on: its lines so far, its standard output alone, and HTTP requests to what it serves."""

    def __init__(self, *arguments: str, cwd: Path, program: str = FUNCAPP, **settings: str) -> None:
        self.output: list[str] = []
        self.errors: list[str] = []
        variables = {**environment(**settings), "FUNCAPP_LOG_FORMAT": "text"}
        self.process = subprocess.Popen(
            [program, *arguments],
            cwd=cwd,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self._readers = [
            threading.Thread(target=self._read, args=pair)
            for pair in ((self.process.stdout, self.output), (self.process.stderr, self.errors))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: object, lines: list[str]) -> None:
        for line in stream:  # type: ignore[attr-defined]
            lines.append(line.rstrip("\n"))

    @property
    def text(self) -> str:
        return "\n".join([*self.errors, *self.output])

    def wait_for(self, text: str, seconds: float = 60) -> None:
        def there() -> bool:
            if text in self.text:
                return True
            assert self.process.poll() is None, self.text
            return False

        try:
            wait_for(there, f"the output {text!r}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text}") from None

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Status and body; 0 when nothing answers."""
        request = urllib.request.Request(url, headers=dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def end(self, number: int = signal.SIGINT) -> int:
        """Sends a signal, as Ctrl-C does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return status
