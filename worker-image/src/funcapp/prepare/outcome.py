"""How a step ends: exit code and termination message."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from funcapp.errors import AppError, InfrastructureError

EXIT_APP_MISTAKE = 10
EXIT_INFRASTRUCTURE = 1

_MAX_BYTES = 4096
_log = logging.getLogger("funcapp.prepare")


def run_step(step: Callable[[], Coroutine[Any, Any, Mapping[str, str] | None]], termination_log: Path) -> int:
    """Runs a step to its end, writes what became of it with what the step tells, and returns the exit code."""
    try:
        told = asyncio.run(step())
    except AppError as error:
        _log.error("%s: %s", error.reason, error.message)
        _write(termination_log, {"outcome": "Failed", "reason": error.reason, "message": error.message})
        return EXIT_APP_MISTAKE
    except Exception as error:
        message = _explain(error)
        _log.error("%s", message, exc_info=None if isinstance(error, InfrastructureError) else error)
        _write(termination_log, {"outcome": "Failed", "reason": "Infrastructure", "message": message})
        return EXIT_INFRASTRUCTURE
    _write(termination_log, {"outcome": "Succeeded", **(told or {})})
    return 0


def encode(outcome: dict[str, str]) -> bytes:
    """JSON of at most 4,096 bytes.

    Of a message that is too long the first line stays, which says what to do, and the end, where tools say what went
    wrong.
    """
    data = _dump(outcome)
    while len(data) > _MAX_BYTES:
        first, separator, rest = outcome["message"].partition("\n")
        # A character takes at most six bytes, so this never drops more than it must.
        surplus = -(-(len(data) - _MAX_BYTES) // 6)
        if len(rest) > surplus + 1:
            message = f"{first}{separator}…{rest[surplus + 1 :]}"
        else:
            message = f"…{outcome['message'][surplus + 1 :]}"
        outcome = {**outcome, "message": message}
        data = _dump(outcome)
    return data


def _dump(outcome: dict[str, str]) -> bytes:
    return json.dumps(outcome, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _explain(error: Exception) -> str:
    if isinstance(error, InfrastructureError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: the step needs more room than there is ({error})"
    return f"{type(error).__name__}: {error}"


def _write(path: Path, outcome: dict[str, str]) -> None:
    try:
        path.write_bytes(encode(outcome))
    except OSError as error:
        _log.warning("the termination message cannot be written to %s: %s", path, error.strerror)
