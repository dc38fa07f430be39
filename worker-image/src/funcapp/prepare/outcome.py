"""How a step ends: exit code and termination message."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from funcapp.errors import AppError

EXIT_APP_MISTAKE = 10
EXIT_INFRASTRUCTURE = 1

_MAX_BYTES = 4096
_log = logging.getLogger("funcapp.prepare")


def run_step(step: Callable[[], Coroutine[Any, Any, None]], termination_log: Path) -> int:
    """Runs a step to its end, writes what became of it, and returns the exit code."""
    try:
        asyncio.run(step())
    except AppError as error:
        _log.error("%s: %s", error.reason, error.message)
        _write(termination_log, {"outcome": "Failed", "reason": error.reason, "message": error.message})
        return EXIT_APP_MISTAKE
    except Exception as error:
        _log.exception("the step failed")
        message = f"{type(error).__name__}: {error}"
        _write(termination_log, {"outcome": "Failed", "reason": "Infrastructure", "message": message})
        return EXIT_INFRASTRUCTURE
    _write(termination_log, {"outcome": "Succeeded"})
    return 0


def encode(outcome: dict[str, str]) -> bytes:
    """JSON of at most 4,096 bytes; a message that is too long keeps its end, where tools say what went wrong."""
    data = json.dumps(outcome, ensure_ascii=False).encode()
    while len(data) > _MAX_BYTES:
        # A character takes at most six bytes, so this never drops more than it must.
        surplus = -(-(len(data) - _MAX_BYTES) // 6)
        outcome = {**outcome, "message": "…" + outcome["message"][surplus + 1 :]}
        data = json.dumps(outcome, ensure_ascii=False).encode()
    return data


def _write(path: Path, outcome: dict[str, str]) -> None:
    try:
        path.write_bytes(encode(outcome))
    except OSError as error:
        _log.warning("the termination message cannot be written to %s: %s", path, error.strerror)
