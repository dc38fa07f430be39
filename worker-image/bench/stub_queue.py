"""A queue service that keeps one queue in memory and answers faster than any consumer asks.

It speaks what consumers use of https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api and believes
every signature. `GET /control/fill?count=N` puts messages; `GET /control/left` answers how many are not deleted.
Argument: the port. Runs until it is ended.
"""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import parse_qs, urlsplit

_TIMES = (
    "<InsertionTime>Thu, 01 Jan 2026 00:00:00 GMT</InsertionTime>"
    "<ExpirationTime>Fri, 01 Jan 2100 00:00:00 GMT</ExpirationTime>"
)
_VISIBLE = "Thu, 01 Jan 2026 00:10:00 GMT"


class Queue:
    """Messages are numbered; those received and not deleted stay invisible."""

    def __init__(self) -> None:
        self._waiting: list[int] = []
        self._received: set[int] = set()
        self._last = 0

    @property
    def left(self) -> int:
        return len(self._waiting) + len(self._received)

    def fill(self, count: int) -> None:
        self._waiting.extend(range(self._last + count, self._last, -1))
        self._last += count

    def receive(self, count: int) -> str:
        taken = [self._waiting.pop() for _ in range(min(count, len(self._waiting)))]
        self._received.update(taken)
        entries = "".join(
            f"<QueueMessage><MessageId>{number:08d}-0000-0000-0000-000000000000</MessageId>{_TIMES}"
            f"<PopReceipt>AgAAAAMAAAAAAAAA{number}</PopReceipt><TimeNextVisible>{_VISIBLE}</TimeNextVisible>"
            f"<DequeueCount>1</DequeueCount><MessageText>message {number}</MessageText></QueueMessage>"
            for number in taken
        )
        return f'<?xml version="1.0" encoding="utf-8"?><QueueMessagesList>{entries}</QueueMessagesList>'

    def delete(self, identity: str) -> bool:
        number = int(identity.partition("-")[0])
        found = number in self._received
        self._received.discard(number)
        return found


class Connection(asyncio.Protocol):
    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._data = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].decode("latin-1")
            length = _content_length(head)
            if len(self._data) < end + 4 + length:
                return
            self._data = self._data[end + 4 + length :]
            method, target, _ = head.partition("\r\n")[0].split(" ")
            self._transport.write(self._answer(method, target))

    def _answer(self, method: str, target: str) -> bytes:
        url = urlsplit(target)
        options = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/control/fill":
            self._queue.fill(int(options["count"]))
            return _response("200 OK")
        if url.path == "/control/left":
            return _response("200 OK", str(self._queue.left))
        match method, url.path.rpartition("/")[2]:
            case "GET", "messages":
                count = 0 if "peekonly" in options else int(options.get("numofmessages", 1))
                return _response("200 OK", self._queue.receive(count), "content-type: application/xml")
            case "POST", "messages":
                return _response("201 Created", "<QueueMessagesList/>", "content-type: application/xml")
            case "DELETE", identity:
                return _response("204 No Content" if self._queue.delete(identity) else "404 Not Found")
            case "PUT", _ if "visibilitytimeout" in options:
                receipt = f"x-ms-popreceipt: {options['popreceipt']}"
                return _response("204 No Content", "", receipt, f"x-ms-time-next-visible: {_VISIBLE}")
            case "PUT", _:
                return _response("201 Created")
        return _response("200 OK", "", f"x-ms-approximate-messages-count: {self._queue.left}")


def _content_length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


def _response(status: str, body: str = "", *headers: str) -> bytes:
    length = [] if status.startswith("204") else [f"content-length: {len(body)}"]
    lines = [f"HTTP/1.1 {status}", "x-ms-version: 2021-12-02", "date: Thu, 01 Jan 2026 00:00:00 GMT", *length, *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def main() -> None:
    queue = Queue()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(queue), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
