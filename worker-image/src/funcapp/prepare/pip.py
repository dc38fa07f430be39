"""Installs an app's requirements."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import os
import shlex
import signal
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from funcapp.errors import AppError, InfrastructureError
from funcapp.prepare import index_access, memory, pip_errors, wheels
from funcapp.prepare.pip_errors import IndexUnreachable, Interrupted
from funcapp.prepare.redact import Redactor
from funcapp.process.paths import SITE_PACKAGES

__all__ = ["IndexUnreachable", "Interrupted", "asks_for_something", "extra_arguments", "install"]

_log = logging.getLogger("pip")

MAX_SECONDS = 1200
"""Less than what a prepare Job may take, so that this is told before the Job is ended."""

MAX_LOGGED_LINES = 5000

_LAST_LINES = 30
_MAX_LINE = 2000
"""Bytes; what a line has beyond them is dropped."""


def asks_for_something(requirements: Path) -> bool:
    """Whether the file holds more than comments."""
    try:
        lines = requirements.read_text("utf-8-sig", "replace").splitlines()
    except FileNotFoundError:
        return False
    return any(line.strip() and not line.strip().startswith("#") for line in lines)


def extra_arguments(environment: Mapping[str, str]) -> list[str]:
    """Those that builds are configured with. Raises InfrastructureError: they are not the app's."""
    try:
        return shlex.split(environment.get("FUNCAPP_PIP_ARGUMENTS", ""))
    except ValueError as error:
        raise InfrastructureError(
            f"the arguments of pip that builds are configured with cannot be read: {error}"
        ) from None


async def install(
    root: Path,
    environment: Mapping[str, str],
    target: Path | None = None,
    arguments: Sequence[str] = (),
    credentials: Path = Path("/nonexistent"),
) -> bool:
    """Installs requirements.txt of an app into `target`, None for the place in the app where it is looked for.

    `credentials`: the folder of a Secret for the package index. True: every index answered, so what was chosen is what
    they offer. Raises AppError, Interrupted.
    """
    if importlib.util.find_spec("pip") is None:
        raise AppError("RequirementsNotInstalled", f"pip is missing: add it with `{sys.executable} -m ensurepip`")
    with tempfile.TemporaryDirectory(prefix="funcapp-pip-") as name:
        folder = Path(name)
        access = index_access.prepare(environment, credentials, folder)
        log = folder / "pip.log"
        command = [
            # Isolated, because modules of the app's folder would be imported in place of the standard library's.
            *(sys.executable, "-I", "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check"),
            *("--no-input", "--no-compile", "--no-warn-conflicts", "--progress-bar", "off", "--log", str(log)),
            *("--upgrade", "--target", str(target or root / SITE_PACKAGES), "--requirement", "requirements.txt"),
            *arguments,
            *extra_arguments(environment),
        ]
        kills = memory.kills()
        status, output = await _run(command, root, {**environment, **access.variables}, access.redact)
        found = await asyncio.to_thread(_search, log, access.redact)
    if status != 0:
        out_of_memory = memory.kills() > kills
        here = wheels.this_worker()
        raise pip_errors.explain(status, output, found, environment, str(here), out_of_memory)
    return not found.unanswered and not found.refused


async def _run(command: Sequence[str], root: Path, environment: Mapping[str, str], redact: Redactor) -> tuple[int, str]:
    """The exit status, and the last lines, which are also logged."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=root,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # A group of its own, so that what it starts ends with it.
        start_new_session=True,
    )
    assert process.stdout is not None
    last: deque[str] = deque(maxlen=_LAST_LINES)
    reading = asyncio.create_task(_follow(process.stdout, last, redact))
    try:
        status = await asyncio.wait_for(process.wait(), MAX_SECONDS)
        _kill(process.pid)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(reading), 5)
    except asyncio.TimeoutError:
        raise Interrupted(
            f"pip was ended, because it took longer than {MAX_SECONDS} seconds; its last lines:\n" + "\n".join(last)
        ) from None
    finally:
        _kill(process.pid)
        reading.cancel()
        await process.wait()
    return status, "\n".join(last)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


async def _follow(stream: asyncio.StreamReader, last: deque[str], redact: Redactor) -> None:
    count = 0
    async for line in _lines(stream):
        text = redact(line.decode(errors="replace").rstrip())
        if not text:
            continue
        last.append(text)
        count += 1
        if count <= MAX_LOGGED_LINES:
            _log.info("%s", text)
        elif count == MAX_LOGGED_LINES + 1:
            _log.info("more than %d lines: the others are left out", MAX_LOGGED_LINES)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    rest = b""
    while data := await stream.read(64 * 1024):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line[:_MAX_LINE]
        rest = rest[:_MAX_LINE]
    yield rest


def _search(log: Path, redact: Redactor) -> pip_errors.Findings:
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return pip_errors.search(redact(line[:_MAX_LINE].rstrip()) for line in lines)
    except FileNotFoundError:
        return pip_errors.Findings()
