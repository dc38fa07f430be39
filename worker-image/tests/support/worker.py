"""`funcapp` as its users start it: another process, its ports, its log."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support.ports import free_ports
from support.waiting import wait_for

FUNCAPP = str(Path(sys.executable).with_name("funcapp"))


def environment(**settings: str) -> dict[str, str]:
    dropped = ("FUNCAPP_", "AzureWebJobs", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "FUNCAPP_LOG_FORMAT": "json", **settings}


class Response:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode()


class Worker:
    """`root` None: the settings say where the app is. `through` is a command that becomes another one."""

    def __init__(self, root: Path | None, settings: Mapping[str, str], through: Sequence[str] = ()) -> None:
        self.port, self.management_port = free_ports(2)
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*through, FUNCAPP, "start", *([str(root)] if root else []), "--port", str(self.port)],
            env=environment(FUNCAPP_MANAGEMENT_PORT=str(self.management_port), **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip("\n"))

    def wait_ready(self) -> Worker:
        def ready() -> bool:
            assert self.process.poll() is None, "\n".join(self.lines)
            return self.management("/readyz") == 200

        wait_for(ready, "the worker is ready", 90)
        return self

    def management(self, path: str) -> int:
        try:
            return self.request("GET", path, port=self.management_port).status
        except OSError:
            return 0

    def scaling(self) -> dict[str, Any]:
        return json.loads(self.request("GET", "/scaling", port=self.management_port).body)

    def metrics(self) -> dict[str, float]:
        text = self.request("GET", "/metrics", port=self.management_port).text
        samples = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    def request(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        port: int | None = None,
        timeout: float = 30,
    ) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            return Response(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Response:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, body: bytes | str, **headers: str) -> Response:
        return self.request("POST", path, body, headers)

    def records(self, **fields: str) -> list[dict[str, Any]]:
        """The log records that have these fields."""
        found = [json.loads(line) for line in list(self.lines) if line.startswith("{")]
        return [record for record in found if all(record.get(name) == value for name, value in fields.items())]

    def wait_for_record(self, text: str, seconds: float = 20) -> dict[str, Any]:
        return wait_for(
            lambda: next((record for record in self.records() if text in record["message"]), None),
            f"a log record with {text!r}",
            seconds,
        )

    def function_processes(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children]

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait_ended(self, seconds: float = 30) -> int:
        status = self.process.wait(seconds)
        self._reader.join()
        return status

    def stop(self) -> None:
        if self.process.poll() is None:
            self.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join()
