"""Connections for the command line: to whatever its user names, through the proxies that the environment names."""

from __future__ import annotations

import http.client
import ssl
from base64 import b64encode
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from funcapp.net.web import IDLE_SECONDS, PIECE


class SystemDialer:
    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def connection(self, scheme: str, host: str, port: int) -> http.client.HTTPConnection:
        """HTTP without TLS goes to no proxy: it is for registries on the same machine."""
        if scheme == "http":
            return http.client.HTTPConnection(host, port, IDLE_SECONDS, blocksize=PIECE)
        proxy = None if proxy_bypass(host) else getproxies().get("https")
        if proxy is None:
            return http.client.HTTPSConnection(host, port, timeout=IDLE_SECONDS, context=self._context, blocksize=PIECE)
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port or 80, timeout=IDLE_SECONDS, context=self._context, blocksize=PIECE
        )
        headers = {}
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Proxy-Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
        connection.set_tunnel(host, port, headers)
        return connection
