"""What every measure works with."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Server, free_port

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
TARGET = REPOSITORY / "target" / "bench"
FUNCAPP = str(Path(sys.executable).with_name("funcapp"))


@dataclass(frozen=True)
class Context:
    """`repetitions`: how often each server is measured; `seconds`: how long the load of one HTTP measurement lasts."""

    server_core: int
    load_core: int
    repetitions: int
    seconds: float

    def say(self, text: str) -> None:
        print(f"  {text}", file=sys.stderr, flush=True)

    def peer_python(self, environment: str) -> str:
        return str(TARGET / "peers" / environment / "bin" / "python")

    def start(self, name: str, command: list[str], **settings: str) -> Server:
        return Server(command, self.server_core, TARGET / "logs" / f"{name}.log", {**_environment(), **settings})

    def start_ours(self, app: Path, **settings: str) -> Ours:
        """The worker as in a pod, but for keys: its functions are anonymous."""
        port, management = free_port(), free_port()
        server = self.start(
            f"ours-{app.name}",
            [FUNCAPP, "start", str(app), "--port", str(port)],
            FUNCAPP_MANAGEMENT_PORT=str(management),
            FUNCAPP_LOG_FORMAT="json",
            **settings,
        )
        return Ours(server, port, management)


@dataclass(frozen=True)
class Ours:
    server: Server
    port: int
    management: int

    def wait_ready(self) -> None:
        self.server.wait_for_http(f"http://127.0.0.1:{self.management}/readyz")


def _environment() -> Mapping[str, str]:
    """Without what would change a server's settings."""
    ours = ("FUNCAPP_", "AzureWebJobs", "GRANIAN_", "GUNICORN_", "WORKERS", "THREADS", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
