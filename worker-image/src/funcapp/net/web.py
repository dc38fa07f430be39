"""HTTPS, request by request: redirects are judged anew, and credentials stay with the host that they are for."""

from __future__ import annotations

import base64
import contextlib
import http.client
import ssl
from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

from funcapp.net.deadline import Deadline
from funcapp.net.errors import Invalid, NetError, NotFound, TooLarge, Unauthorized, Unavailable
from funcapp.net.guard import Guard

MAX_REDIRECTS = 5
PIECE = 1024 * 1024
"""Bytes of what is read at a time."""

IDLE_SECONDS = 60
"""How long a host may take for its next byte."""

_PORTS = {"https": 443, "http": 80}
_REDIRECTS = (301, 302, 303, 307, 308)


class File(Protocol):
    """What a body of many bytes is read from."""

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, /) -> int: ...


Body = bytes | File


class Dialer(Protocol):
    """Makes the connections."""

    def connection(self, scheme: str, host: str, port: int) -> http.client.HTTPConnection: ...


class GuardedDialer:
    """HTTPS alone, to the addresses that a guard allows, until the deadline."""

    def __init__(self, guard: Guard, context: ssl.SSLContext, deadline: Deadline) -> None:
        self._parts = guard, context, deadline

    def connection(self, scheme: str, host: str, port: int) -> http.client.HTTPConnection:
        if scheme != "https":
            raise Invalid(f"{scheme}://{host}: the scheme must be https")
        return _GuardedConnection(host, port, *self._parts)


class Response:
    """What a host answered, to be read in pieces."""

    def __init__(self, url: str, response: http.client.HTTPResponse) -> None:
        self.url = url
        self.status = response.status
        self.headers = response.headers
        self._response = response
        self._remaining = response.length

    @property
    def length(self) -> int | None:
        """Bytes still to come, None where the host does not tell."""
        return self._remaining

    def read(self, size: int = PIECE) -> bytes:
        """At most that many bytes, empty at the end. Raises Unavailable, also when the end comes too early."""
        with explained(self.url):
            data = self._response.read(size)
        if self._remaining is not None:
            self._remaining -= len(data)
            if not data and size and self._remaining > 0:
                raise Unavailable(f"{shown(self.url)} ended {self._remaining} bytes too early")
        return data

    def pieces(self, limit: int) -> Iterator[bytes]:
        """The whole content. Raises TooLarge as soon as it exceeds `limit` bytes, and Unavailable."""
        if (self._remaining or 0) > limit:
            raise TooLarge(f"{shown(self.url)} has {self._remaining} bytes, and the limit is {limit}")
        size = 0
        while data := self.read():
            size += len(data)
            if size > limit:
                raise TooLarge(f"{shown(self.url)} has more than {limit} bytes, which is the limit")
            yield data

    def content(self, limit: int) -> bytes:
        return b"".join(self.pieces(limit))

    def check(self) -> None:
        """Raises what the status means, unless it is 2xx."""
        if not 200 <= self.status < 300:
            raise failure(self.status, self.url, self.headers.get("x-ms-error-code") or self._response.reason)


class Web:
    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer

    @contextlib.contextmanager
    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        *,
        authorization: str | None = None,
    ) -> Iterator[Response]:
        """Any status but a redirect's is handed out. Raises NetError.

        GET and HEAD follow redirects; `authorization` goes to the host of `url` alone.
        """
        origin = origin_of(url)
        for _ in range(MAX_REDIRECTS + 1):
            sent = {"User-Agent": "funcapp", "Accept-Encoding": "identity", **(headers or {})}
            if authorization is not None and origin_of(url) == origin:
                sent["Authorization"] = authorization
            with contextlib.ExitStack() as stack:
                response = self._send(stack, method, url, sent, body)
                if response.status not in _REDIRECTS:
                    yield response
                    return
                url = _redirected(method, response)
        raise Invalid(f"{shown(url)}: more than {MAX_REDIRECTS} redirects")

    def _send(
        self,
        stack: contextlib.ExitStack,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Body | None,
    ) -> Response:
        parts = split(url)
        connection = self._dialer.connection(
            parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        )
        stack.callback(connection.close)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with explained(url):
            connection.request(method, target, body, dict(headers))
            received = connection.getresponse()
        stack.callback(received.close)
        return Response(url, received)


def basic(username: str, password: str) -> str:
    """The header of HTTP's basic authentication."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def split(url: str) -> SplitResult:
    """Raises Invalid for what is not an absolute URL with a host, and for one that holds credentials."""
    try:
        parts = urlsplit(url)
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise Invalid("the URL must have the form https://host/path, in ASCII, without spaces")
    if parts.username is not None or parts.password is not None:
        raise Invalid(f"{shown(url)}: the URL must not hold credentials: put them in the Secret")
    return parts


def shown(url: str) -> str:
    """The URL as it may be told to anybody: without user, query and fragment, which may hold secrets."""
    try:
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def origin_of(url: str) -> tuple[str, str | None, int | None]:
    parts = split(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def failure(status: int, url: str, reason: str = "") -> NetError:
    """What a status other than 2xx means."""
    told = f"{shown(url)}: the server answers {status} {reason}".rstrip()
    if status in (401, 403):
        return Unauthorized(f"{told}: check the credentials in the Secret, and what they may read")
    if status in (404, 410):
        return NotFound(told)
    if status >= 500 or status in (408, 425, 429):
        return Unavailable(told)
    return Invalid(told)


@contextlib.contextmanager
def explained(url: str) -> Iterator[None]:
    """Turns what sockets, TLS and HTTP raise into NetError."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Invalid(
            f"{shown(url)}: the server's certificate is not trusted: {error.verify_message}:"
            " put the certificate of its authority into the Secret as ca.crt"
        ) from None
    except (OSError, http.client.HTTPException) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise Unavailable(f"{shown(url)}: the connection failed: {reason or type(error).__name__}") from None


def _redirected(method: str, response: Response) -> str:
    target = response.headers.get("Location")
    if method not in ("GET", "HEAD") or not target:
        raise Invalid(f"{shown(response.url)}: the server answers {response.status}, which makes no sense here")
    url = urljoin(response.url, target)
    try:
        split(url)
    except Invalid as error:
        raise Invalid(f"{shown(response.url)} redirects to where nobody may go: {error}") from None
    return url


class _GuardedConnection(http.client.HTTPConnection):
    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, port: int, guard: Guard, context: ssl.SSLContext, deadline: Deadline) -> None:
        super().__init__(host, port, blocksize=PIECE)
        self._parts = guard, context, deadline

    def connect(self) -> None:
        guard, context, deadline = self._parts
        connection = guard.connect(self.host, self.port)
        try:
            secured = context.wrap_socket(connection, server_hostname=self.host, do_handshake_on_connect=False)
        except BaseException:
            connection.close()
            raise
        self.sock = secured
        deadline.add(secured)
        secured.settimeout(IDLE_SECONDS)
        secured.do_handshake()
