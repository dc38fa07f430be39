"""The virtual environment of an app on a developer's machine: its interpreter and its site-packages."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from funcapp.errors import ConfigurationError

_INSPECT = """
import importlib.util, json, site, sys
folders = site.getsitepackages() + ([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])
try:
    sdk = importlib.util.find_spec("azure.functions") is not None
except ImportError:
    sdk = False
print(json.dumps([list(sys.version_info[:2]), folders, sdk]))
"""


class AppEnvironment(NamedTuple):
    """`version` is (major, minor); `has_sdk` tells whether azure-functions is installed there."""

    python: str
    version: tuple[int, int]
    site_packages: tuple[str, ...]
    has_sdk: bool


def choose(environment: Mapping[str, str], root: Path, named: str | None) -> Path | None:
    """The interpreter that is named, that of the active virtual environment, or that of `.venv` in the app.

    None: there is none of these. Raises ConfigurationError.
    """
    if named:
        # As a shell finds it, so that `--python python3.12` works.
        for folder in ["", *environment.get("PATH", "").split(os.pathsep)] if os.sep not in named else [""]:
            candidate = Path(folder, named).absolute()
            if candidate.is_file() and os.access(candidate, os.X_OK):
                return candidate
        raise ConfigurationError(f"--python {named} is not there: name the app's interpreter, such as .venv/bin/python")
    active = environment.get("VIRTUAL_ENV")
    if active:
        python = Path(active, "bin", "python")
        if not python.is_file():
            raise ConfigurationError(
                f"VIRTUAL_ENV is {active}, which is not a virtual environment: run `deactivate`, or name the app's"
                " interpreter with --python"
            )
        return python
    python = root / ".venv" / "bin" / "python"
    return python if python.is_file() else None


def inspect(python: Path) -> AppEnvironment:
    """Asks the interpreter. Raises ConfigurationError."""
    try:
        done = subprocess.run([str(python), "-E", "-c", _INSPECT], capture_output=True, timeout=30)  # noqa: S603
        version, folders, has_sdk = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(f"{python} is not a Python that can be used: {error}") from None
    return AppEnvironment(str(python), (version[0], version[1]), tuple(folders), has_sdk)
