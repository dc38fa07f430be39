"""What a client gets: from the value of an http output to bytes."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN = re.compile(r"[\r\n\0]")

# Those of one connection, which are this server's to say.
_HOP_BY_HOP = frozenset(
    ("connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)
WITHOUT_BODY = frozenset((204, 304))
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}

Headers = list[tuple[str, str]]


class InvalidResponse(ValueError):
    """The function gave something that cannot be sent."""


class Response:
    """`headers` are checked, and none of them is about the connection."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Headers | None = None, body: bytes = b"") -> None:
        self.status = status
        self.headers: Headers = [] if headers is None else headers
        self.body = body

    def add_missing(self, headers: Headers) -> None:
        """Adds those whose names the response does not have."""
        names = {name.lower() for name, _ in self.headers}
        self.headers += [(name, value) for name, value in headers if name.lower() not in names]

    def replace(self, headers: Headers) -> None:
        """Sets these; what the response says under their names goes."""
        names = {name.lower() for name, _ in headers}
        self.headers = [pair for pair in self.headers if pair[0].lower() not in names] + headers


def from_value(value: object) -> Response:
    """The response for the value of an http output. Raises InvalidResponse."""
    http_response = _http_response()
    # Asking an abstract class whether a value is an instance takes longer than all else here.
    if type(value) is http_response or isinstance(value, http_response):
        return _from_http_response(value)
    if isinstance(value, str):
        return _from_text(value)
    raise InvalidResponse(
        f"an http output takes func.HttpResponse or str, and got {type(value).__name__}: return one of those"
    )


@functools.cache
def _http_response() -> type:
    """Not at import: the app's path has to be there first."""
    import azure.functions as func

    found: type = func.HttpResponse
    return found


def from_other_output(value: object) -> Response:
    """The 200 of an HTTP function whose return value goes elsewhere: it is echoed as far as it is text or bytes."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, (bytes, bytearray)):
        return Response(200, [("content-type", "application/octet-stream")], bytes(value))
    return Response(200)


def checked_status(status: object) -> int:
    """Raises InvalidResponse."""
    if type(status) is int and 200 <= status <= 999:
        return status
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 999:
        raise InvalidResponse(f"the status code {status!r} must be a number from 200 to 999")
    return status


def checked_headers(headers: Headers) -> Headers:
    """Without those that are about the connection. Raises InvalidResponse for what would break the response up."""
    found = []
    for name, value in headers:
        if not _is_sent(name):
            continue
        if _FORBIDDEN.search(value):
            raise InvalidResponse(f"the header {name!r} has a line break or NUL in its value")
        # UTF-8 as it is, carried in a text that is written as Latin-1.
        found.append((name, value if value.isascii() else value.encode().decode("latin-1")))
    return found


def head_to_bytes(status: int, headers: Headers, date: str, framing: str) -> bytes:
    """Everything before the body. `framing` is the header lines about the body's length and the connection."""
    # Most responses have a content type and nothing else.
    lines = _one_header(status, headers[0]) if len(headers) == 1 else _lines(status, headers)
    return f"{lines}date: {date}\r\n{framing}\r\n".encode("latin-1")


def to_bytes(response: Response, *, head: bool, close: bool, date: str) -> bytes:
    """The response on the wire. `head`: the request's method was HEAD."""
    body = response.body
    has_body = response.status not in WITHOUT_BODY
    framing = f"content-length: {len(body)}\r\n" if has_body else ""
    if close:
        framing += "connection: close\r\n"
    start = head_to_bytes(response.status, response.headers, date, framing)
    return start + body if has_body and not head else start


def _lines(status: int, headers: Headers) -> str:
    line = _STATUS_LINES.get(status) or f"HTTP/1.1 {status} Unknown\r\n"
    return line + "".join([f"{name}: {value}\r\n" for name, value in headers])


@functools.lru_cache(maxsize=1024)
def _one_header(status: int, header: tuple[str, str]) -> str:
    return _lines(status, [header])


def _from_http_response(value: Any) -> Response:
    headers: Headers = []
    own = value.headers
    if own:
        headers = checked_headers([(str(name), str(text)) for name, text in own.items()])
    if not headers or not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(_content_type(value.mimetype, value.charset))
    return Response(checked_status(value.status_code), headers, value.get_body())


@functools.lru_cache(maxsize=1024)
def _content_type(mimetype: str, charset: str) -> tuple[str, str]:
    """Raises InvalidResponse."""
    text = f"{mimetype}; charset={charset}" if mimetype.startswith("text/") else mimetype
    return checked_headers([("content-type", text)])[0]


def _from_text(text: str) -> Response:
    """A text that is JSON is not sent as it is: the Functions host looks into it, and apps rely on that."""
    plain = "text/plain; charset=utf-8"
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Response(200, [("content-type", plain)], text.encode())
    if isinstance(value, dict) and any(key.lower() == "body" for key in value):
        return _from_envelope({key.lower(): item for key, item in value.items()})
    if value is None:
        return Response(200, [("content-type", plain)])
    if isinstance(value, (bool, str)):
        return Response(200, [("content-type", plain)], str(value).encode())
    return Response(200, [("content-type", plain)], json.dumps(value, indent=2, ensure_ascii=False).encode())


def _from_envelope(envelope: Mapping[str, Any]) -> Response:
    status = envelope.get("status", envelope.get("statuscode", 200))
    headers = envelope.get("headers") or {}
    if not isinstance(headers, dict):
        raise InvalidResponse(f"headers of the response must be an object, not {headers!r}")
    try:
        number = int(status)
    except (TypeError, ValueError):
        raise InvalidResponse(f"status of the response must be a number, not {status!r}") from None
    body = envelope["body"]
    is_text = isinstance(body, str) or body is None
    pairs = checked_headers([(str(name), str(value)) for name, value in headers.items()])
    if not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("content-type", "text/plain; charset=utf-8" if is_text else "application/json; charset=utf-8"))
    text = (body or "") if is_text else json.dumps(body, ensure_ascii=False)
    return Response(checked_status(number), pairs, text.encode())


@functools.lru_cache(maxsize=1024)
def _is_sent(name: str) -> bool:
    """Raises InvalidResponse for what is not a header's name."""
    if not _TOKEN.fullmatch(name):
        raise InvalidResponse(f"the header name {name!r} has a character that names must not have")
    return name.lower() not in _HOP_BY_HOP
