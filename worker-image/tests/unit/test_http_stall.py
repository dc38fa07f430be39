"""Clients that do not take what they asked for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.waiting import eventually

from funcapp.host import layout
from funcapp.process import paths
from funcapp.process.http.connection import Connection
from funcapp.process.http.connections import Connections
from funcapp.process.http.limits import Times
from funcapp.process.http.request import Request
from funcapp.process.http.response import Response

SIZE = 32 * 1024 * 1024
REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def large(request: Request) -> Response:
    return Response(200, [], bytes(SIZE))


@pytest.fixture
async def served() -> AsyncIterator[tuple[Connections, int]]:
    connections = Connections(
        paths.import_hidden("httptools", str(layout.find().process_libs)), large, Times(write=0.6, idle=1.0)
    )
    server = await asyncio.get_running_loop().create_server(lambda: Connection(connections), "127.0.0.1", 0)
    yield connections, server.sockets[0].getsockname()[1]
    server.close()


async def test_a_client_that_takes_nothing_of_an_answer_is_let_go(served: tuple[Connections, int]) -> None:
    """The answer would stay in memory for as long as the client likes."""
    connections, port = served
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(REQUEST)
    await eventually(lambda: connections.closed == 1, "the connection is aborted", 20)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(SIZE)
    writer.close()


async def test_a_client_that_takes_it_slowly_gets_all_of_it(served: tuple[Connections, int]) -> None:
    """And then it is any client that may send another request, within its time."""
    connections, port = served
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=64 * 1024)
    writer.write(REQUEST)
    await reader.readuntil(b"\r\n\r\n")
    taken = 0
    while taken < SIZE:
        taken += len(await reader.readexactly(min(SIZE - taken, 8 * 1024 * 1024)))
        await asyncio.sleep(0.3)
    assert connections.closed == 0
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()


async def test_a_client_that_does_not_take_its_answers_waits_for_the_next(served: tuple[Connections, int]) -> None:
    """However many requests it sends, one answer is in memory."""
    connections, port = served
    answered = 0

    async def count(request: Request) -> Response:
        nonlocal answered
        answered += 1
        return await large(request)

    connections.application = count
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    for _ in range(5):
        writer.write(REQUEST)
        await writer.drain()
        await asyncio.sleep(0.05)
    assert answered == 1
    writer.close()
