"""ASGI apps: a response is sent as the app makes it, and the app's lifespan is the function process's.

https://asgi.readthedocs.io/en/latest/specs/www.html and lifespan.html
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote

from funcapp.process.http.exchange import Exchange

_log = logging.getLogger("funcapp.http")

Scope = MutableMapping[str, Any]
AsgiApp = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]

_VERSIONS = {"version": "3.0", "spec_version": "2.4"}


class StartFailed(Exception):
    """The app says that it cannot start."""


class AsgiEntry:
    """Takes the place of a function whose whole work is to call an ASGI app. Called with the `Exchange`."""

    def __init__(self, app: AsgiApp, trigger: str) -> None:
        self._app = app
        self._trigger = trigger
        self._state: dict[str, Any] = {}
        self._lifespan = _Lifespan(app, self._state)

    async def start(self) -> None:
        """Raises StartFailed."""
        await self._lifespan.start()

    async def stop(self) -> None:
        await self._lifespan.stop()

    async def __call__(self, **arguments: Any) -> None:
        exchange: Exchange = arguments[self._trigger]
        scope = http_scope(exchange, arguments.get("context"))
        if self._lifespan.supported:
            scope["state"] = self._state.copy()
        await run(self._app, scope, exchange)


async def run(app: AsgiApp, scope: Scope, exchange: Exchange) -> None:
    """One request. An app that ends because its client has left has not failed."""
    try:
        await app(scope, _receiver(exchange), _sender(exchange))
    except Exception:
        if not exchange.abandoned:
            raise
        _log.info("the client left before its answer was complete")


def http_scope(exchange: Exchange, context: Any) -> Scope:
    """`azure_functions.…` are what the SDK's own bridge gives."""
    request, transport = exchange.request, exchange.client.transport
    raw_path = request.raw_path.encode("latin-1")
    peer, local = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    scope: Scope = {
        "type": "http",
        "asgi": _VERSIONS,
        "http_version": request.version,
        "method": request.method,
        "scheme": request.scheme(),
        "path": unquote(raw_path.decode()),
        "raw_path": raw_path,
        "query_string": request.raw_query.encode("latin-1"),
        "root_path": "",
        "headers": list(request.headers),
        "client": tuple(peer[:2]) if peer else None,
        "server": tuple(local[:2]) if local else None,
        "extensions": {},
    }
    if context is not None:
        scope.update(context_keys(context))
    return scope


def context_keys(context: Any) -> Mapping[str, Any]:
    return {
        "azure_functions.function_directory": context.function_directory,
        "azure_functions.function_name": context.function_name,
        "azure_functions.invocation_id": context.invocation_id,
        "azure_functions.thread_local_storage": context.thread_local_storage,
        "azure_functions.trace_context": context.trace_context,
        "azure_functions.retry_context": context.retry_context,
    }


def _receiver(exchange: Exchange) -> Callable[[], Awaitable[Any]]:
    body: bytes | None = exchange.request.body

    async def receive() -> dict[str, Any]:
        nonlocal body
        if body is not None:
            message = {"type": "http.request", "body": body, "more_body": False}
            body = None
            return message
        await exchange.over.wait()
        return {"type": "http.disconnect"}

    return receive


def _sender(exchange: Exchange) -> Callable[[Any], Awaitable[None]]:
    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", ())
            pairs = [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in headers]
            exchange.start(message["status"], pairs)
        elif message["type"] == "http.response.body":
            await exchange.write(bytes(message.get("body", b"")), more=message.get("more_body", False))
        else:
            raise RuntimeError(f"the ASGI message {message['type']!r} is not one that this server takes")

    return send


class _Lifespan:
    """An app that raises instead of taking part runs without."""

    def __init__(self, app: AsgiApp, state: dict[str, Any]) -> None:
        self._app = app
        self._state = state
        self._messages: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._answers: asyncio.Queue[Mapping[str, Any] | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.supported = False

    async def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())
        answer = await self._ask("lifespan.startup")
        if answer is None:
            return
        if answer["type"] == "lifespan.startup.failed":
            raise StartFailed(answer.get("message") or "lifespan.startup.failed")
        self.supported = True

    async def stop(self) -> None:
        if self._task is None or not self.supported:
            return
        answer = await self._ask("lifespan.shutdown")
        if answer is not None and answer["type"] == "lifespan.shutdown.failed":
            _log.error("the ASGI app did not shut down well: %s", answer.get("message", ""))

    async def _ask(self, kind: str) -> Mapping[str, Any] | None:
        await self._messages.put({"type": kind})
        return await self._answers.get()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await self._app(scope, self._messages.get, self._answers.put)
        except Exception as error:
            # Before the first answer, this is how an app says that it knows no lifespan.
            level = logging.ERROR if self.supported else logging.DEBUG
            _log.log(level, "the ASGI app's lifespan ended: %s: %s", type(error).__name__, error, exc_info=error)
        finally:
            self._answers.put_nowait(None)
