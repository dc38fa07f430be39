"""One client connection: bytes to requests, responses to bytes."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import cast

from funcapp.process import eager
from funcapp.process.http import limits
from funcapp.process.http.connections import Connections
from funcapp.process.http.request import Request
from funcapp.process.http.response import Response, to_bytes
from funcapp.process.http.stream import Client

_log = logging.getLogger("funcapp.http")

_OURS = frozenset((b"host", b"content-length", b"expect"))
"""Headers that say something of the connection itself."""

_LINGER_SECONDS = 1.0
"""How long what a refused client still sends is taken, so that it reads the answer."""


class _Refused(Exception):
    """The request is not acceptable; the connection ends after the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Connection(asyncio.BufferedProtocol):
    """Requests are answered one after another; while one is answered, at most one more is read ahead."""

    def __init__(self, shared: Connections) -> None:
        self._shared = shared
        self._times = shared.times
        self._parser = shared.parsers.HttpRequestParser(self)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._client: Client
        self._allowed: float | None = None
        """Seconds that the client has for its part, once somebody looks at the clock; None where it has none."""
        self._since: float | None = None
        """When that was."""
        self._unsent: int | None = None
        """Bytes that a client that does not keep up has not taken."""
        self._waiting: deque[Request] = deque()
        self._answering: asyncio.Task[None] | None = None
        self._last: int | None = None
        """Nothing more is read; once the requests before are answered, the connection closes, after this status."""
        self._paused = False
        self._started = False
        self._in_head = False
        self._head_bytes = 0
        """As they came, so that a header without an end is counted too."""
        self._slowest: float | None = None
        """When the body has to be there, however it comes."""
        self._version = "1.1"
        self._keep_alive = True
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._header_bytes = 0
        self._hosts = 0
        self._length = 0
        """What the client says of the body."""
        self._expects = False
        """The client waits to be told that its body is welcome."""
        self._body: list[bytes] = []
        self._body_bytes = 0

    # asyncio.BufferedProtocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._client = Client(self._transport, self._shared.date)
        self._expect_within(self._times.head)
        self._shared.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._client.leave()
        self._client.writable.set()
        self._shared.discard(self)

    def pause_writing(self) -> None:
        self._client.writable.clear()
        self._unsent = self._transport.get_write_buffer_size()
        self._expect_within(self._times.write)

    def resume_writing(self) -> None:
        self._client.writable.set()
        self._unsent = self._allowed = None
        if self._answering is None and self._last is None:
            self._expect_next_request()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._shared.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._last is not None:
            return
        if self._in_head or not self._started:
            self._head_bytes += nbytes
        try:
            self._parser.feed_data(self._shared.buffer[:nbytes])
            if self._in_head and self._head_bytes > limits.MAX_HEADER_BYTES + limits.MAX_TARGET:
                raise _Refused(431)
        except self._shared.parsers.HttpParserUpgrade:
            # Offers to change the protocol are not taken up. What follows could be anything, so nothing follows.
            self._finish_reading(0 if not self._started else 400)
        except self._shared.parsers.HttpParserError as error:
            cause = error.__context__
            self._finish_reading(cause.status if isinstance(cause, _Refused) else 400)
        except _Refused as refused:
            self._finish_reading(refused.status)
        if self._answering is None and self._waiting:
            answering = eager.start(self._answer_waiting(), self._loop)
            # Most are done by now, and the next one may have begun.
            if not answering.done():
                self._answering = answering

    def eof_received(self) -> bool:
        # A client may end its side and still wait for the answer.
        self._client.leave()
        self._finish_reading(400 if self._started else 0)
        return True

    # httptools

    def on_message_begin(self) -> None:
        self._reset()
        self._started = self._in_head = True
        self._expect_within(self._times.head)

    def on_url(self, url: bytes) -> None:
        self._target += url
        if len(self._target) > limits.MAX_TARGET:
            raise _Refused(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if len(self._headers) >= limits.MAX_HEADERS or self._header_bytes > limits.MAX_HEADER_BYTES:
            raise _Refused(431)
        if not self._in_head:
            return  # A trailer must not pass for a header that was looked at before the body.
        name = name.lower()
        self._headers.append((name, value))
        if name in _OURS:
            self._look_at(name, value)

    def _look_at(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self._hosts += 1
        elif name == b"expect":
            self._expects = value.lower() == b"100-continue"
        elif len(value) > 18:
            raise _Refused(413)
        else:
            self._length = int(value)

    def on_headers_complete(self) -> None:
        if not self._in_head:
            return  # trailers
        self._in_head = False
        version = self._version = self._parser.get_http_version()
        if version == "1.1":
            if self._hosts != 1:
                raise _Refused(400)
            self._keep_alive = self._parser.should_keep_alive()
        elif version == "1.0":
            if self._hosts > 1:
                raise _Refused(400)
            # A client of version 1.0 would have to be told that the connection stays.
            self._keep_alive = False
        else:
            raise _Refused(400 if self._hosts > 1 else 505)
        if self._length > limits.MAX_BODY:
            raise _Refused(413)
        self._slowest = None
        self._expect_within(self._times.body)
        if self._expects and version == "1.1" and not self._waiting and self._answering is None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._body_bytes += len(body)
        if self._body_bytes > limits.MAX_BODY:
            raise _Refused(413)
        self._slowest = (self._slowest or monotonic() + self._times.body) + len(body) / limits.MIN_BODY_RATE
        self._expect_within(self._times.body)

    def on_message_complete(self) -> None:
        self._started = False
        self._allowed = None
        body = b""
        if self._body:
            body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            self._body = []
        self._head_bytes = 0
        method = self._parser.get_method().decode()
        target = self._target.decode("latin-1")
        self._waiting.append(Request(method, target, self._headers, body, self._version, self._client))
        if not self._keep_alive:
            self._finish_reading(0)
        # The answer begins once all that came is parsed.
        if (self._answering is not None or len(self._waiting) > 1) and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    # Answers

    async def _answer_waiting(self) -> None:
        shared, client, transport, waiting = self._shared, self._client, self._transport, self._waiting
        while waiting:
            if not client.writable.is_set():
                await client.writable.wait()
            request = waiting.popleft()
            client.closes = shared.closing or (self._last == 0 and not waiting)
            try:
                response = await shared.application(request)
            except Exception:
                _log.exception("%s %s could not be answered", request.method, request.raw_path)
                response = Response(500)
            if transport.is_closing():
                return
            close = client.closes = client.closes or shared.closing or (self._last == 0 and not waiting)
            if response is not None:
                data = to_bytes(response, head=request.method == "HEAD", close=close, date=shared.date())
                if waiting or self._last is not None:
                    transport.write(data)  # Something is written after it, perhaps at once.
                else:
                    shared.write_soon(transport, data)
            if close:
                self._answering = None
                self._close()
                return
        self._answering = None
        if self._last is not None:
            self._refuse()
            return
        if self._paused:
            self._paused = False
            transport.resume_reading()
        if shared.give_back is not None:
            self.close_if_idle()
        if not transport.is_closing() and self._unsent is None:
            self._expect_next_request()

    def _finish_reading(self, status: int) -> None:
        """`status` 0: nothing is wrong with the client, there is just no more to come."""
        if self._last is None:
            self._last = status
        self._started = self._in_head = False
        self._expect_nothing()
        if self._answering is None and not self._waiting:
            self._refuse()

    def _refuse(self) -> None:
        self._shared.write_now()
        if self._last and not self._transport.is_closing():
            self._transport.write(to_bytes(Response(self._last), head=False, close=True, date=self._shared.date()))
        self._close()

    def _close(self) -> None:
        """Ends our side first: closing while the client still sends would make it lose the answer."""
        if self._last is None:
            self._last = 0
        self._expect_nothing()
        self._shared.write_now()
        if self._transport.is_closing():
            return
        if self._last and self._transport.can_write_eof():
            self._transport.write_eof()
            self._transport.resume_reading()
            self._loop.call_later(_LINGER_SECONDS, self._transport.close)
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
        self._shared.write_now()
        if self._transport.get_write_buffer_size():
            self._loop.call_later(0.01, self.close_if_idle)
            return
        self._transport.pause_reading()
        descriptor = os.dup(self._transport.get_extra_info("socket").fileno())
        # Closes this descriptor alone: the other one keeps the connection open.
        self._transport.abort()
        take(socket.socket(fileno=descriptor))

    # Time

    def _expect_within(self, seconds: float) -> None:
        # The clock is read when somebody looks, a few times a second, rather than several times for each request.
        self._allowed = seconds
        self._since = None

    def _expect_next_request(self) -> None:
        self._expect_within(self._times.head if self._started else self._times.idle)

    def _expect_nothing(self) -> None:
        if self._unsent is None:
            self._allowed = None

    def check_time(self, now: float) -> None:
        if self._allowed is None:
            return
        if self._since is None:
            self._since = now
        in_body = self._started and not self._in_head
        late = in_body and self._slowest is not None and now >= self._slowest
        if not late and now < self._since + self._allowed:
            return
        if self._unsent is not None:
            unsent, self._unsent = self._unsent, self._transport.get_write_buffer_size()
            if self._unsent < unsent:
                self._expect_within(self._times.write)
            else:
                self._transport.abort()
        elif self._paused:
            self._expect_within(self._times.head)  # It is not the client that waits.
        elif self._last is None:
            self._finish_reading(408 if self._started else 0)
