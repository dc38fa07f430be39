"""The socket between the host process and one function process.

A frame is two unsigned 32-bit numbers in network order (length of the header, length of the body), the header as JSON,
and the body. The header's `parts` lists what the frame carries beside JSON: a number for so many bytes of the body,
one after another and never re-encoded; a list with one number for a file of so many bytes, whose descriptor travels
with the frame (SCM_RIGHTS). Either side may call the other, many calls at a time; a reply carries the `id` of its call.
"""

from __future__ import annotations

import array
import asyncio
import itertools
import json
import logging
import os
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from funcapp.content import Content, FileContent

MAX_FRAME = 128 * 1024 * 1024
"""Bytes of one frame's body; what is larger is refused by the sender. Larger content travels as a file."""

MAX_FILES = 250
"""Of one frame; the kernel passes up to 253 at a time."""

_PREFIX = struct.Struct("!II")
_MAX_HEADER = 16 * 1024 * 1024
_READ_SIZE = 256 * 1024
_JOIN_SIZE = 64 * 1024
_HIGH_WATER = 1024 * 1024
_ANCILLARY_SIZE = socket.CMSG_SPACE(253 * array.array("i").itemsize)
_CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
# Made once: json.dumps makes another with every call that asks for anything but its defaults.
_to_json = json.JSONEncoder(separators=(",", ":")).encode
_log = logging.getLogger("funcapp.link")


class Message(NamedTuple):
    """What a call carries, and what its reply does: a JSON object and raw parts."""

    params: Mapping[str, Any]
    parts: Sequence[Content] = ()


Handler = Callable[[Message], Awaitable[Message | None]]


class LinkClosed(ConnectionError):
    """The other process is gone, or going."""


class RemoteError(Exception):
    """The handler on the other side raised. `kind` is the exception's class name."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def encode(header: Mapping[str, Any], parts: Sequence[Content] = ()) -> list[bytes]:
    """The buffers of one frame, without its files. Raises ValueError when the other side would not accept it."""
    inline = [part for part in parts if not isinstance(part, FileContent)]
    described = [[part.length] if isinstance(part, FileContent) else len(part) for part in parts]
    text = _to_json({**header, "parts": described}).encode()
    size = sum(map(len, inline))
    if size > MAX_FRAME or len(text) > _MAX_HEADER:
        raise ValueError(f"{size + len(text)} bytes are too large for one call: the limit is {MAX_FRAME}")
    if len(parts) - len(inline) > MAX_FILES:
        raise ValueError(f"{len(parts) - len(inline)} large values are too many for one call: the limit is {MAX_FILES}")
    return [_PREFIX.pack(len(text), size) + text, *inline]


def decode(header: bytes, body: bytes, files: deque[int]) -> tuple[dict[str, Any], list[Content]]:
    """The reverse of `encode`, without the prefix; takes descriptors from `files`. Raises ValueError."""
    fields = json.loads(header)
    parts: list[Content] = []
    start = 0
    for described in fields.pop("parts"):
        if isinstance(described, list):
            if not files:
                raise ValueError("a file did not come with its frame")
            parts.append(FileContent(files.popleft(), described[0]))
        else:
            parts.append(body[start : start + described])
            start += described
    if start != len(body):
        raise ValueError(f"the parts have {start} bytes, the body {len(body)}")
    return fields, parts


class _Outgoing(NamedTuple):
    """What one system call sends: bytes, and the files that go with the first of them."""

    data: bytes | memoryview
    files: Sequence[FileContent] = ()


class Link:
    """One end, which takes over the connected socket. `run` must be running for calls to be answered."""

    def __init__(self, connected: socket.socket, handlers: Mapping[str, Handler]) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._handlers = handlers
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._received = bytearray()
        self._files: deque[int] = deque()
        self._space = memoryview(bytearray(_READ_SIZE))
        self._outgoing: deque[_Outgoing] = deque()
        self._unsent = 0
        self._flushing = False
        self._room = asyncio.Event()
        self._room.set()
        self._ended = asyncio.Event()
        self._broken = False
        self._closed = False

    async def run(self) -> None:
        """Serves until the other side closes; then every waiting call raises LinkClosed."""
        if self._closed:
            return
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read)
        try:
            await self._ended.wait()
        finally:
            self.close()

    def close(self) -> None:
        """Sends what the other side takes at once, and ends the link."""
        if self._closed:
            return
        self._flush()
        self._closed = True
        self._ended.set()
        self._room.set()
        descriptor = self._socket.fileno()
        loop = asyncio.get_running_loop()
        loop.remove_reader(descriptor)
        loop.remove_writer(descriptor)
        self._socket.close()
        self._outgoing.clear()
        while self._files:
            os.close(self._files.popleft())
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(LinkClosed("the other process ended"))

    async def call(self, method: str, params: Mapping[str, Any], parts: Sequence[Content] = ()) -> Message:
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

    async def _send(self, header: Mapping[str, Any], parts: Sequence[Content]) -> None:
        buffers = encode(header, parts)
        while not self._room.is_set():
            await self._room.wait()
        if self._closed or self._broken:
            raise LinkClosed("the other process ended")
        files = [part for part in parts if isinstance(part, FileContent)]
        if sum(map(len, buffers)) <= _JOIN_SIZE:
            buffers = [b"".join(buffers)]
        self._outgoing.append(_Outgoing(buffers[0], files))
        self._outgoing.extend(map(_Outgoing, buffers[1:]))
        self._unsent += sum(map(len, buffers))
        if self._unsent > _HIGH_WATER:
            self._room.clear()
        if not self._flushing:
            # Once for all that is sent in this turn of the loop.
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        if self._closed or self._broken:
            return
        loop = asyncio.get_running_loop()
        try:
            while self._outgoing:
                self._send_once(_join(self._outgoing))
        except (BlockingIOError, InterruptedError):
            loop.add_writer(self._socket.fileno(), self._flush)
            return
        except OSError:
            # Replies that came before may still be there to be read; the end comes after them.
            self._broken = True
            self._outgoing.clear()
            self._room.set()
        self._flushing = False
        loop.remove_writer(self._socket.fileno())

    def _send_once(self, next_out: _Outgoing) -> None:
        """Raises OSError; what was not sent is then in front of the queue again."""
        ancillary = []
        if next_out.files:
            numbers = array.array("i", [file.fileno() for file in next_out.files])
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
        try:
            count = self._socket.sendmsg([next_out.data], ancillary)
        except OSError:
            self._outgoing.appendleft(next_out)
            raise
        self._unsent -= count
        if count < len(next_out.data):
            self._outgoing.appendleft(_Outgoing(memoryview(next_out.data)[count:]))
        if self._unsent <= _HIGH_WATER // 2:
            self._room.set()

    def _read(self) -> None:
        try:
            count, ancillary, flags, _ = self._socket.recvmsg_into([self._space], _ANCILLARY_SIZE, _CLOSE_ON_EXEC)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            count, ancillary, flags = 0, [], 0
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                numbers = array.array("i")
                numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
                self._files.extend(numbers)
        if flags & socket.MSG_CTRUNC:
            _log.error("the link lost a file: no file descriptor is free in this process")
            count = 0
        if not count:
            self._ended.set()
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            return
        self._received += self._space[:count]
        try:
            self._take_frames()
        except ValueError:
            _log.exception("the link is broken")
            self._ended.set()

    def _take_frames(self) -> None:
        """Dispatches every frame that is complete. Raises ValueError."""
        position = 0
        with memoryview(self._received) as received:
            while len(received) - position >= _PREFIX.size:
                head, body = _PREFIX.unpack_from(received, position)
                if head > _MAX_HEADER or body > MAX_FRAME:
                    raise ValueError(f"a frame of {head + body} bytes is over the limit")
                start = position + _PREFIX.size
                end = start + head + body
                if len(received) < end:
                    break
                header, content = bytes(received[start : start + head]), bytes(received[start + head : end])
                self._dispatch(*decode(header, content, self._files))
                position = end
        del self._received[:position]

    def _dispatch(self, header: dict[str, Any], parts: list[Content]) -> None:
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

    async def _answer(self, header: dict[str, Any], parts: list[Content]) -> None:
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


def _join(outgoing: deque[_Outgoing]) -> _Outgoing:
    """Takes the first, and small ones that follow it: one system call for all of them."""
    first = outgoing.popleft()
    if len(outgoing) == 0 or len(first.data) > _JOIN_SIZE:
        return first
    joined, size = [first.data], len(first.data)
    while outgoing and not outgoing[0].files and size + len(outgoing[0].data) <= _READ_SIZE:
        following = outgoing.popleft().data
        joined.append(following)
        size += len(following)
    return _Outgoing(b"".join(joined), first.files)
