"""Every client connection of this process, and what they share."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from types import ModuleType
from typing import Protocol

from funcapp.process.http.limits import Times
from funcapp.process.http.request import Request
from funcapp.process.http.response import Response

Application = Callable[[Request], Awaitable["Response | None"]]
"""Answers a request. None: it has streamed the answer itself, as far as it could."""

_CHECK_SECONDS = 0.25
_BUFFER_SIZE = 256 * 1024


class Member(Protocol):
    """What `Connections` asks of each connection."""

    def close_if_idle(self) -> None: ...

    def check_time(self, now: float) -> None: ...


class Connections:
    """`parsers` is the module of the HTTP parser."""

    def __init__(self, parsers: ModuleType, application: Application, times: Times) -> None:
        self.parsers = parsers
        self.application = application
        self.times = times
        self.buffer = memoryview(bytearray(_BUFFER_SIZE))
        """What a client has sent. One for all, as it is parsed at once: for an `asyncio.Protocol`, each piece is
        read into new memory of as many bytes, which takes longer than to read and parse a request."""
        self.closing = False
        """Answers say `Connection: close`."""
        self.give_back: Callable[[socket.socket], None] | None = None
        """Takes clients between two requests, so that another process serves them on."""
        self.closed = 0
        """Connections that this process no longer has."""
        self._open: set[Member] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._checking: asyncio.TimerHandle | None = None
        self._date = (0, "")
        self._loop = asyncio.get_running_loop()
        self._unwritten: list[tuple[asyncio.Transport, bytes]] = []

    def add(self, connection: Member) -> None:
        self._open.add(connection)
        self._empty.clear()
        if self._checking is None:
            self._check_times()

    def discard(self, connection: Member) -> None:
        self._open.discard(connection)
        self.closed += 1
        if not self._open:
            self._empty.set()

    def start_giving_back(self, take: Callable[[socket.socket], None]) -> None:
        """From here on, `take` gets each client as soon as none of its requests is under way."""
        self.give_back = take
        for connection in list(self._open):
            connection.close_if_idle()

    async def finish(self) -> None:
        """Closes or gives back idle connections at once and the others after their answers; then none is left."""
        self.closing = self.give_back is None
        for connection in list(self._open):
            connection.close_if_idle()
        await self._empty.wait()

    def write_soon(self, transport: asyncio.Transport, data: bytes) -> None:
        """Writes it once all is done that this turn of the loop brings.

        The kernel's part of a write and the interpreter drive each other out of the processor's caches, so answers
        that are written one after another take less time than those that are written as they come.
        """
        if not self._unwritten:
            self._loop.call_soon(self.write_now)
        self._unwritten.append((transport, data))

    def write_now(self) -> None:
        """Writes what `write_soon` was given. To be called before anything else is written, or a transport closed."""
        unwritten, self._unwritten = self._unwritten, []
        for transport, data in unwritten:
            if not transport.is_closing():
                transport.write(data)

    def date(self) -> str:
        now = int(time.time())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True))
        return self._date[1]

    def _check_times(self) -> None:
        """One timer for all: a timer for each request would cost more than the rest of its parsing."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in list(self._open):
            connection.check_time(now)
        self._checking = loop.call_later(_CHECK_SECONDS, self._check_times) if self._open else None
