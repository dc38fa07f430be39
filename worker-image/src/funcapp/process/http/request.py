"""A parsed request, and the `func.HttpRequest` that a function sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote


class BadRequest(ValueError):
    """The request target cannot be read."""


@dataclass(frozen=True)
class Request:
    """As it came: header names in lower case, in order, the target still encoded."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def joined_headers(self) -> dict[str, str]:
        joined: dict[str, str] = {}
        for name, value in self.headers:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined

    def segments(self) -> list[str]:
        """The path's decoded segments. Raises BadRequest for what is not percent-encoded UTF-8, or holds a NUL."""
        path = self.target.partition("?")[0]
        if not path.startswith("/"):
            # An absolute target, as a proxy would get it; an asterisk leads nowhere.
            path = "/" + path.partition("://")[2].partition("/")[2] if "://" in path else "/*"
        trimmed = path.removeprefix("/").removesuffix("/")
        return [_decode(segment) for segment in trimmed.split("/")] if trimmed else []

    def query(self) -> dict[str, str]:
        """Values of one name are joined by commas; names without a value are dropped."""
        joined: dict[str, str] = {}
        text = self.target.partition("?")[2].partition("#")[0]
        for name, value in parse_qsl(text, max_num_fields=1000, errors="replace"):
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined

    def url(self) -> str:
        if "://" in self.target.partition("?")[0]:
            return self.target
        scheme = (self.header("x-forwarded-proto") or "http").partition(",")[0].strip().lower()
        host = self.header("host") or "localhost"
        return f"{'https' if scheme == 'https' else 'http'}://{host}{self.target}"


def binding_data(request: Request, query: Mapping[str, str], route: Mapping[str, str]) -> dict[str, Any]:
    """What binding expressions can name: the route wins over the query, the query over the JSON body."""
    data: dict[str, Any] = {"headers": request.joined_headers(), "query": dict(query)}
    if "json" in (request.header("content-type") or "").lower():
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        if isinstance(body, dict):
            data = {**body, **data}
    return {**data, **query, **route}


def to_function(request: Request, query: Mapping[str, str], route: Mapping[str, str]) -> object:
    """The `func.HttpRequest`."""
    import azure.functions as func

    return func.HttpRequest(
        method=request.method,
        url=request.url(),
        headers=request.joined_headers(),
        params=query,
        route_params=route,
        body=request.body,
    )


def _decode(segment: str) -> str:
    try:
        text = unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise BadRequest("the path is not UTF-8") from None
    position = segment.find("%")
    while position >= 0:
        if len(segment) < position + 3 or not all(
            c in "0123456789abcdefABCDEF" for c in segment[position + 1 : position + 3]
        ):
            raise BadRequest("the path has a percent sign that encodes nothing")
        position = segment.find("%", position + 1)
    if "\0" in text:
        raise BadRequest("the path has a NUL")
    return text
