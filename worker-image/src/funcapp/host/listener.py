"""The HTTP port: accepts clients and hands each to a function process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable

from funcapp.host import ports
from funcapp.host.supervisor import Supervisor

_log = logging.getLogger("funcapp.http")

_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_WAIT_SECONDS = 5.0
_UNAVAILABLE_SECONDS = 5.0
_MAX_WAITING = 2048
_LOOK_SECONDS = 0.02


class HttpListener:
    """Listens from construction on, so that the port is never refused; `run` accepts.

    `supervisor` gives the one that runs now, None while there is none.
    """

    def __init__(self, address: str, port: int, supervisor: Callable[[], Supervisor | None]) -> None:
        self._supervisor = supervisor
        self._socket = ports.listen(address, port)
        self._turned_away: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(self._socket)
            except OSError as error:
                _log.error("no client can be accepted: %s", error.strerror)
                await asyncio.sleep(0.1)
                continue
            self.hand_over(client)

    def close(self) -> None:
        """Takes those who have connected already, and nobody any more."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                self.hand_over(client)
        self._socket.close()

    def hand_over(self, client: socket.socket) -> None:
        """To a function process; without one, the client is told to come back."""
        with contextlib.suppress(OSError):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._to_process(client):
            return
        if len(self._turned_away) >= _MAX_WAITING:
            client.close()
            return
        task = asyncio.create_task(self._keep_waiting(client))
        self._turned_away.add(task)
        task.add_done_callback(self._turned_away.discard)

    def _to_process(self, client: socket.socket) -> bool:
        supervisor = self._supervisor()
        for process in supervisor.for_client() if supervisor is not None else ():
            if process.take_connection(client):
                client.close()
                return True
        return False

    async def _keep_waiting(self, client: socket.socket) -> None:
        """For a process that is being replaced, or has more to take than it does at once.

        A worker that has never been ready is not waited for.
        """
        with contextlib.suppress(asyncio.TimeoutError):
            if await asyncio.wait_for(self._wait_for_process(client), _WAIT_SECONDS):
                return
        await _turn_away(client)

    async def _wait_for_process(self, client: socket.socket) -> bool:
        """False: there will be none."""
        while True:
            supervisor = self._supervisor()
            if supervisor is None or await supervisor.wait_for_ready() is None:
                return False
            if self._to_process(client):
                return True
            await asyncio.sleep(_LOOK_SECONDS)


async def _turn_away(client: socket.socket) -> None:
    """Answers 503 once the request's head is there: an answer before it would be lost."""
    loop = asyncio.get_running_loop()
    client.setblocking(False)

    async def answer() -> None:
        head = b""
        while b"\r\n\r\n" not in head and len(head) < 64 * 1024:
            data = await loop.sock_recv(client, 16 * 1024)
            if not data:
                return
            head += data
        await loop.sock_sendall(client, _UNAVAILABLE)
        client.shutdown(socket.SHUT_WR)
        while await loop.sock_recv(client, 64 * 1024):
            pass

    with client, contextlib.suppress(OSError, asyncio.TimeoutError):
        await asyncio.wait_for(answer(), _UNAVAILABLE_SECONDS)
