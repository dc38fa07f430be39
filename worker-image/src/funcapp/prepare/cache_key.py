"""The name of a set of dependencies: a digest of all that pip's choice depends on."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging import tags

from funcapp import digest
from funcapp.prepare.requirements import Requirements

# What the cached zip holds and how; another number makes the sets before it unfindable.
_FORMAT = 1

# They say how pip works, and not what it chooses.
_INDIFFERENT = frozenset(
    f"PIP_{name}"
    for name in (
        *("CERT", "CLIENT_CERT", "PROXY", "DEFAULT_TIMEOUT", "TIMEOUT", "RETRIES", "CACHE_DIR", "NO_CACHE_DIR", "LOG"),
        *("DISABLE_PIP_VERSION_CHECK", "NO_INPUT", "PROGRESS_BAR", "NO_COLOR", "QUIET", "VERBOSE", "ROOT_USER_ACTION"),
    )
)


def key(requirements: Requirements, environment: Mapping[str, str], arguments: list[str], sources_allowed: bool) -> str:
    """64 hexadecimal digits. `arguments` are those of pip that builds are configured with."""
    settings = {
        name: value for name, value in environment.items() if name.startswith("PIP_") and name not in _INDIFFERENT
    }
    named = [*arguments, *(word for value in settings.values() for word in value.split())]
    inputs = {
        "format": _FORMAT,
        "requirements": requirements.files,
        "python": platform.python_version(),
        "implementation": sys.implementation.cache_tag,
        "platforms": list(tags.platform_tags()),
        "arguments": arguments,
        "settings": settings,
        "files": [digest.of_file(path) for path in (*_named_files(named), *_configuration(environment))],
        "sourceDistributions": sources_allowed,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _named_files(arguments: list[str]) -> Iterator[Path]:
    """Constraints and the like of the worker's image."""
    for argument in arguments:
        path = Path(argument.partition("=")[2] or argument)
        if path.is_absolute() and path.is_file():
            yield path


def _configuration(environment: Mapping[str, str]) -> Iterator[Path]:
    """https://pip.pypa.io/en/stable/topics/configuration/#location"""
    home = Path(environment.get("HOME", "/"))
    folders = [Path(name, "pip") for name in environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep) if name]
    folders += [Path("/etc"), home / ".pip", home / ".config" / "pip", Path(sys.prefix)]
    yield from (folder / "pip.conf" for folder in folders if (folder / "pip.conf").is_file())
