"""Loads an app as a worker does, and tells what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from funcapp.host import layout, processors
from funcapp.host.settings import Settings
from funcapp.host.supervisor import Supervisor
from funcapp.host.telemetry import Telemetry
from funcapp.model import app as apps
from funcapp.model import index


async def load_index(
    settings: Settings, log_lock: int, revision: str | None, package: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The index of the app in `settings.root`. Raises AppError."""
    settings = replace(settings, processes=1)
    app = apps.read(Path(settings.root), settings.environment, processors.processors())
    supervisor = Supervisor(app, settings, layout.find(), log_lock, {}, Telemetry(app))
    try:
        await supervisor.start()
    finally:
        await supervisor.drain(5.0)
    return index.build(app, supervisor.load_errors, revision, package)
