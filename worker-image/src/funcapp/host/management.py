"""The management port: /livez, /readyz, /metrics, /scaling."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from funcapp.host import ports
from funcapp.host.probe_server import Answer, ProbeServer
from funcapp.host.scaling.report import ScalingReport
from funcapp.host.telemetry import Telemetry
from funcapp.host.triggers.base import Listener


class Management:
    """What the worker tells about itself. `not_ready` gives the reason, or None when it is ready."""

    def __init__(self, not_ready: Callable[[], str | None]) -> None:
        self._not_ready = not_ready
        self._telemetry: Telemetry | None = None
        self._report: ScalingReport | None = None
        self._server = ProbeServer(
            {"/livez": self._livez, "/readyz": self._readyz, "/metrics": self._metrics, "/scaling": self._scaling}
        )

    async def start(self, address: str, port: int) -> int:
        """Returns the port, which 0 lets the system choose."""
        return await self._server.start(ports.listen(address, port))

    def tell_about(
        self, telemetry: Telemetry, listeners: Callable[[], Sequence[Listener]], disabled: list[str]
    ) -> None:
        """`listeners` gives those that take work now: a drain that is taken back makes new ones."""
        self._telemetry = telemetry
        self._report = ScalingReport(telemetry, listeners, disabled)

    async def close(self) -> None:
        self._server.close()

    async def _livez(self) -> Answer:
        return Answer(b"ok\n")

    async def _readyz(self) -> Answer:
        reason = self._not_ready()
        return Answer(b"ok\n") if reason is None else Answer(f"{reason}\n".encode(), 503)

    async def _metrics(self) -> Answer:
        if self._telemetry is None:
            return Answer(b"the app is not loaded yet\n", 503)
        from funcapp.host import exposition

        return Answer(exposition.render(self._telemetry), content_type=exposition.CONTENT_TYPE)

    async def _scaling(self) -> Answer:
        if self._report is None:
            return _json({"error": "the app is not loaded yet"}, 503)
        return _json(await self._report.read())


def _json(value: object, status: int = 200) -> Answer:
    return Answer(json.dumps(value).encode(), status, "application/json")
