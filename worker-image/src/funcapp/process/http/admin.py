"""/admin on the HTTP port: lets in who has the master key, and asks the host process.

https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from funcapp.link import LinkClosed, Message, RemoteError
from funcapp.process.http.keys import KeyFiles, given_key
from funcapp.process.http.request import Request
from funcapp.process.http.response import Response

_log = logging.getLogger("funcapp.http")

_OPEN: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("host", "ping"): ("GET", "HEAD", "POST"),
    ("warmup",): ("GET", "HEAD", "POST"),
}
"""Whoever asks only learns that this process answers."""


class HostCalls(Protocol):
    """The link to the host process."""

    async def call(self, method: str, params: Mapping[str, object], parts: Sequence[bytes] = ()) -> Message: ...


class Admin:
    """Answers for the segments after `admin`. What it does not know is 404, as a wrong method is."""

    def __init__(self, keys: KeyFiles, keys_required: bool, host: HostCalls) -> None:
        self._keys = keys
        self._keys_required = keys_required
        self._host = host

    async def __call__(self, request: Request, segments: Sequence[str]) -> Response:
        path = tuple(segment.lower() for segment in segments)
        if request.method in _OPEN.get(path, ()):
            return Response(200)
        if self._keys_required and not self._keys.current.allow("admin", "", given_key(request)):
            return Response(401)
        params = {"method": request.method, "path": list(segments), "origin": _origin(request)}
        try:
            reply = await self._host.call("admin", params, [request.body])
        except LinkClosed:
            return Response(503, [("retry-after", "1")])
        except RemoteError as error:
            _log.error("%s %s: %s: %s", request.method, request.raw_path, error.kind, error)
            return Response(500)
        if "body" not in reply.params:
            return Response(reply.params["status"])
        body = json.dumps(reply.params["body"], ensure_ascii=False).encode()
        return Response(reply.params["status"], [("content-type", "application/json; charset=utf-8")], body)


def _origin(request: Request) -> str:
    """What the URLs of an answer begin with."""
    return f"{request.scheme()}://{request.header(b'host') or 'localhost'}"
