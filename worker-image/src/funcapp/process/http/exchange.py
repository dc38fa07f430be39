"""One request that a web app answers by itself, at once or piece by piece."""

from __future__ import annotations

from collections.abc import Mapping

from funcapp.process.http.request import Request
from funcapp.process.http.response import Headers, InvalidResponse, Response, checked_headers, checked_status
from funcapp.process.http.shared_headers import SharedHeaders
from funcapp.process.http.stream import Client, ClientGone, ResponseStream


class Exchange:
    """The web app's bridge calls `start` and `write`; `response` is what is left for the caller to send."""

    def __init__(
        self, request: Request, route: Mapping[str, str], client: Client, shared_headers: SharedHeaders
    ) -> None:
        self.request = request
        self.route = route
        self.client = client
        self.response: Response | None = None
        """The whole answer, where it came in one piece."""
        self.over = client.expect_end()
        """Set when the answer is complete, or the client gone."""
        self.abandoned = False
        """The client left, and the web app was told so when it wrote."""
        self._shared_headers = shared_headers
        self._head: Response | None = None
        self.length: int | None = None
        """Of the whole body, where the web app has said it."""
        self._stream: ResponseStream | None = None

    @property
    def streaming(self) -> bool:
        """Whether the client has the beginning of the answer already."""
        return self._stream is not None

    @property
    def complete(self) -> bool:
        return self.response is not None or (self._stream is not None and self._stream.finished)

    def start(self, status: object, headers: Headers) -> None:
        """Nothing is sent before there is a body. Raises InvalidResponse."""
        if self._head is not None:
            raise InvalidResponse("the response was started twice")
        self._head = Response(checked_status(status), checked_headers(headers))
        self.length = _content_length(headers)

    async def write(self, body: bytes, *, more: bool) -> None:
        """A piece of the body; returns when the client keeps up. Raises ClientGone, InvalidResponse."""
        if self._head is None or self.complete:
            raise InvalidResponse("a piece of the body came before the response was started, or after its end")
        if self._stream is None and not more and self.request.method != "HEAD":
            self.response = Response(self._head.status, self._head.headers, body)
            self.over.set()
            return
        try:
            await self._send(self._head, body, more)
        except ClientGone:
            self.abandoned = True
            raise

    def conclude(self, _returned: object, _http: object) -> None:
        """At the end of the invocation. Raises InvalidResponse."""
        if not self.complete and not self.abandoned:
            raise InvalidResponse("the web app returned before its response was complete")

    async def _send(self, head: Response, body: bytes, more: bool) -> None:
        if self._stream is None:
            self._shared_headers.add(self.request, head)
            self._stream = ResponseStream(self.client, method=self.request.method, version=self.request.version)
            await self._stream.start(head.status, head.headers, self.length)
        await self._stream.write(body)
        if not more:
            await self._stream.finish()
            self.over.set()


def _content_length(headers: Headers) -> int | None:
    for name, value in headers:
        if name.lower() == "content-length" and value.isascii() and value.isdigit():
            return int(value)
    return None
