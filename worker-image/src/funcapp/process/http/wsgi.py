"""WSGI apps: each request runs in a thread; what the app yields is streamed.

https://peps.python.org/pep-3333/
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from funcapp.process.http.asgi import context_keys
from funcapp.process.http.exchange import Exchange
from funcapp.process.http.response import InvalidResponse

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiEntry:
    """Takes the place of a function whose whole work is to call a WSGI app. Called in a thread, with the `Exchange`."""

    def __init__(self, app: WsgiApp, trigger: str) -> None:
        self._app = app
        self._trigger = trigger
        self._loop = asyncio.get_running_loop()

    def __call__(self, **arguments: Any) -> None:
        exchange: Exchange = arguments[self._trigger]
        answer = _Answer(exchange, self._loop)
        result = self._app(environ(exchange, arguments.get("context")), answer.start_response)
        try:
            if isinstance(result, (list, tuple)):
                answer.finish(b"".join(result))
            else:
                for piece in result:
                    answer.write(piece)
                answer.finish()
        except Exception:
            if not exchange.abandoned:
                raise
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()


class _Answer:
    """Every piece is sent as it comes; one that is as long as the whole body shall be is the last."""

    def __init__(self, exchange: Exchange, loop: asyncio.AbstractEventLoop) -> None:
        self._exchange = exchange
        self._loop = loop
        self._head: tuple[int, list[tuple[str, str]]] | None = None
        self._started = False

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., None]:
        if exc_info is not None:
            try:
                if self._started:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._head is not None:
            raise AssertionError("start_response was called twice")
        self._head = int(status[:3]), [(str(name), str(value)) for name, value in headers]
        return self.write

    def write(self, piece: bytes) -> None:
        if piece:
            self._start()
            self._send(piece, more=self._exchange.length != len(piece))

    def finish(self, rest: bytes = b"") -> None:
        self._start()
        if not self._exchange.complete:
            self._send(rest, more=False)

    def _start(self) -> None:
        if self._started:
            return
        if self._head is None:
            raise InvalidResponse("the WSGI app gave a body and did not call start_response")
        self._exchange.start(*self._head)
        self._started = True

    def _send(self, body: bytes, *, more: bool) -> None:
        asyncio.run_coroutine_threadsafe(self._exchange.write(body, more=more), self._loop).result()


def environ(exchange: Exchange, context: Any) -> dict[str, Any]:
    """`azure_functions.…` are what the SDK's own bridge gives."""
    request = exchange.request
    peer = exchange.client.transport.get_extra_info("peername")
    scheme = request.scheme()
    host, _, port = (request.header(b"host") or "localhost").rpartition(":")
    if not port.isdigit():
        host, port = request.header(b"host") or "localhost", "443" if scheme == "https" else "80"
    found: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.raw_path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": request.raw_query,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": peer[0] if peer else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in request.headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if "_" in name:
            continue  # It would pass for the header that is written with a hyphen.
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        found[key] = f"{found[key]},{value}" if key in found else value
    found["CONTENT_LENGTH"] = str(len(request.body))
    if context is not None:
        found.update(context_keys(context))
    return found
