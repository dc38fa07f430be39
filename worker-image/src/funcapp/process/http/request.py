"""A parsed request."""

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
    """As it came: header names in lower case, in order, the target still encoded. `client` sent it.

    `raw_path` and `raw_query` are the target's parts, the path beginning with a slash.
    """

    __slots__ = (
        "_first",
        "_query",
        "body",
        "client",
        "headers",
        "method",
        "raw_path",
        "raw_query",
        "target",
        "version",
    )

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
        path, _, query = target.partition("?")
        if path[:1] != "/":
            # An absolute target, as a proxy would get it; an asterisk leads nowhere.
            path = "/" + path.partition("://")[2].partition("/")[2] if "://" in path else "/*"
        self.raw_path = path
        self.raw_query = query.partition("#")[0] if "#" in query else query
        self._query: dict[str, str] | None = None
        self._first: dict[bytes, bytes] | None = None

    def header(self, name: bytes) -> str | None:
        """The first value, as text."""
        first = self._first
        if first is None:
            first = self._first = dict(reversed(self.headers))
        value = first.get(name)
        return None if value is None else text_of(value)

    def joined_headers(self) -> dict[str, str]:
        """Values of one name are joined by commas."""
        joined: dict[str, str] = {}
        for raw_name, raw_value in self.headers:
            name, value = raw_name.decode("latin-1"), text_of(raw_value)
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined

    def is_plain(self) -> bool:
        """Whether nothing in the path is encoded: each of its characters stands for itself."""
        path = self.raw_path
        return "%" not in path and path.isascii()

    def segments(self) -> list[str]:
        """The path's decoded segments. Raises BadRequest for what is not percent-encoded UTF-8, or holds a NUL."""
        path = self.raw_path
        trimmed = path[1:-1] if len(path) > 1 and path.endswith("/") else path[1:]
        if not trimmed:
            return []
        parts = trimmed.split("/")
        return parts if self.is_plain() else [_decode(part) for part in parts]

    def is_admin(self) -> bool:
        """Whether the path is /admin, or below it. Raises BadRequest."""
        path = self.raw_path
        if "%" in path:
            return self.segments()[0].lower() == "admin"
        return path[:6].lower() == "/admin" and path[6:7] in ("", "/")

    def query(self) -> dict[str, str]:
        """Values of one name are joined by commas; names without a value are dropped. Raises BadRequest."""
        found = self._query
        if found is None:
            found = self._query = _parse_query(self.raw_query)
        return found

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


def _parse_query(text: str) -> dict[str, str]:
    joined: dict[str, str] = {}
    if not text:
        return joined
    if text.count("&") >= limits.MAX_QUERY_FIELDS:
        raise BadRequest("the query has too many fields")
    if "%" in text or "+" in text or not text.isascii():
        for name, value in parse_qsl(text, errors="replace"):
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined
    for field in text.split("&"):
        name, _, value = field.partition("=")
        if value:
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
