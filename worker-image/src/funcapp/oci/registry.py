"""The distribution API of OCI registries, as far as artifacts need it.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md and
https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode, urljoin

from funcapp.net.errors import Invalid, Unauthorized
from funcapp.net.web import Body, File, Response, Web, basic, failure, shown
from funcapp.oci.docker_config import Credentials
from funcapp.oci.reference import Reference

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
MAX_MANIFEST = 4 * 1024 * 1024
"""Bytes; what the specification tells registries to take at least."""

_MAX_ANSWER = 64 * 1024
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


class Registry:
    """One repository. Credentials are offered when the registry asks; without any, it is asked anonymously."""

    def __init__(
        self, web: Web, reference: Reference, credentials: Credentials | None, *, actions: str, scheme: str = "https"
    ) -> None:
        self._web = web
        self._credentials = credentials
        self._scope = f"repository:{reference.repository}:{actions}"
        self._base = f"{scheme}://{reference.host}/v2/{reference.repository}/"
        self._authorization: str | None = None

    def manifest(self, digest: str) -> bytes:
        """Not compared with the digest yet. Raises NetError."""
        with self._request("GET", f"manifests/{digest}", {"Accept": MANIFEST}) as response:
            response.check()
            return response.content(MAX_MANIFEST)

    def blob(self, digest: str) -> contextlib.AbstractContextManager[Response]:
        """Its status is not looked at yet."""
        return self._request("GET", f"blobs/{digest}")

    def has_blob(self, digest: str) -> bool:
        with self._request("HEAD", f"blobs/{digest}") as response:
            if response.status != 404:
                response.check()
            return response.status != 404

    def upload_blob(self, digest: str, content: File, size: int) -> None:
        with self._request("POST", "blobs/uploads/", {"Content-Length": "0"}) as response:
            response.check()
            location = response.headers.get("Location")
            if not location:
                raise Invalid(f"{shown(response.url)}: the registry does not say where to upload to")
            url = urljoin(response.url, location)
        url += ("&" if "?" in url else "?") + urlencode({"digest": digest})
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        with self._request("PUT", url, headers, content) as response:
            response.check()

    def upload_manifest(self, reference: str, manifest: bytes) -> None:
        """`reference` is a tag or the manifest's digest."""
        with self._request("PUT", f"manifests/{reference}", {"Content-Type": MANIFEST}, manifest) as response:
            if 400 <= response.status < 500 and response.status not in (401, 403, 404, 429):
                raise Invalid(f"{shown(response.url)}: the registry refuses the artifact: {_errors(response)}")
            response.check()

    @contextlib.contextmanager
    def _request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: Body | None = None
    ) -> Iterator[Response]:
        url = urljoin(self._base, path)
        # Tokens live for minutes: what was authorized a blob ago may be refused now.
        authorization = self._authorization if url.startswith(self._base) else None
        with self._web.request(method, url, headers, body, authorization=authorization) as response:
            if response.status != 401:
                yield response
                return
            challenge = response.headers.get("WWW-Authenticate", "")
        self._authorization = self._authorize(challenge, url)
        if body is not None and not isinstance(body, bytes):
            body.seek(0)
        with self._web.request(method, url, headers, body, authorization=self._authorization) as response:
            yield response

    def _authorize(self, challenge: str, url: str) -> str:
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "bearer":
            parameters = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
            if "realm" in parameters:
                return f"Bearer {self._token(parameters, url)}"
        if self._credentials is None or scheme.lower() != "basic":
            raise failure(401, url, "and there are no credentials for this registry" if not self._credentials else "")
        return basic(self._credentials.username, self._credentials.password)

    def _token(self, parameters: Mapping[str, str], url: str) -> str:
        realm = urljoin(url, parameters["realm"])
        query = {"service": parameters.get("service", ""), "scope": parameters.get("scope") or self._scope}
        found = self._credentials
        if found is not None and found.identity_token:
            form = {"grant_type": "refresh_token", "client_id": "funcapp", "refresh_token": found.identity_token}
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            request = self._web.request("POST", realm, headers, urlencode({**form, **query}).encode())
        else:
            known = basic(found.username, found.password) if found is not None else None
            separator = "&" if "?" in realm else "?"
            request = self._web.request("GET", realm + separator + urlencode(query), authorization=known)
        with request as response:
            response.check()
            try:
                answer = json.loads(response.content(_MAX_ANSWER))
                token = answer.get("token") or answer["access_token"]
            except (ValueError, KeyError, AttributeError):
                raise Unauthorized(f"{shown(realm)}: the registry's token service gives no token") from None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Unauthorized(f"{shown(realm)}: the registry's token service gives no token")
        return token


def _errors(response: Response) -> str:
    """https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes"""
    try:
        found = json.loads(response.content(_MAX_ANSWER))["errors"]
        return "; ".join(f"{error['code']}: {error.get('message', '')}" for error in found)
    except (ValueError, KeyError, TypeError, AttributeError):
        return str(response.status)
