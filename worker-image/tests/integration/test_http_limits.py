"""Limits that an app sets in host.json, and clients that take their time."""

import re
import socket
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.worker import Response, Worker


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    app = AppFolder(tmp_path_factory.mktemp("app"))
    app.host(
        extensions={
            "http": {
                "maxConcurrentRequests": 1,
                "maxOutstandingRequests": 2,
                "customHeaders": {"X-Content-Type-Options": "nosniff", "X-Own": "host"},
                "hsts": {"isEnabled": True, "maxAge": "10.00:00:00", "includeSubDomains": True},
            }
        }
    )
    app.function(
        "wait",
        """
        import asyncio
        import os
        import azure.functions as func

        async def main(req):
            print("began " + req.params["n"])
            while not os.path.exists(req.params["until"]):
                await asyncio.sleep(0.01)
            return func.HttpResponse(req.params["n"], headers={"x-own": "function"})
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    app.function("size", "async def main(req): return str(len(req.get_body()))", http_trigger(), HTTP_RETURN)
    running = Worker(app.root, {"FUNCAPP_HTTP_HEADER_SECONDS": "1", "FUNCAPP_HTTP_BODY_SECONDS": "1"})
    running.wait_ready()
    yield running
    running.stop()


def exchange(worker: Worker, *pieces: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", worker.port), 15) as client:
        for piece in pieces:
            client.sendall(piece)
        received = b""
        while data := client.recv(65536):
            received += data
        return received


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def test_more_than_may_run_wait_and_more_than_may_wait_are_told_to_come_back(worker: Worker, tmp_path: Path) -> None:
    def ask(number: int) -> Response:
        return worker.get(f"/api/wait?n={number}&until={tmp_path}/now")

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask, number) for number in range(3)]
        done, waiting = wait(asked, 20, FIRST_COMPLETED)
        (refused,) = (future.result() for future in done)
        assert (refused.status, refused.headers["retry-after"], refused.body) == (429, "1", b"")
        worker.wait_for_record("began")
        assert len([record for record in worker.records() if record["message"].startswith("began")]) == 1
        assert worker.get("/api/nothing").status == 404
        (tmp_path / "now").touch()
        assert [future.result().status for future in waiting] == [200, 200]
    assert worker.get("/api/size").status == 200


def test_headers_of_host_json(worker: Worker, tmp_path: Path) -> None:
    plain = worker.get("/api/size")
    assert (plain.headers["x-content-type-options"], plain.headers["x-own"]) == ("nosniff", "host")
    assert plain.headers["strict-transport-security"] is None
    own = worker.get(f"/api/wait?n=1&until={tmp_path}")
    assert own.headers.get_all("x-own") == ["function"]
    secure = {"X-Forwarded-Proto": "https"}
    encrypted = worker.get("/api/nothing", Host="app.example.com", **secure)
    assert encrypted.headers["strict-transport-security"] == "max-age=864000; includeSubDomains"
    assert worker.get("/api/size", Host="localhost:80", **secure).headers["strict-transport-security"] is None


SLOW = {
    "no request at all": (b"", []),
    "head without an end": (b"GET /api/size HTTP/1.1\r\nHost: a\r\n", [408]),
    "body without an end": (b"POST /api/size HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", [408]),
    "chunk without an end": (b"POST /api/size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na", [408]),
}


@pytest.mark.parametrize(("sent", "expected"), SLOW.values(), ids=SLOW)
def test_a_client_that_does_not_go_on_is_let_go(worker: Worker, sent: bytes, expected: list[int]) -> None:
    assert statuses(exchange(worker, sent)) == expected


def test_a_body_that_trickles_is_let_go(worker: Worker) -> None:
    """One byte now and then keeps no connection: after its first second a body needs 240 bytes a second."""
    with socket.create_connection(("127.0.0.1", worker.port), 15) as client:
        client.sendall(b"POST /api/size HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        client.settimeout(0.2)
        received, sent = b"", 0
        while not received:
            try:
                received = client.recv(65536)
            except TimeoutError:
                client.sendall(b"x")
                sent += 1
                assert sent < 50
    assert statuses(received) == [408]


def test_a_slow_client_keeps_nobody_else_waiting(worker: Worker) -> None:
    with socket.create_connection(("127.0.0.1", worker.port), 15) as client:
        client.sendall(b"GET /api/size HTTP/1.1\r\n")
        assert worker.get("/api/size").status == 200
        client.sendall(b"Host: a\r\nConnection: close\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
