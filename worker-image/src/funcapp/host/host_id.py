"""The host id: what tells this app's locks, schedules and receipts from those of other apps on the same account."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Mapping
from pathlib import Path

from funcapp.errors import ConfigurationError

SETTING = "AzureFunctionsWebHost__hostid"
LIMIT = 32

_VALID = re.compile("[a-z0-9](?:-?[a-z0-9])*")
_DIGEST = 10


def host_id(environment: Mapping[str, str], root: Path) -> str:
    """1 to 32 lower-case letters, digits and single hyphens. Raises ConfigurationError.

    The setting wins; in a pod the id is made from namespace and app, elsewhere from the machine and the app's folder.
    https://learn.microsoft.com/azure/azure-functions/storage-considerations#host-id-considerations
    """
    given = _given(environment)
    if given is not None:
        return given
    if environment.get("FUNCAPP_NAMESPACE"):
        name = environment.get("FUNCAPP_NAME", "")
        return _readable(name, f"{environment['FUNCAPP_NAMESPACE']}\0{name}")
    machine = platform.node()
    return _readable(machine.partition(".")[0], f"{machine}\0{root}")


def _given(environment: Mapping[str, str]) -> str | None:
    # Settings' names have no case upstream, and this one is written in several ways.
    found = {name.lower(): value for name, value in environment.items()}.get(SETTING.lower(), "").strip()
    if not found:
        return None
    if len(found) > LIMIT or not _VALID.fullmatch(found):
        raise ConfigurationError(
            f"the setting {SETTING} is {found!r}: it must have 1 to {LIMIT} lower-case letters, digits and single"
            " hyphens, with a letter or digit at both ends"
        )
    return found


def _readable(name: str, identity: str) -> str:
    """A name for people, and a digest that no other identity has."""
    slug = re.sub("[^a-z0-9]+", "-", name.lower())[: LIMIT - _DIGEST - 1].strip("-")
    digest = hashlib.sha256(identity.encode()).hexdigest()[:_DIGEST]
    return f"{slug}-{digest}" if slug else digest
