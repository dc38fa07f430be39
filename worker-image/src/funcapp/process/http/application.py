"""From a request to a function and back: routes, authorization, outcomes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from funcapp.process.http import request as requests
from funcapp.process.http.exchange import Exchange
from funcapp.process.http.function_request import to_function
from funcapp.process.http.keys import KeyFiles, given_key
from funcapp.process.http.options import HttpOptions
from funcapp.process.http.request import BadRequest, Request
from funcapp.process.http.response import Response
from funcapp.process.http.routing import HttpFunction, Router
from funcapp.process.http.shared_headers import SharedHeaders
from funcapp.process.http.throttle import Throttle, TooManyRequests
from funcapp.process.invocation import Invocation, InvocationFailed, Invoker
from funcapp.process.loaded_function import LoadedFunction

_HOME_PAGE = b"<!doctype html><meta charset=utf-8><title>Function app</title><p>Your function app is up and running.\n"
_RETRY_AFTER_SECONDS = 1

Admin = Callable[[Request, Sequence[str]], Awaitable[Response]]
"""Answers what is under /admin, given the segments after it."""


class HttpApplication:
    """Answers requests; the rules and their order are those of the Functions host."""

    def __init__(
        self,
        functions: Sequence[HttpFunction],
        options: HttpOptions,
        keys: KeyFiles,
        shared_headers: SharedHeaders,
        admin: Admin,
        invoker: Invoker,
    ) -> None:
        self._router = Router(functions, options.route_prefix)
        self._options = options
        self._keys = keys
        self._shared_headers = shared_headers
        self._admin = admin
        self._invoker = invoker
        self._throttle = Throttle(options.max_concurrent, options.max_outstanding, options.processes)
        self.answer = self._answer_with_headers if shared_headers.needed else self._answer
        """Answers a request. None: it has been answered piece by piece, as far as that went."""

    async def _answer_with_headers(self, request: Request) -> Response | None:
        response = self._shared_headers.preflight(request) or await self._answer(request)
        if response is not None:
            self._shared_headers.add(request, response)
        return response

    async def _answer(self, request: Request) -> Response | None:
        try:
            request.query()
            if request.is_admin():
                return await self._admin(request, request.segments()[1:])
            found = self._router.find(request)
        except BadRequest:
            return Response(400)
        if found is None:
            return self._without_function(request)
        function, route = found
        if self._options.keys_required and not function.is_open:
            key = given_key(request)
            if not self._keys.current.allow(function.trigger.auth_level, function.key_name, key):
                return Response(401)
        if function.function.disabled:
            return Response(404)
        if function.loaded is None:
            return Response(500)
        call = self._call_web_app if function.is_web_app else self._call
        if not self._throttle.limits:
            return await call(function, function.loaded, request, route)
        try:
            async with self._throttle:
                return await call(function, function.loaded, request, route)
        except TooManyRequests:
            return Response(429, [("retry-after", str(_RETRY_AFTER_SECONDS))])

    def _without_function(self, request: Request) -> Response:
        if request.raw_path != "/" or request.method not in ("GET", "HEAD"):
            return Response(404)
        if not self._options.home_page:
            return Response(204)
        return Response(200, [("content-type", "text/html; charset=utf-8")], _HOME_PAGE)

    async def _call(
        self, function: HttpFunction, loaded: LoadedFunction, request: Request, route: dict[str, str]
    ) -> Response | None:
        query = request.query()
        invocation = Invocation(
            loaded,
            lambda: to_function(request, query, route),
            requests.binding_data(request, query, route) if function.needs_binding_data else {},
            trace_parent=request.header(b"traceparent") or "",
            trace_state=request.header(b"tracestate") or "",
        )
        try:
            return await self._invoker.run(invocation, function.respond)
        except InvocationFailed:
            return Response(500, [("x-invocation-id", invocation.identity)])

    async def _call_web_app(
        self, function: HttpFunction, loaded: LoadedFunction, request: Request, route: dict[str, str]
    ) -> Response | None:
        assert request.client is not None
        exchange = Exchange(request, route, request.client, self._shared_headers)
        invocation = Invocation(
            loaded,
            lambda: exchange,
            requests.binding_data(request, request.query(), route) if function.needs_binding_data else {},
            trace_parent=request.header(b"traceparent") or "",
            trace_state=request.header(b"tracestate") or "",
        )
        try:
            await self._invoker.run(invocation, exchange.conclude)
        except InvocationFailed:
            if not exchange.complete and not exchange.streaming:
                return Response(500, [("x-invocation-id", invocation.identity)])
        if exchange.streaming and not exchange.complete:
            # The only way left to say that the answer is not whole.
            request.client.transport.abort()
        return exchange.response
