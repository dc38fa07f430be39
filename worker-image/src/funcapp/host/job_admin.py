"""What /admin asks of a job host and tells it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from funcapp.content import Content, LazyContent
from funcapp.errors import FunctionError
from funcapp.host.admin import DrainState
from funcapp.host.function_process import in_flight
from funcapp.host.supervisor import Supervisor
from funcapp.host.triggers.base import Outcome, Run
from funcapp.model.app import App

_log = logging.getLogger("funcapp.admin")


class Job(Protocol):
    """The job host, as far as it matters here."""

    supervisor: Supervisor
    app: App

    @property
    def host_id(self) -> str: ...

    @property
    def ending(self) -> bool:
        """The worker ends, so nothing can be resumed."""

    async def run_function(
        self, function: str, body: Content | LazyContent, data: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> Outcome: ...

    def listen(self) -> None: ...

    def stop_listening(self, *, hand_back: bool) -> None: ...

    async def finish_listening(self) -> None:
        """Returns when nothing that listeners took is under way."""


class JobAdmin:
    """Implements `funcapp.host.admin.Host`."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._draining: asyncio.Task[None] | None = None
        self._by_hand: set[asyncio.Task[None]] = set()

    @property
    def app(self) -> App:
        return self._job.app

    @property
    def host_id(self) -> str:
        return self._job.host_id

    @property
    def load_errors(self) -> Mapping[str, FunctionError]:
        return self._job.supervisor.load_errors

    @property
    def in_flight(self) -> int:
        return in_flight(self._job.supervisor.ready)

    @property
    def drain_state(self) -> DrainState:
        if self._draining is None and not self._job.ending:
            return "Disabled"
        finished = self._draining is None or self._draining.done()
        return "Completed" if finished and not self.in_flight and not self._by_hand else "InProgress"

    def start_drain(self) -> None:
        if self._draining is None and not self._job.ending:
            _log.info("draining, as asked for")
            self._job.stop_listening(hand_back=False)
            self._draining = asyncio.create_task(self._job.finish_listening())

    def resume(self) -> bool:
        if self._job.ending:
            return False
        if self._draining is not None:
            _log.info("resuming, as asked for")
            self._draining = None
            self._job.listen()
        return True

    def run_by_hand(self, function: str, content: bytes) -> None:
        task = asyncio.create_task(_run(self._job.run_function, function, content))
        self._by_hand.add(task)
        task.add_done_callback(self._by_hand.discard)

    async def finish(self) -> None:
        """Returns when nothing that was run by hand is under way."""
        if self._by_hand:
            await asyncio.wait(self._by_hand)


async def _run(run: Run, function: str, content: bytes) -> None:
    _log.info("%s is run by hand", function)
    outcome = await run(function, content, _binding_data(content), {})
    if outcome != "succeeded":
        _log.error("%s was run by hand: %s", function, outcome)


def _binding_data(content: bytes) -> dict[str, Any]:
    """What expressions can name: the properties of a JSON object, as with a message of a queue."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
