"""Clients on their way between the host process, which accepts them, and this one, which serves them."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import deque

from funcapp.process.http.connection import Connection
from funcapp.process.http.connections import Connections

_MOST_AT_ONCE = 64
"""Taken over before requests are answered again."""

_AGAIN_SECONDS = 0.01
_LATER = (errno.EAGAIN, errno.ETOOMANYREFS, errno.ENOBUFS)
"""The host process has not taken those before; what is under way has a limit."""


class Clients:
    """`sockets` carries their descriptors both ways, each with one byte."""

    def __init__(self, sockets: socket.socket) -> None:
        self._sockets = sockets
        self._adopting: set[asyncio.Task[None]] = set()
        self._leaving: deque[socket.socket] = deque()
        self._returned = asyncio.Event()
        self._returned.set()

    def start(self, connections: Connections) -> None:
        """From here on, clients become connections."""
        self._connections = connections
        asyncio.get_running_loop().add_reader(self._sockets.fileno(), self._take)

    async def take_all(self) -> None:
        """What was handed over but not yet taken is still in the socket, in front of its end."""
        while self._take():
            pass
        await asyncio.gather(*self._adopting)

    def give_back(self, client: socket.socket) -> None:
        """Sends a client to the host process; `all_returned` tells when that is done."""
        self._leaving.append(client)
        if self._returned.is_set():
            self._returned.clear()
            self._send()

    async def all_returned(self) -> None:
        await self._returned.wait()

    def _take(self) -> bool:
        """Those that wait, up to a limit; under load the loop is back only after every request under way."""
        return all(self._take_one() for _ in range(_MOST_AT_ONCE))

    def _take_one(self) -> bool:
        loop = asyncio.get_running_loop()
        try:
            data, descriptors, _, _ = socket.recv_fds(self._sockets, 1, 1)
        except BlockingIOError:
            return False
        if not data:
            loop.remove_reader(self._sockets.fileno())
            return False
        client = socket.socket(fileno=descriptors[0])
        client.setblocking(False)
        task = loop.create_task(_adopt(loop, self._connections, client))
        self._adopting.add(task)
        task.add_done_callback(self._adopting.discard)
        return True

    def _send(self) -> None:
        while self._leaving:
            try:
                socket.send_fds(self._sockets, [b"c"], [self._leaving[0].fileno()])
            except OSError as error:
                if error.errno in _LATER:
                    asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._send)
                    return
                # The host process is gone, and with it whoever could serve the client.
            self._leaving.popleft().close()
        self._returned.set()


async def _adopt(loop: asyncio.AbstractEventLoop, connections: Connections, client: socket.socket) -> None:
    try:
        await loop.connect_accepted_socket(lambda: Connection(connections), client)
    except OSError:
        client.close()
