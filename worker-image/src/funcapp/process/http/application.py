"""From a request to a function and back: routes, authorization, outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from funcapp.errors import FunctionError
from funcapp.model.app import route_of
from funcapp.model.bindings.http import HttpTrigger
from funcapp.model.function import Function
from funcapp.model.routes import RouteTemplate
from funcapp.process.http import request as requests
from funcapp.process.http import response as responses
from funcapp.process.http.request import BadRequest, Request
from funcapp.process.http.response import InvalidResponse, Response
from funcapp.process.invocation import Invocation, InvocationFailed, Invoker, LoadedFunction, Outcome

_HOME_PAGE = b"<!doctype html><meta charset=utf-8><title>Function app</title><p>Your function app is up and running.\n"


@dataclass(frozen=True)
class HttpFunction:
    """A function behind a route; `loaded` is None where its code did not load."""

    function: Function
    trigger: HttpTrigger
    route: RouteTemplate
    loaded: LoadedFunction | None


@dataclass(frozen=True)
class HttpOptions:
    """`keys_required`: without keys, only anonymous functions are open."""

    route_prefix: str
    keys_required: bool
    home_page: bool


def http_functions(
    functions: Mapping[str, Function], loaded: Mapping[str, LoadedFunction | FunctionError]
) -> list[HttpFunction]:
    """In the order in which routes are tried: by name."""
    found = []
    for name in sorted(functions, key=lambda name: (name.lower(), name)):
        function = functions[name]
        if isinstance(function.trigger, HttpTrigger):
            code = loaded.get(name)
            found.append(
                HttpFunction(
                    function,
                    function.trigger,
                    route_of(name, function.trigger),
                    code if isinstance(code, LoadedFunction) else None,
                )
            )
    return found


class HttpApplication:
    """Answers requests; the rules and their order are those of the Functions host."""

    def __init__(self, functions: Sequence[HttpFunction], options: HttpOptions, invoker: Invoker) -> None:
        self._functions = functions
        self._prefix = [segment.lower() for segment in options.route_prefix.split("/") if segment]
        self._options = options
        self._invoker = invoker

    async def __call__(self, request: Request) -> Response:
        try:
            segments = request.segments()
        except BadRequest:
            return Response(400)
        found = self._find(request.method, segments)
        if found is None:
            return self._without_function(request, segments)
        function, route = found
        if self._options.keys_required and function.trigger.auth_level != "anonymous":
            return Response(401)
        if function.function.disabled:
            return Response(404)
        if function.loaded is None:
            return Response(500)
        return await self._invoke(function.loaded, request, route)

    def _find(self, method: str, segments: Sequence[str]) -> tuple[HttpFunction, dict[str, str]] | None:
        prefix = len(self._prefix)
        if [segment.lower() for segment in segments[:prefix]] != self._prefix:
            return None
        for function in self._functions:
            if function.trigger.methods and method not in function.trigger.methods:
                continue
            values = function.route.match(segments[prefix:])
            if values is not None:
                return function, values
        return None

    def _without_function(self, request: Request, segments: Sequence[str]) -> Response:
        if segments or request.method not in ("GET", "HEAD"):
            return Response(404)
        if not self._options.home_page:
            return Response(204)
        return Response(200, [("content-type", "text/html; charset=utf-8")], _HOME_PAGE)

    async def _invoke(self, loaded: LoadedFunction, request: Request, route: dict[str, str]) -> Response:
        query = request.query()
        invocation = Invocation(
            loaded,
            lambda: requests.to_function(request, query, route),
            requests.binding_data(request, query, route) if loaded.needs_binding_data else {},
            trace_parent=request.header("traceparent") or "",
            trace_state=request.header("tracestate") or "",
        )
        failed = Response(500, [("x-invocation-id", invocation.identity)])
        try:
            return await self._invoker.run(invocation, lambda outcome: _respond(loaded.function, outcome))
        except InvocationFailed:
            return failed


def _respond(function: Function, outcome: Outcome) -> Response:
    """Raises InvalidResponse, which fails the invocation."""
    outputs = {binding.name: binding for binding in function.outputs}
    has_http = any(binding.type == "http" for binding in outputs.values())
    if has_http:
        if outcome.http is None and "$return" in outputs and outputs["$return"].type == "http":
            raise InvalidResponse("the function returned None for its http output: return func.HttpResponse or str")
        return Response(204) if outcome.http is None else responses.from_value(outcome.http)
    if "$return" in outputs:
        return responses.from_other_output(outcome.returned)
    return Response(204)
