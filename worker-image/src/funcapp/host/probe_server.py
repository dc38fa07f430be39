"""HTTP for probes and scrapes: one GET for each connection, answered from a table of paths.

Not a library's server: importing one takes longer than everything else that a host process does before it is ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple

_MAX_HEAD = 16 * 1024
_SECONDS = 10.0


class Answer(NamedTuple):
    body: bytes
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"


class ProbeServer:
    """`paths` are answered as their functions say, and all others with 404."""

    def __init__(self, paths: Mapping[str, Callable[[], Awaitable[Answer]]]) -> None:
        self._paths = paths
        self._server: asyncio.Server | None = None

    async def start(self, listening: socket.socket) -> int:
        """Returns the port."""
        self._server = await asyncio.start_server(self._serve, sock=listening, limit=_MAX_HEAD)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, asyncio.TimeoutError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _SECONDS)
            method, answer = head.partition(b" ")[0], await self._answer(head)
            status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
            writer.write(
                f"HTTP/1.1 {status}\r\ncontent-type: {answer.content_type}\r\ncontent-length: {len(answer.body)}\r\n"
                "connection: close\r\n\r\n".encode()
            )
            writer.write(b"" if method == b"HEAD" else answer.body)
            await asyncio.wait_for(writer.drain(), _SECONDS)
        writer.close()

    async def _answer(self, head: bytes) -> Answer:
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        target, _, version = rest.partition(" ")
        if not version.startswith("HTTP/1."):
            return Answer(b"bad request\n", 400)
        if method not in ("GET", "HEAD"):
            return Answer(b"GET alone is answered\n", 405)
        path = self._paths.get(target.partition("?")[0])
        return Answer(b"not found\n", 404) if path is None else await path()
