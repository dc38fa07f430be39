"""httpTrigger and http."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from funcapp.errors import FunctionError
from funcapp.model import routes
from funcapp.model.bindings.base import Binding, BindingKind, RawBinding

AuthLevel = Literal["anonymous", "user", "function", "system", "admin"]
AUTH_LEVELS: tuple[AuthLevel, ...] = get_args(AuthLevel)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY")
RESERVED_PREFIXES = ("admin", "runtime")


@dataclass(frozen=True)
class HttpTrigger(Binding):
    """`route` is None where the function's name is the route; `methods`, in capitals, is empty for all."""

    route: routes.RouteTemplate | None
    methods: frozenset[str]
    auth_level: AuthLevel


def _parse_trigger(raw: RawBinding) -> HttpTrigger:
    level = raw.text("authLevel", "function").lower()
    if level not in AUTH_LEVELS:
        raise raw.invalid(f"has authLevel {level!r}: it must be one of {', '.join(AUTH_LEVELS)}")
    return HttpTrigger(
        raw.name, raw.type, raw.direction, _route(raw), _methods(raw), next(a for a in AUTH_LEVELS if a == level)
    )


def _route(raw: RawBinding) -> routes.RouteTemplate | None:
    if raw.properties.get("route") in (None, ""):
        return None
    text = raw.text("route")
    if text.lower().lstrip("/").startswith(RESERVED_PREFIXES):
        raise FunctionError(
            "RouteInvalid", f"{raw}: route {text!r} must not start with {' or '.join(RESERVED_PREFIXES)}: rename it"
        )
    try:
        return routes.parse(text)
    except routes.RouteError as error:
        raise FunctionError("RouteInvalid", f"{raw}: route {error}") from None


def _methods(raw: RawBinding) -> frozenset[str]:
    methods = raw.properties.get("methods")
    if methods is None:
        return frozenset()
    if not isinstance(methods, list) or not all(isinstance(method, str) for method in methods):
        raise raw.invalid(f'has methods {methods!r}: it must be a list such as ["get", "post"]')
    for method in methods:
        if method.upper() not in METHODS:
            raise raw.invalid(f"has the method {method!r}: use some of {', '.join(METHODS)}")
    return frozenset(method.upper() for method in methods)


KINDS = (
    BindingKind("httpTrigger", ("in",), _parse_trigger),
    BindingKind("http", ("out",), lambda raw: Binding(raw.name, raw.type, raw.direction)),
)
