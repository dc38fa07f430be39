"""Which function answers a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from funcapp.errors import FunctionError
from funcapp.model.app import route_of
from funcapp.model.bindings.http import METHODS, HttpTrigger
from funcapp.model.function import RETURN, Function
from funcapp.model.routes import Parameter, RouteTemplate
from funcapp.process.http import response as responses
from funcapp.process.http import web_apps
from funcapp.process.http.request import Request
from funcapp.process.http.response import InvalidResponse, Response
from funcapp.process.loaded_function import LoadedFunction


@dataclass(frozen=True)
class HttpFunction:
    """A function behind a route; `loaded` is None where its code did not load. `key_name` is what its keys name."""

    function: Function
    trigger: HttpTrigger
    route: RouteTemplate
    loaded: LoadedFunction | None
    key_name: str
    respond: Callable[[object, object], Response]
    """The response for what an invocation returned, and for the value of its http output. Raises InvalidResponse."""
    needs_binding_data: bool
    is_web_app: bool
    is_open: bool
    """Whether it can be called without a key, whatever the app asks for."""


def http_functions(
    functions: Mapping[str, Function], loaded: Mapping[str, LoadedFunction | FunctionError]
) -> list[HttpFunction]:
    """In the order in which routes are tried: by name."""
    found = []
    for name in sorted(functions, key=lambda name: (name.lower(), name)):
        function = functions[name]
        if isinstance(function.trigger, HttpTrigger):
            code = loaded.get(name)
            usable = code if isinstance(code, LoadedFunction) else None
            found.append(
                HttpFunction(
                    function,
                    function.trigger,
                    route_of(name, function.trigger),
                    usable,
                    name.lower(),
                    _responder(function),
                    usable is not None and usable.needs_binding_data,
                    usable is not None and web_apps.is_web_app(usable),
                    function.trigger.auth_level == "anonymous",
                )
            )
    return found


class Router:
    """The first function whose method and route match, in the order given."""

    def __init__(self, functions: Sequence[HttpFunction], prefix: str) -> None:
        self._prefix = [segment.lower() for segment in prefix.split("/") if segment]
        routes = [_Route(each, _pattern(self._prefix, each.route), each.route.parameters) for each in functions]
        self._by_method = {
            method: [
                route
                for route in routes
                if not route.function.trigger.methods or method in route.function.trigger.methods
            ]
            for method in METHODS
        }
        self._any_method = [route for route in routes if not route.function.trigger.methods]

    def find(self, request: Request) -> tuple[HttpFunction, dict[str, str]] | None:
        """The function and its route parameters. Raises BadRequest."""
        path = request.raw_path
        plain = request.is_plain()
        for function, pattern, parameters in self._by_method.get(request.method, self._any_method):
            if plain and pattern is not None:
                match = pattern.fullmatch(path)
                values = None if match is None else _checked(parameters, match.groups())
            else:
                values = self._match(function, request.segments())
            if values is not None:
                return function, values
        return None

    def _match(self, function: HttpFunction, segments: list[str]) -> dict[str, str] | None:
        prefix = self._prefix
        if [segment.lower() for segment in segments[: len(prefix)]] != prefix:
            return None
        return function.route.match(segments[len(prefix) :])


class _Route(NamedTuple):
    """`pattern` is of whole plain paths; None where the segments have to be looked at."""

    function: HttpFunction
    pattern: re.Pattern[str] | None
    parameters: tuple[Parameter, ...]


def _pattern(prefix: Sequence[str], route: RouteTemplate) -> re.Pattern[str] | None:
    path = route.path_pattern
    if path is None:
        return None
    return re.compile("/".join(["", *map(re.escape, prefix), *([path] if path else [])]) + "/?", re.IGNORECASE)


def _checked(parameters: tuple[Parameter, ...], values: Sequence[str]) -> dict[str, str] | None:
    found = {}
    for parameter, value in zip(parameters, values):  # noqa: B905
        for check in parameter.constraints:
            if not check(value):
                return None
        found[parameter.name] = value
    return found


def _responder(function: Function) -> Callable[[object, object], Response]:
    returns = next((binding.type for binding in function.outputs if binding.name == RETURN), None)
    if not any(binding.type == "http" for binding in function.outputs):
        return _without_http if returns is None else lambda returned, _: responses.from_other_output(returned)
    return _from_return if returns == "http" else _from_parameter


def _from_return(_returned: object, http: object) -> Response:
    if http is None:
        raise InvalidResponse("the function returned None for its http output: return func.HttpResponse or str")
    return responses.from_value(http)


def _from_parameter(_returned: object, http: object) -> Response:
    return Response(204) if http is None else responses.from_value(http)


def _without_http(_returned: object, _http: object) -> Response:
    return Response(204)
