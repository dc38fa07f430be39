"""Takes credentials out of text that tools print."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_HIDDEN = "****"

_USER_INFO = re.compile(r"(?<=://)[^/\s@'\"<>]+@")
# Signatures of grants and of indexes that send on to a storage account.
_QUERY = re.compile(r"(https?://[^\s?#'\"<>]+\?)[^\s#'\"<>]+", re.IGNORECASE)
_SIGNATURE = re.compile(r"\b(sig=)[^\s&'\"<>]+", re.IGNORECASE)


class Redactor:
    """Hides `secrets`, the user information and query of URLs, and signatures.

    What is shorter than three characters is no secret, and would hide half of the text.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) > 2 for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(self, text: str) -> str:
        if self._secrets is not None:
            text = self._secrets.sub(_HIDDEN, text)
        text = _USER_INFO.sub(f"{_HIDDEN}@", text)
        return _SIGNATURE.sub(rf"\1{_HIDDEN}", _QUERY.sub(rf"\1{_HIDDEN}", text))


def _forms(secret: str) -> Iterable[str]:
    return secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1]


def basic_authorization(username: str, password: str) -> str:
    """What a header has instead of the two."""
    return base64.b64encode(f"{username}:{password}".encode()).decode()
