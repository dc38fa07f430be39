"""The keys of an app's HTTP functions, from its Secret."""

from __future__ import annotations

import base64
import binascii
import sys
from collections.abc import Mapping

from funcapp.cli.kubectl import Kubectl, KubectlFailed, Object
from funcapp.cli.readable import safe


class AccessKeys:
    """By entry of the Secret, named as upstream's are. Never shown."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = entries

    @property
    def master(self) -> str | None:
        """None: it could not be read."""
        return self._entries.get("host.master")

    def of(self, function: str, auth_level: str) -> str | None:
        """The least that opens a function of this level; None where it needs none, or there is none."""
        if auth_level == "anonymous":
            return None
        if auth_level == "function":
            for prefix in (f"functions.{function.lower()}.", "host.function."):
                own = sorted(name for name in self._entries if name.startswith(prefix))
                if own:
                    return self._entries[own[0]]
        return self.master


def read(cluster: Kubectl, app: Object) -> AccessKeys:
    """What the user may not read is left out, with a note: anonymous functions need no key."""
    name = app["metadata"]["name"]
    named = app["spec"].get("http", {}).get("keys", {}).get("secretRef", {}).get("name")
    try:
        if named:
            found = cluster.find("secret", named)
            secrets = [found] if found is not None else []
        else:
            secrets = cluster.items("secrets", f"functionapp.dev/app={name},app.kubernetes.io/component=keys")
    except KubectlFailed as error:
        print(f"note: the keys of {name} cannot be read, so none is sent: {safe(str(error))}", file=sys.stderr)
        return AccessKeys({})
    return AccessKeys({entry: _decode(value) for secret in secrets for entry, value in secret.get("data", {}).items()})


def _decode(value: str) -> str:
    try:
        return base64.b64decode(value).decode().strip()
    except (binascii.Error, ValueError):
        return ""
