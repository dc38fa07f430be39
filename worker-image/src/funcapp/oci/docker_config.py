"""Credentials of registries, as `docker login` and Secrets of type kubernetes.io/dockerconfigjson keep them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NamedTuple

from funcapp.net.errors import Invalid


class Credentials(NamedTuple):
    """A name and a password, or a token that the registry exchanges for others (`identity_token`)."""

    username: str
    password: str
    identity_token: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.username!r})"


def credentials_for(config: bytes | str, registry: str, repository: str = "") -> Credentials | None:
    """Those of the longest entry that fits `registry/repository`; None: there are none. Raises Invalid.

    Programs that the file names (`credsStore`, `credHelpers`) are not asked.
    """
    try:
        auths = json.loads(config).get("auths", {})
        found = {_prefix(key): entry for key, entry in auths.items() if isinstance(entry, dict)}
    except (ValueError, AttributeError):
        raise Invalid(
            '.dockerconfigjson must be JSON such as {"auths": {"registry.example.com": {"auth": "…"}}}'
        ) from None
    wanted = f"{registry}/{repository}".rstrip("/")
    for prefix in sorted(found, key=len, reverse=True):
        if wanted == prefix or wanted.startswith(f"{prefix}/"):
            return _credentials(found[prefix], prefix)
    return None


def _prefix(key: str) -> str:
    """Docker Hub's entry is https://index.docker.io/v1/; others may have a scheme, too."""
    bare = key.removeprefix("https://").removeprefix("http://").rstrip("/")
    bare = bare.removesuffix("/v1").removesuffix("/v2")
    return "docker.io" if bare in ("index.docker.io", "registry-1.docker.io") else bare


def _credentials(entry: dict[str, Any], prefix: str) -> Credentials | None:
    try:
        username, password = entry.get("username", ""), entry.get("password", "")
        if entry.get("auth"):
            username, _, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
        found = Credentials(str(username), str(password), str(entry.get("identitytoken", "")))
    except (binascii.Error, ValueError, TypeError):
        raise Invalid(f".dockerconfigjson: {prefix}: auth must be name:password in base64") from None
    return found if found.username or found.identity_token else None
