"""What every trigger that the host process listens for has in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from funcapp.content import Content, LazyContent
from funcapp.host.storage import StorageAccounts
from funcapp.host.telemetry import Telemetry
from funcapp.model.host_json import HostOptions

Outcome = Literal["succeeded", "failed", "notStarted", "crashed", "interrupted"]
"""`crashed`: the process ended; `interrupted`: it was ended, because the pod has no more time."""

Run = Callable[[str, Content | LazyContent, Mapping[str, Any], Mapping[str, Any]], Awaitable[Outcome]]
"""Runs a function once: its name, the trigger's content, the binding data, the trigger's metadata."""


@dataclass(frozen=True)
class Surroundings:
    """What a listener works with; one for the whole worker."""

    host: HostOptions
    environment: Mapping[str, str]
    host_id: str
    accounts: StorageAccounts
    run: Run
    telemetry: Telemetry


Section = Literal["queues", "timers", "blobs"]


class Listener(Protocol):
    """Feeds one function, or several. `run` works until `stop`; `finish` then waits for what is under way."""

    @property
    def section(self) -> Section:
        """Where `report` stands in the worker's report."""

    async def run(self) -> None:
        """Takes work until `stop` was called. Errors that may pass are logged and retried, never raised."""

    def stop(self) -> None:
        """No new work is taken."""

    async def finish(self) -> None:
        """Returns when nothing of this listener's is under way."""

    async def report(self) -> dict[str, object]:
        """What a group is scaled by. Takes less than a second; what is not known by then is None."""
