"""A parsed request, and the `func.HttpRequest` that a function sees."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from funcapp.process.http import limits

if TYPE_CHECKING:
    from funcapp.process.http.stream import Client

_BAD_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


class BadRequest(ValueError):
    """The request target cannot be read."""


class Request:
    """As it came: header names in lower case, in order, the target still encoded. `client` sent it."""

    __slots__ = ("_query", "body", "client", "headers", "method", "target", "version")

    def __init__(
        self,
        method: str,
        target: str,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        version: str = "1.1",
        client: Client | None = None,
    ) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.version = version
        self.client = client
        self._query: dict[str, str] | None = None

    def header(self, name: bytes) -> str | None:
        """The first value, as text."""
        for key, value in self.headers:
            if key == name:
                return text_of(value)
        return None

    def joined_headers(self) -> dict[str, str]:
        """Values of one name are joined by commas."""
        joined: dict[str, str] = {}
        for raw_name, raw_value in self.headers:
            name, value = raw_name.decode("latin-1"), text_of(raw_value)
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined

    @property
    def raw_path(self) -> str:
        path = self.target.partition("?")[0]
        if path.startswith("/"):
            return path
        # An absolute target, as a proxy would get it; an asterisk leads nowhere.
        return "/" + path.partition("://")[2].partition("/")[2] if "://" in path else "/*"

    @property
    def raw_query(self) -> str:
        return self.target.partition("?")[2].partition("#")[0]

    def segments(self) -> list[str]:
        """The path's decoded segments. Raises BadRequest for what is not percent-encoded UTF-8, or holds a NUL."""
        path = self.raw_path
        trimmed = path[1:-1] if len(path) > 1 and path.endswith("/") else path[1:]
        if not trimmed:
            return []
        parts = trimmed.split("/")
        if "%" not in path and path.isascii():
            return parts
        return [_decode(part) for part in parts]

    def query(self) -> dict[str, str]:
        """Values of one name are joined by commas; names without a value are dropped. Raises BadRequest."""
        if self._query is None:
            self._query = _parse_query(self.raw_query)
        return self._query

    def scheme(self) -> str:
        """As the client sees it, which a proxy may have changed on the way."""
        forwarded = (self.header(b"x-forwarded-proto") or "").partition(",")[0].strip().lower()
        return "https" if forwarded == "https" else "http"

    def url(self) -> str:
        if "://" in self.target.partition("?")[0]:
            return self.target
        return f"{self.scheme()}://{self.header(b'host') or 'localhost'}{self.target}"


def text_of(value: bytes) -> str:
    """A header's value: UTF-8, or else Latin-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def binding_data(request: Request, query: Mapping[str, str], route: Mapping[str, str]) -> dict[str, Any]:
    """What binding expressions can name: the route wins over the query, the query over the JSON body."""
    data: dict[str, Any] = {"headers": request.joined_headers(), "query": dict(query)}
    if "json" in (request.header(b"content-type") or "").lower():
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
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


def _parse_query(text: str) -> dict[str, str]:
    joined: dict[str, str] = {}
    if not text:
        return joined
    if text.count("&") >= limits.MAX_QUERY_FIELDS:
        raise BadRequest("the query has too many fields")
    if "%" in text or "+" in text or not text.isascii():
        pairs = parse_qsl(text, errors="replace")
    else:
        fields = (field.partition("=") for field in text.split("&"))
        pairs = [(name, value) for name, _, value in fields if value]
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _decode(segment: str) -> str:
    if _BAD_PERCENT.search(segment):
        raise BadRequest("the path has a percent sign that encodes nothing")
    try:
        # The target came as bytes and was read as Latin-1; what is not ASCII in it is UTF-8 that nobody encoded.
        text = unquote(segment.encode("latin-1").decode(), errors="strict")
    except UnicodeDecodeError:
        raise BadRequest("the path is not UTF-8") from None
    if "\0" in text:
        raise BadRequest("the path has a NUL")
    return text
