"""The socket between the host process and one function process.

A frame is two unsigned 32-bit numbers in network order (length of the header, length of the body), the header as JSON,
and the body: the parts, one after another, whose lengths the header's `parts` lists. Parts are raw bytes, never
re-encoded. Either side may call the other, many calls at a time; a reply carries the `id` of its call.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import struct
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

MAX_FRAME = 512 * 1024 * 1024
"""Bytes of one frame's body; what is larger is refused by the sender."""

_PREFIX = struct.Struct("!II")
_MAX_HEADER = 16 * 1024 * 1024
_log = logging.getLogger("funcapp.link")


class Message(NamedTuple):
    """What a call carries, and what its reply does: a JSON object and raw parts."""

    params: Mapping[str, Any]
    parts: Sequence[bytes] = ()


Handler = Callable[[Message], Awaitable[Message | None]]


class LinkClosed(ConnectionError):
    """The other process is gone, or going."""


class RemoteError(Exception):
    """The handler on the other side raised. `kind` is the exception's class name."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def encode(header: Mapping[str, Any], parts: Iterable[bytes] = ()) -> list[bytes]:
    """The buffers of one frame. Raises ValueError when it would be larger than the other side accepts."""
    parts = list(parts)
    lengths = [len(part) for part in parts]
    text = json.dumps({**header, "parts": lengths}, separators=(",", ":")).encode()
    if sum(lengths) > MAX_FRAME or len(text) > _MAX_HEADER:
        raise ValueError(f"{sum(lengths) + len(text)} bytes are too large for one call: the limit is {MAX_FRAME}")
    return [_PREFIX.pack(len(text), sum(lengths)) + text, *parts]


def decode(header: bytes, body: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The reverse of `encode`, without the prefix. Raises ValueError."""
    fields = json.loads(header)
    parts, start = [], 0
    for length in fields.pop("parts"):
        parts.append(body[start : start + length])
        start += length
    if start != len(body):
        raise ValueError(f"the parts have {start} bytes, the body {len(body)}")
    return fields, parts


class Link:
    """One end. `run` must be running for calls to be answered."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handlers: Mapping[str, Handler]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handlers = handlers
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._closed = False

    async def run(self) -> None:
        """Serves until the other side closes; then every waiting call raises LinkClosed."""
        try:
            while True:
                prefix = _PREFIX.unpack(await self._reader.readexactly(_PREFIX.size))
                if prefix[0] > _MAX_HEADER or prefix[1] > MAX_FRAME:
                    raise ValueError(f"a frame of {sum(prefix)} bytes is over the limit")
                header = await self._reader.readexactly(prefix[0])
                self._dispatch(*decode(header, await self._reader.readexactly(prefix[1])))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.close()

    def close(self) -> None:
        self._closed = True
        self._writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(LinkClosed("the other process ended"))

    async def call(self, method: str, params: Mapping[str, Any], parts: Iterable[bytes] = ()) -> Message:
        """Raises RemoteError, LinkClosed, or ValueError for what is too large to send."""
        identity = next(self._ids)
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[identity] = reply
        try:
            await self._send({"call": method, "id": identity, "params": params}, parts)
            return await reply
        finally:
            del self._waiting[identity]
            if reply.done() and not reply.cancelled():
                reply.exception()  # so that one that came too late is not reported as never retrieved

    async def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """A call without a reply."""
        await self._send({"call": method, "params": params}, ())

    async def _send(self, header: Mapping[str, Any], parts: Iterable[bytes]) -> None:
        buffers = encode(header, parts)
        async with self._sending:
            if self._closed:
                raise LinkClosed("the other process ended")
            try:
                # Not writelines: until Python 3.13.1 it ignores that the other side does not keep up (CVE-2024-12254).
                for buffer in buffers:
                    self._writer.write(buffer)
                await self._writer.drain()
            except ConnectionError as error:
                raise LinkClosed("the other process ended") from error

    def _dispatch(self, header: dict[str, Any], parts: list[bytes]) -> None:
        if "call" in header:
            task = asyncio.get_running_loop().create_task(self._answer(header, parts))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        waiting = self._waiting.get(header["reply"])
        if waiting is None or waiting.done():
            return
        if "error" in header:
            waiting.set_exception(RemoteError(header["error"]["kind"], header["error"]["message"]))
        else:
            waiting.set_result(Message(header["params"], parts))

    async def _answer(self, header: dict[str, Any], parts: list[bytes]) -> None:
        reply: dict[str, Any] = {"reply": header.get("id")}
        result: Message | None = None
        try:
            result = await self._handlers[header["call"]](Message(header["params"], parts))
        except Exception as error:
            reply["error"] = {"kind": type(error).__name__, "message": str(error)}
            if "id" not in header:
                _log.exception("%s failed", header["call"])
        if "id" not in header:
            return
        result = result or Message({})
        try:
            await self._send({**reply, "params": result.params}, result.parts)
        except LinkClosed:
            pass  # nobody waits any more
        except ValueError as error:
            await self._send({**reply, "error": {"kind": "ValueError", "message": str(error)}}, ())
