"""A response that is sent piece by piece, and the client that takes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from funcapp.process.http.response import WITHOUT_BODY, Headers, InvalidResponse, head_to_bytes


class ClientGone(OSError):
    """The client takes nothing any more."""


class Client:
    """The far end of a connection, as far as an answer is concerned."""

    def __init__(self, transport: asyncio.Transport, date: Callable[[], str]) -> None:
        self.transport = transport
        self.date = date
        self.writable = asyncio.Event()
        """Cleared while the client takes less than it is sent."""
        self.writable.set()
        self._gone = False
        self._end: asyncio.Event | None = None
        self.closes = False
        """The connection ends after the answer that is under way."""

    def leave(self) -> None:
        """The client has ended its side: most of the time it has left, and reads no answer either."""
        self._gone = True
        if self._end is not None:
            self._end.set()

    def expect_end(self) -> asyncio.Event:
        """For one answer: set when the client leaves before it is complete; who answers sets it then."""
        self._end = asyncio.Event()
        if self._gone:
            self._end.set()
        return self._end

    async def write(self, data: bytes) -> None:
        """Raises ClientGone."""
        if self.transport.is_closing():
            raise ClientGone("the client has closed the connection")
        self.transport.write(data)
        if not self.writable.is_set():
            await self.writable.wait()


class ResponseStream:
    """One response: `start`, `write` as often as there is something, `finish`."""

    def __init__(self, client: Client, *, method: str, version: str) -> None:
        self._client = client
        self._head_only = method == "HEAD"
        self._chunked = version == "1.1"
        self._left: int | None = None
        self.started = False
        self.finished = False

    async def start(self, status: int, headers: Headers, length: int | None = None) -> None:
        """`length` of the body, None where it is not known. Raises ClientGone."""
        self.started = True
        self._head_only = self._head_only or status in WITHOUT_BODY
        framing = ""
        if status in WITHOUT_BODY:
            self._chunked = False
        elif length is not None:
            self._chunked, self._left = False, length
            framing = f"content-length: {length}\r\n"
        elif self._chunked:
            framing = "transfer-encoding: chunked\r\n"
        else:
            # An old client: the end of the connection is the end of the body.
            self._client.closes = True
        if self._client.closes:
            framing += "connection: close\r\n"
        await self._client.write(head_to_bytes(status, headers, self._client.date(), framing))

    async def write(self, data: bytes) -> None:
        """Returns when the client keeps up. Raises ClientGone, InvalidResponse."""
        if not data or self._head_only:
            return
        if self._left is not None:
            if len(data) > self._left:
                raise InvalidResponse("the body is longer than its content-length")
            self._left -= len(data)
        await self._client.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    async def finish(self) -> None:
        """Raises ClientGone, InvalidResponse."""
        if self._left and not self._head_only:
            raise InvalidResponse(f"the body is {self._left} bytes shorter than its content-length")
        if self._chunked and not self._head_only:
            await self._client.write(b"0\r\n\r\n")
        self.finished = True
