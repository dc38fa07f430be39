"""Installs an app's requirements."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import re
import shlex
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from funcapp.errors import AppError
from funcapp.process.paths import SITE_PACKAGES

_log = logging.getLogger("pip")

_LAST_LINES = 30

# What pip says when it is the index that fails. Then "no matching distribution" may follow, and means nothing.
_UNREACHABLE = re.compile(
    r"Retrying \(Retry\(|Could not fetch URL|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError"
    r"|NameResolutionError|Temporary failure in name resolution|SSLError|5\d\d Server Error|HTTP error 5\d\d"
    r"|No space left on device"
)
_INVALID = re.compile(r"Invalid requirement|Could not open requirements file|InvalidVersion|no such option")


class IndexUnreachable(Exception):
    """The package index failed; trying again may help."""


def asks_for_something(requirements: Path) -> bool:
    """Whether the file holds more than comments."""
    try:
        lines = requirements.read_text("utf-8-sig", "replace").splitlines()
    except FileNotFoundError:
        return False
    return any(line.strip() and not line.strip().startswith("#") for line in lines)


async def install(
    root: Path, environment: Mapping[str, str], target: Path | None = None, arguments: Sequence[str] = ()
) -> None:
    """Installs requirements.txt of an app into `target`, None for the place in the app where it is looked for.

    Raises AppError, IndexUnreachable.
    """
    if importlib.util.find_spec("pip") is None:
        raise AppError("RequirementsNotInstalled", f"pip is missing: add it with `{sys.executable} -m ensurepip`")
    command = [
        *(sys.executable, "-m", "pip", "install"),
        *("--no-cache-dir", "--disable-pip-version-check", "--no-input", "--no-compile", "--progress-bar", "off"),
        *("--upgrade", "--target", str(target or root / SITE_PACKAGES), "--requirement", "requirements.txt"),
        *arguments,
        *shlex.split(environment.get("FUNCAPP_PIP_ARGUMENTS", "")),
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=root,
        env={**environment, "PYTHONNOUSERSITE": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    last: deque[str] = deque(maxlen=_LAST_LINES)
    unreachable = False
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            if text:
                _log.info("%s", text)
                last.append(text)
                unreachable = unreachable or _UNREACHABLE.search(text) is not None
        status = await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    if status != 0:
        raise _explain("\n".join(last), unreachable)


def _explain(output: str, unreachable: bool) -> Exception:
    if unreachable:
        return IndexUnreachable(f"pip could not reach the package index:\n{output}")
    if _INVALID.search(output):
        return AppError("RequirementsInvalid", f"requirements.txt cannot be read:\n{output}")
    return AppError("RequirementsNotInstalled", f"requirements.txt cannot be installed:\n{output}")
