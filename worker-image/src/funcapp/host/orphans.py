"""Reaps what function processes leave behind: as a container's first process, the host process inherits it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

_SECONDS = 5.0


async def reap(own: Callable[[], set[int]]) -> None:
    """For ever. `own` are children that somebody else waits for."""
    seen: set[int] = set()
    while True:
        await asyncio.sleep(_SECONDS)
        seen = reap_once(own(), seen)


def reap_once(own: set[int], seen: set[int]) -> set[int]:
    """Reaps zombies that were `seen` before, so that nobody's wait is overtaken; returns those to reap next time."""
    zombies = _zombies() - own
    for pid in zombies & seen:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return zombies - seen


def _zombies() -> set[int]:
    """Children of this process that have ended. Empty where there is no /proc."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            state, parent = entry.read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state == "Z" and int(parent) == os.getpid():
                found.add(int(entry.parent.name))
    return found
