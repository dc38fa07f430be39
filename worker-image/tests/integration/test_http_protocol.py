"""What clients may send, byte by byte."""

import re
import socket
from collections.abc import Callable, Iterator

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.azurite import Azurite
from support.worker import Worker


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, azurite: Azurite) -> Iterator[Worker]:
    app = AppFolder(tmp_path_factory.mktemp("app"))
    app.function(
        "size",
        'def main(req): return f\'{len(req.get_body())};{req.headers.get("x-late", "")}\'',
        http_trigger(route="size/{*rest}"),
        HTTP_RETURN,
    )
    running = Worker(app.root, {"AzureWebJobsStorage": azurite.connection_string})
    running.wait_ready()
    yield running
    running.stop()


Exchange = Callable[..., bytes]


@pytest.fixture
def exchange(worker: Worker) -> Exchange:
    """Sends bytes, ends the sending side if asked to, and returns all that comes until the server closes."""

    def run(*pieces: bytes, end: bool = False) -> bytes:
        with socket.create_connection(("127.0.0.1", worker.port), 10) as client:
            for piece in pieces:
                client.sendall(piece)
            if end:
                client.shutdown(socket.SHUT_WR)
            received = b""
            while data := client.recv(65536):
                received += data
            return received

    return run


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


POST = b"POST /api/size HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"

REFUSED = {
    "length and chunked": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked and length": POST + CHUNKED + b"Content-Length: 3\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "same length twice": POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "negative length": POST + b"Content-Length: -3\r\n\r\nabc",
    "signed length": POST + b"Content-Length: +3\r\n\r\nabc",
    "list of lengths": POST + b"Content-Length: 3, 3\r\n\r\nabc",
    "chunked not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "unknown encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "bad chunk size": POST + CHUNKED + b"\r\nzz\r\nab\r\n0\r\n\r\n",
    "signed chunk size": POST + CHUNKED + b"\r\n+2\r\nab\r\n0\r\n\r\n",
    "chunk longer than it says": POST + CHUNKED + b"\r\n2\r\nabc\r\n0\r\n\r\n",
    "bare LF": b"GET /api/size HTTP/1.1\nHost: a\n\n",
    "bare LF after a header": b"GET /api/size HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
    "bare CR in a value": b"GET /api/size HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
    "space before colon": b"GET /api/size HTTP/1.1\r\nHost : a\r\n\r\n",
    "folded header": b"GET /api/size HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
    "space before the first header": b"GET /api/size HTTP/1.1\r\n Host: a\r\n\r\n",
    "NUL in a value": b"GET /api/size HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
    "empty header name": b"GET /api/size HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
    "no host": b"GET /api/size HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /api/size HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "unknown method": b"BREW /api/size HTTP/1.1\r\nHost: a\r\n\r\n",
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "space in the target": b"GET /api/si ze HTTP/1.1\r\nHost: a\r\n\r\n",
    "chunk size without digits": POST + CHUNKED + b"\r\n;x\r\nab\r\n0\r\n\r\n",
    "chunk size too large for any number": POST + CHUNKED + b"\r\n" + b"f" * 17 + b"\r\nab\r\n0\r\n\r\n",
    "chunk with bare LF": POST + CHUNKED + b"\r\n2\nab\n0\n\n",
    "space before chunked": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + CHUNKED + CHUNKED + b"\r\n0\r\n\r\n",
    "hidden chunked": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "length in hexadecimal": POST + b"Content-Length: 0x3\r\n\r\nabc",
    "length with a space": POST + b"Content-Length: 1 2\r\n\r\nabc",
    "empty length": POST + b"Content-Length:\r\n\r\nabc",
    "NUL in a name": b"GET /api/size HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n",
    "header without a colon": b"GET /api/size HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
    "NUL in the target": b"GET /api/size\0 HTTP/1.1\r\nHost: a\r\n\r\n",
    "target of nothing": b"GET  HTTP/1.1\r\nHost: a\r\n\r\n",
    "method in lower case": b"get /api/size HTTP/1.1\r\nHost: a\r\n\r\n",
    "version of another protocol": b"GET /api/size ICE/1.1\r\nHost: a\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", REFUSED.values(), ids=REFUSED)
def test_refused_with_400_and_nothing_after_it_is_read(exchange: Exchange, request_bytes: bytes) -> None:
    answer = exchange(request_bytes + b"GET /api/size HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", end=True)
    assert statuses(answer) == [400], answer


LIMITS = {
    "no version": (b"GET /api/size\r\nHost: a\r\n\r\n", 505),
    "target": (b"GET /api/size/" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "one header": (b"GET /api/size HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 60_000 + b"\r\n\r\n", 431),
    "a header without an end": (b"GET /api/size HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 300_000, 431),
    "many headers": (b"GET /api/size HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431),
    "announced body": (b"POST /api/size HTTP/1.1\r\nHost: a\r\nContent-Length: 104857601\r\n\r\n", 413),
    "absurd body": (b"POST /api/size HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 19 + b"\r\n\r\n", 413),
}


@pytest.mark.parametrize(("request_bytes", "status"), LIMITS.values(), ids=LIMITS)
def test_limits(exchange: Exchange, request_bytes: bytes, status: int) -> None:
    assert statuses(exchange(request_bytes)) == [status]


def test_chunked_body_longer_than_the_limit_is_refused_while_it_arrives(exchange: Exchange) -> None:
    head = b"POST /api/size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    assert statuses(exchange(head, *[chunk] * 100, b"1\r\na")) == [413]


PATHS = {
    "/api/size/%zz": 400,
    "/api/size/%ff": 400,
    "/api/size/a%00b": 400,
    "/api//size": 404,
    "//api/size": 404,
    "/api/size/..;/": 200,
    "/api/../api/size": 404,
    "/api/size/": 200,
    "/api%2Fsize": 404,
    "/API/Size/%C3%A9": 200,
    "*": 404,
    "http://other/api/size": 200,
    "http://other": 200,
    "/api/size/%2e%2e/%2F": 200,
    "/api/size?x=%zz": 200,
    "/api/size?" + "&".join("x=1" for _ in range(1001)): 400,
    "/api/size/a#b": 200,
    "/ap%69/size": 200,
}


@pytest.mark.parametrize(("path", "status"), PATHS.items())
def test_paths(exchange: Exchange, path: str, status: int) -> None:
    """Dots and encoded slashes are text of a segment, and lead nowhere."""
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    assert statuses(exchange(request)) == [status]


def test_requests_of_one_connection_are_answered_in_order(exchange: Exchange) -> None:
    def post(body: bytes, close: bool = False) -> bytes:
        extra = b"Connection: close\r\n" if close else b""
        return b"POST /api/size HTTP/1.1\r\nHost: a\r\n%bContent-Length: %d\r\n\r\n%b" % (extra, len(body), body)

    answer = exchange(b"".join(post(b"x" * size, size == 9) for size in range(10)))
    assert statuses(answer) == [200] * 10
    assert [part.partition(b";")[0] for part in answer.split(b"\r\n\r\n")[1:]] == [b"%d" % size for size in range(10)]


def test_chunked_body_byte_by_byte(exchange: Exchange) -> None:
    request = (
        b"POST /api/size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Late: t\r\n\r\n"
    )
    assert exchange(*(bytes([byte]) for byte in request)).endswith(b"\r\n\r\n5;")


def test_expect_continue_is_answered_before_the_body(worker: Worker) -> None:
    with socket.create_connection(("127.0.0.1", worker.port), 10) as client:
        client.sendall(b"POST /api/size HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(1024).endswith(b"\r\n\r\n3;")


def test_offer_to_upgrade_is_ignored(exchange: Exchange) -> None:
    answer = exchange(
        b"GET /api/size HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"
    )
    assert statuses(answer) == [200]


def test_old_clients_are_answered_and_the_connection_ends(exchange: Exchange) -> None:
    assert statuses(exchange(b"GET /api/size HTTP/1.0\r\n\r\n")) == [200]


def test_client_that_ends_its_side_still_gets_the_answer(exchange: Exchange) -> None:
    assert statuses(exchange(b"GET /api/size HTTP/1.1\r\nHost: a\r\n\r\n", end=True)) == [200]
    assert statuses(exchange(b"POST /api/size HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", end=True)) == [400]
