"""Cross-origin requests: which origins a browser may call from. One list for the whole app, in its environment.

https://learn.microsoft.com/azure/azure-functions/functions-how-to-use-azure-function-app-settings#cors
https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from funcapp.errors import ConfigurationError

ORIGINS = "CORS_ALLOWED_ORIGINS"
CREDENTIALS = "CORS_SUPPORT_CREDENTIALS"

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[^\s/?#@:*\[\]]+)(:[0-9]{1,5})?")

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Cors:
    """`origins` None: every origin. Else they are compared exactly, in lower case as browsers send them."""

    origins: frozenset[str] | None
    credentials: bool

    def preflight(self, origin: str, method: str, headers: str | None) -> Headers:
        """Headers of the answer to a preflight: any method and any header, for the origins of the list."""
        allowed = self.response(origin)
        if self._allows(origin):
            allowed.append(("access-control-allow-methods", method))
            if headers:
                allowed.append(("access-control-allow-headers", headers))
        return allowed

    def response(self, origin: str | None) -> Headers:
        """Headers of any other response; `origin` is None where the request has none."""
        if self.origins is None:
            return [("access-control-allow-origin", "*")] if origin is not None else []
        headers = [("vary", "Origin")]
        if origin is not None and self._allows(origin):
            headers.append(("access-control-allow-origin", origin))
            if self.credentials:
                headers.append(("access-control-allow-credentials", "true"))
        return headers

    def _allows(self, origin: str) -> bool:
        return self.origins is None or origin.lower() in self.origins


def parse(environment: Mapping[str, str]) -> Cors | None:
    """None without a list: then cross-origin requests are the app's own matter. Raises ConfigurationError."""
    credentials = environment.get(CREDENTIALS, "").strip().lower()
    if credentials not in ("", "true", "false"):
        raise ConfigurationError(f"the setting {CREDENTIALS} is {credentials!r}: it must be true or false")
    text = environment.get(ORIGINS, "").strip()
    if not text:
        return None
    origins = _origins(text)
    if not origins:
        return None
    if "*" not in origins:
        return Cors(frozenset(map(_checked, origins)), credentials == "true")
    if credentials == "true":
        raise ConfigurationError(
            f"the setting {ORIGINS} has '*' and {CREDENTIALS} is true: browsers refuse this, so list each origin"
        )
    return Cors(None, False)


def _origins(text: str) -> list[str]:
    try:
        origins = json.loads(text)
    except ValueError:
        origins = None
    if not isinstance(origins, list) or not all(isinstance(origin, str) for origin in origins):
        raise ConfigurationError(
            f'the setting {ORIGINS} is {text!r}: it must be a JSON list such as ["https://app.example.com"]'
        )
    return [origin.strip() for origin in origins]


def _checked(origin: str) -> str:
    lowered = origin.lower().removesuffix("/")
    if not _ORIGIN.fullmatch(lowered):
        raise ConfigurationError(
            f"the setting {ORIGINS} has {origin!r}: an origin is a scheme and a host, such as https://app.example.com,"
            " or '*' alone for all"
        )
    return lowered
