"""An end to everything that waits for another host: also for one that sends a byte a minute."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

from funcapp.net.errors import Unavailable


class Deadline:
    """Ends the connections that were added when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._connections: list[socket.socket] = []
        self._over = threading.Event()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """What was raised because of the end becomes Unavailable."""
        self._timer.cancel()
        if error is not None and self._over.is_set():
            raise Unavailable(f"it took longer than {self.seconds:.0f} seconds") from None

    def add(self, connection: socket.socket) -> None:
        self._connections.append(connection)
        if self._over.is_set():
            self._end()

    def _end(self) -> None:
        self._over.set()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                # Not the method of a TLS connection, which takes its state away from the thread that reads.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
