"""What a client gets: from the value of an http output to bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN = re.compile(r"[\r\n\0]")

# Those of one connection, which are this server's to say.
_HOP_BY_HOP = frozenset(
    ("connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)
_WITHOUT_BODY = frozenset((204, 304))
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class InvalidResponse(ValueError):
    """The function gave something that cannot be sent."""


@dataclass(frozen=True)
class Response:
    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


def from_value(value: object) -> Response:
    """The response for the value of an http output. Raises InvalidResponse."""
    import azure.functions as func

    if isinstance(value, func.HttpResponse):
        return _checked(_from_http_response(value))
    if isinstance(value, str):
        return _checked(_from_text(value))
    raise InvalidResponse(
        f"an http output takes func.HttpResponse or str, and got {type(value).__name__}: return one of those"
    )


def from_other_output(value: object) -> Response:
    """The 200 of an HTTP function whose return value goes elsewhere: it is echoed as far as it is text or bytes."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, (bytes, bytearray)):
        return Response(200, [("content-type", "application/octet-stream")], bytes(value))
    return Response(200)


def to_bytes(response: Response, *, head: bool, close: bool, date: str) -> bytes:
    """The response on the wire. `head`: the request's method was HEAD."""
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    lines.append(f"date: {date}")
    has_body = response.status not in _WITHOUT_BODY
    if has_body:
        lines.append(f"content-length: {len(response.body)}")
    if close:
        lines.append("connection: close")
    text = "\r\n".join(lines) + "\r\n\r\n"
    return text.encode("latin-1") + (b"" if head or not has_body else response.body)


def _from_http_response(value: Any) -> Response:
    headers = [(str(name), str(text)) for name, text in value.headers.items()]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", _content_type(value.mimetype, value.charset)))
    return Response(value.status_code, headers, value.get_body())


def _content_type(mimetype: str, charset: str) -> str:
    return f"{mimetype}; charset={charset}" if mimetype.startswith("text/") else mimetype


def _from_text(text: str) -> Response:
    """A text that is JSON is not sent as it is: the Functions host looks into it, and apps rely on that."""
    plain = "text/plain; charset=utf-8"
    try:
        value = json.loads(text)
    except ValueError:
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
    pairs = [(str(name), str(value)) for name, value in headers.items()]
    if not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("content-type", "text/plain; charset=utf-8" if is_text else "application/json; charset=utf-8"))
    text = (body or "") if is_text else json.dumps(body, ensure_ascii=False)
    return Response(number, pairs, text.encode())


def _checked(response: Response) -> Response:
    if isinstance(response.status, bool) or not isinstance(response.status, int) or not 200 <= response.status <= 999:
        raise InvalidResponse(f"the status code {response.status!r} must be a number from 200 to 999")
    headers = []
    for name, value in response.headers:
        if not _TOKEN.fullmatch(name):
            raise InvalidResponse(f"the header name {name!r} has a character that names must not have")
        if _FORBIDDEN.search(value):
            raise InvalidResponse(f"the header {name!r} has a line break or NUL in its value")
        if name.lower() not in _HOP_BY_HOP:
            # UTF-8 as it is, carried in a text that is written as Latin-1.
            headers.append((name, value.encode().decode("latin-1")))
    return Response(response.status, headers, response.body)
