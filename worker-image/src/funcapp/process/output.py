"""print(): standard output and error of the app become log records, line by line."""

from __future__ import annotations

import io
import logging
import sys
from contextvars import ContextVar

_printed = False
"""Whether any context has begun a line so far."""


class LogStream(io.TextIOBase):
    """Collects text until a line is complete; each invocation has its own incomplete line."""

    def __init__(self, logger: logging.Logger, level: int, descriptor: int) -> None:
        self._descriptor = descriptor
        self._logger = logger
        self._level = level
        self._pending: ContextVar[str] = ContextVar("funcapp_pending", default="")

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        """Of the worker's own output, for child processes and the like, whose text passes as it is."""
        return self._descriptor

    def write(self, text: str) -> int:
        global _printed
        _printed = True
        *lines, rest = (self._pending.get() + text).split("\n")
        self._pending.set(rest)
        for line in lines:
            self._emit(line)
        return len(text)

    def flush(self) -> None:
        """Emits the line that is not complete, too: whoever flushes wants to see it."""
        rest = self._pending.get()
        if rest:
            self._pending.set("")
            self._emit(rest)

    def _emit(self, line: str) -> None:
        if line.strip():
            self._logger.log(self._level, "%s", line.rstrip("\r"))


def flush() -> None:
    """Emits the lines that the calling context has begun: the end of an invocation is the end of its output."""
    if not _printed:
        return
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, LogStream):
            stream.flush()
