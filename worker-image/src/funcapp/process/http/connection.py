"""One client connection: bytes to requests, responses to bytes."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from types import ModuleType
from typing import cast

from funcapp.process.http import limits
from funcapp.process.http.request import Request
from funcapp.process.http.response import Response, to_bytes

Application = Callable[[Request], Awaitable[Response]]
"""Answers a request; it never raises."""


class _Refused(Exception):
    """The request is not acceptable; the connection ends after the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Connections:
    """Every connection of this process, and what they share."""

    def __init__(self, parsers: ModuleType, application: Application) -> None:
        self.parsers = parsers
        self.application = application
        self.closing = False
        """Answers say `Connection: close`."""
        self.give_back: Callable[[socket.socket], None] | None = None
        """Takes clients between two requests, so that another process serves them on."""
        self.closed = 0
        """Connections that this process no longer has."""
        self._open: set[Connection] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._date = (0, "")

    def add(self, connection: Connection) -> None:
        self._open.add(connection)
        self._empty.clear()

    def discard(self, connection: Connection) -> None:
        self._open.discard(connection)
        self.closed += 1
        if not self._open:
            self._empty.set()

    async def finish(self) -> None:
        """Closes or gives back idle connections at once and the others after their answers; then none is left."""
        self.closing = self.give_back is None
        for connection in list(self._open):
            connection.close_if_idle()
        await self._empty.wait()

    def date(self) -> str:
        now = int(time.time())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True))
        return self._date[1]


class Connection(asyncio.Protocol):
    """Requests are answered one after another; while one is answered, at most one more is read ahead."""

    def __init__(self, shared: Connections) -> None:
        self._shared = shared
        self._parser = shared.parsers.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: deque[Request] = deque()
        self._answering: asyncio.Task[None] | None = None
        self._last: int | None = None
        """Nothing more is read; once the requests before are answered, the connection closes, after this status."""
        self._writable = asyncio.Event()
        self._writable.set()
        self._started = False
        self._in_head = False
        self._reset()

    def _reset(self) -> None:
        self._target = bytearray()
        self._headers: list[tuple[str, str]] = []
        self._header_bytes = 0
        self._head_bytes = 0
        """As they came, so that a header without an end is counted too."""
        self._body = bytearray()
        self._keep_alive = True

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._shared.add(self)
        self._expect_within(limits.HEADER_SECONDS)

    def connection_lost(self, error: Exception | None) -> None:
        self._cancel_timer()
        self._writable.set()
        self._shared.discard(self)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        if self._last is not None:
            return
        if self._in_head or not self._started:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
            if self._in_head and self._head_bytes > limits.MAX_HEADER_BYTES + limits.MAX_TARGET:
                raise _Refused(431)
            if self._started and not self._in_head:
                self._expect_within(limits.BODY_SECONDS)
        except self._shared.parsers.HttpParserUpgrade:
            # Offers to change the protocol are not taken up. What follows could be anything, so nothing follows.
            self._finish_reading(0 if not self._started else 400)
        except self._shared.parsers.HttpParserError as error:
            cause = error.__context__
            self._finish_reading(cause.status if isinstance(cause, _Refused) else 400)
        except _Refused as refused:
            self._finish_reading(refused.status)

    def eof_received(self) -> bool:
        # A client may end its side and still wait for the answer.
        if self._started:
            self._finish_reading(400)
        else:
            self._finish_reading(0)
        return True

    # httptools

    def on_message_begin(self) -> None:
        self._reset()
        self._started = self._in_head = True
        self._expect_within(limits.HEADER_SECONDS)

    def on_url(self, url: bytes) -> None:
        self._target += url
        if len(self._target) > limits.MAX_TARGET:
            raise _Refused(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if len(self._headers) >= limits.MAX_HEADERS or self._header_bytes > limits.MAX_HEADER_BYTES:
            raise _Refused(431)
        if self._in_head:  # A trailer must not pass for a header that was looked at before the body.
            self._headers.append((name.decode("latin-1").lower(), _text(value)))

    def on_headers_complete(self) -> None:
        if not self._in_head:
            return  # trailers
        self._in_head = False
        hosts = [value for name, value in self._headers if name == "host"]
        version = self._parser.get_http_version()
        if len(hosts) > 1 or (not hosts and version == "1.1"):
            raise _Refused(400)
        if version not in ("1.0", "1.1"):
            raise _Refused(505)
        length = next((value for name, value in self._headers if name == "content-length"), "0")
        if len(length) > 18 or int(length) > limits.MAX_BODY:
            raise _Refused(413)
        self._keep_alive = self._parser.should_keep_alive()
        expects = any(name == "expect" and value.lower() == "100-continue" for name, value in self._headers)
        if expects and version == "1.1" and not self._waiting and self._answering is None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > limits.MAX_BODY:
            raise _Refused(413)

    def on_message_complete(self) -> None:
        self._started = False
        self._cancel_timer()
        method = self._parser.get_method().decode()
        self._waiting.append(Request(method, self._target.decode("latin-1"), self._headers, bytes(self._body)))
        self._head_bytes = 0
        self._body = bytearray()
        if not self._keep_alive:
            self._finish_reading(0)
        if self._answering is None:
            self._answering = self._loop.create_task(self._answer_waiting())
        else:
            self._transport.pause_reading()

    # Answers

    async def _answer_waiting(self) -> None:
        while self._waiting:
            request = self._waiting.popleft()
            response = await self._shared.application(request)
            if self._transport.is_closing():
                return
            last = not self._waiting and self._last == 0
            close = last or self._shared.closing
            self._write(response, head=request.method == "HEAD", close=close)
            if close:
                self._answering = None
                self._close()
                return
            await self._writable.wait()
        self._answering = None
        if self._last is not None:
            self._refuse()
            return
        self._transport.resume_reading()
        if self._shared.give_back is not None:
            self.close_if_idle()
        elif not self._started:
            self._expect_within(limits.IDLE_SECONDS)

    def _finish_reading(self, status: int) -> None:
        """`status` 0: nothing is wrong with the client, there is just no more to come."""
        if self._last is None:
            self._last = status
        self._started = self._in_head = False
        self._cancel_timer()
        if self._answering is None and not self._waiting:
            self._refuse()

    def _refuse(self) -> None:
        if self._last:
            self._write(Response(self._last), head=False, close=True)
        self._close()

    def _write(self, response: Response, *, head: bool, close: bool) -> None:
        if not self._transport.is_closing():
            self._transport.write(to_bytes(response, head=head, close=close, date=self._shared.date()))

    def _close(self) -> None:
        """Ends our side first: closing while the client still sends would make it lose the answer."""
        if self._last is None:
            self._last = 0
        self._cancel_timer()
        if self._transport.is_closing():
            return
        if self._last and self._transport.can_write_eof():
            self._transport.write_eof()
            self._transport.resume_reading()
            self._timer = self._loop.call_later(1.0, self._transport.close)
        else:
            self._transport.close()

    def close_if_idle(self) -> None:
        if self._answering is None and not self._waiting and not self._started:
            if self._shared.give_back is not None and self._last is None:
                self._give_back(self._shared.give_back)
            else:
                self._close()

    def _give_back(self, take: Callable[[socket.socket], None]) -> None:
        """What the client sends from here on waits in the socket for the process that has it next."""
        if self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size():
            self._loop.call_later(0.01, self.close_if_idle)
            return
        self._transport.pause_reading()
        descriptor = os.dup(self._transport.get_extra_info("socket").fileno())
        self._cancel_timer()
        # Closes this descriptor alone: the other one keeps the connection open.
        self._transport.abort()
        take(socket.socket(fileno=descriptor))

    # Time

    def _expect_within(self, seconds: float) -> None:
        self._cancel_timer()
        self._timer = self._loop.call_later(seconds, self._too_slow)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self._last is None:
            self._finish_reading(408 if self._started else 0)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
