"""Notices when files of an app are saved."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

_log = logging.getLogger("funcapp.watch")

_SUFFIXES = (".py", ".json")


class _AppFiles(DefaultFilter):
    """Leaves out what DefaultFilter does: version control, virtual environments, caches.

    A new folder counts, because what is written into it at once goes unnoticed.
    """

    def __call__(self, change: Change, path: str) -> bool:
        wanted = path.endswith(_SUFFIXES) or (change is Change.added and os.path.isdir(path))
        return wanted and super().__call__(change, path)


async def follow(root: Path, saved: asyncio.Event) -> None:
    """Sets `saved` after each save, or after several that come together."""
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    async for found in awatch(root, watch_filter=_AppFiles(), recursive=True):
        names = sorted({Path(path).relative_to(root).as_posix() for _, path in found})
        _log.warning("%s changed: loading the app anew", ", ".join(names[:3]) + (", …" if len(names) > 3 else ""))
        saved.set()
