"""Headers that responses get whatever answers: CORS, customHeaders and hsts of host.json."""

from __future__ import annotations

from funcapp.model.cors import Cors
from funcapp.process.http.options import HttpOptions
from funcapp.process.http.request import Request
from funcapp.process.http.response import Headers, Response, checked_headers


class SharedHeaders:
    """`needed` is False where there is nothing to add, so that nobody has to look."""

    def __init__(self, cors: Cors | None, options: HttpOptions) -> None:
        """Raises InvalidResponse for a custom header that cannot be sent."""
        self._cors = cors
        self._custom = checked_headers(list(options.custom_headers.items()))
        self._hsts = options.hsts
        self._excluded_hosts = options.hsts_excluded_hosts
        self.needed = cors is not None or bool(self._custom) or options.hsts is not None

    def add(self, request: Request, response: Response) -> None:
        """A function's own header wins over a custom one; CORS is the app's as a whole, and wins over a function."""
        if self._custom:
            response.add_missing(self._custom)
        if self._hsts is not None and request.scheme() == "https" and _host(request) not in self._excluded_hosts:
            response.add_missing([("strict-transport-security", self._hsts)])
        if self._cors is not None:
            _set(response, self._cors.response(request.header(b"origin")))

    def preflight(self, request: Request) -> Response | None:
        """The answer to a preflight; None for any other request, and where CORS is the app's own matter."""
        if self._cors is None or request.method != "OPTIONS":
            return None
        origin, method = request.header(b"origin"), request.header(b"access-control-request-method")
        if origin is None or method is None:
            return None
        headers = self._cors.preflight(origin, method, request.header(b"access-control-request-headers"))
        return Response(204, checked_headers(headers))


def _set(response: Response, headers: Headers) -> None:
    for name, value in headers:
        if name == "vary":
            if (name, value) not in response.headers:
                response.headers.append((name, value))
        else:
            response.replace([(name, value)])


def _host(request: Request) -> str:
    host = (request.header(b"host") or "").lower()
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
