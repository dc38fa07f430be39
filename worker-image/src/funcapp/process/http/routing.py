"""Which function answers a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from funcapp.errors import FunctionError
from funcapp.model.app import route_of
from funcapp.model.bindings.http import METHODS, HttpTrigger
from funcapp.model.function import RETURN, Function
from funcapp.model.routes import RouteTemplate
from funcapp.process.http import response as responses
from funcapp.process.http import web_apps
from funcapp.process.http.response import InvalidResponse, Response
from funcapp.process.invocation import Outcome
from funcapp.process.loaded_function import LoadedFunction


@dataclass(frozen=True)
class HttpFunction:
    """A function behind a route; `loaded` is None where its code did not load. `key_name` is what its keys name."""

    function: Function
    trigger: HttpTrigger
    route: RouteTemplate
    loaded: LoadedFunction | None
    key_name: str
    respond: Callable[[Outcome], Response]
    """The response for what an invocation gave. Raises InvalidResponse, which fails the invocation."""
    needs_binding_data: bool
    is_web_app: bool


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
                )
            )
    return found


class Router:
    """The first function whose method and route match, in the order given."""

    def __init__(self, functions: Sequence[HttpFunction], prefix: str) -> None:
        self._prefix = [segment.lower() for segment in prefix.split("/") if segment]
        self._by_method = {
            method: [each for each in functions if not each.trigger.methods or method in each.trigger.methods]
            for method in METHODS
        }
        self._any_method = [each for each in functions if not each.trigger.methods]

    def find(self, method: str, segments: Sequence[str]) -> tuple[HttpFunction, dict[str, str]] | None:
        """The function and its route parameters."""
        prefix = self._prefix
        if prefix:
            if len(segments) < len(prefix):
                return None
            for segment, expected in zip(segments, prefix):  # noqa: B905
                if segment != expected and segment.lower() != expected:
                    return None
            segments = segments[len(prefix) :]
        for function in self._by_method.get(method, self._any_method):
            values = function.route.match(segments)
            if values is not None:
                return function, values
        return None


def _responder(function: Function) -> Callable[[Outcome], Response]:
    returns = next((binding.type for binding in function.outputs if binding.name == RETURN), None)
    if not any(binding.type == "http" for binding in function.outputs):
        return _without_http if returns is None else lambda outcome: responses.from_other_output(outcome.returned)
    return _from_return if returns == "http" else _from_parameter


def _from_return(outcome: Outcome) -> Response:
    if outcome.http is None:
        raise InvalidResponse("the function returned None for its http output: return func.HttpResponse or str")
    return responses.from_value(outcome.http)


def _from_parameter(outcome: Outcome) -> Response:
    return Response(204) if outcome.http is None else responses.from_value(outcome.http)


def _without_http(_outcome: Outcome) -> Response:
    return Response(204)
