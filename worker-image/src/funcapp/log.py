"""Log records as lines on standard output, from every process of the worker, never interleaved."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import tempfile
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple


class Origin(NamedTuple):
    """The invocation that a record comes from."""

    function: str
    invocation_id: str


class LineWriter:
    """Writes whole lines to a file descriptor that several processes share.

    `lock` is a descriptor of any file, inherited by all of them: a pipe alone keeps only short writes together.
    """

    def __init__(self, descriptor: int, lock: int) -> None:
        self._descriptor = descriptor
        self._lock = lock

    def write(self, line: str) -> None:
        data = memoryview(line.encode("utf-8", "backslashreplace") + b"\n")
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        try:
            while data:
                try:
                    data = data[os.write(self._descriptor, data) :]
                except BlockingIOError:
                    # Whoever set the shared descriptor non-blocking, a line is not lost by it.
                    os.set_blocking(self._descriptor, True)
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)


def open_lock() -> int:
    """A descriptor for `LineWriter`; its file has no name."""
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


class LineHandler(logging.Handler):
    """Formats and writes at once, in the thread that logs: what was logged before a crash is out."""

    def __init__(self, writer: LineWriter, formatter: logging.Formatter) -> None:
        super().__init__()
        self._writer = writer
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception as error:
            # Standard error may lead back here, so the mistake is told in the record's own place.
            record.msg, record.args = f"{record.msg!r} cannot be formatted with {record.args!r}: {error}", None
            line = self.format(record)
        self._writer.write(line)


class JsonFormatter(logging.Formatter):
    """One JSON object. `common` goes into every record; `origin` tells the invocation of the calling thread."""

    def __init__(self, common: Mapping[str, str], origin: Callable[[], Origin | None]) -> None:
        super().__init__()
        self._common = common
        self._origin = origin

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "timestamp": _timestamp(record),
            "level": record.levelname,
            "category": record.name,
            "message": record.getMessage(),
        }
        origin = getattr(record, "origin", None) or self._origin()
        if origin is not None:
            entry["function"], entry["invocationId"] = origin
        if record.exc_info and record.exc_info[0] is not None:
            entry["exception"] = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.stack_info:
            entry["stack"] = record.stack_info
        return json.dumps({**entry, **self._common}, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """For people at a terminal."""

    def __init__(self, origin: Callable[[], Origin | None]) -> None:
        super().__init__()
        self._origin = origin

    def format(self, record: logging.LogRecord) -> str:
        origin = getattr(record, "origin", None) or self._origin()
        where = f"{origin.function} {origin.invocation_id[:8]}" if origin else record.name
        line = f"{_timestamp(record)} {record.levelname:<8} {where}: {record.getMessage()}"
        if record.exc_info and record.exc_info[0] is not None:
            line += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return line


def is_text(environment: Mapping[str, str]) -> bool:
    """Whether records are for people to read, and not JSON."""
    return environment.get("FUNCAPP_LOG_FORMAT", "text" if os.isatty(1) else "json").lower() == "text"


def configure(
    environment: Mapping[str, str], lock: int, origin: Callable[[], Origin | None] = lambda: None
) -> LineWriter:
    """Sends the root logger to standard output, as the environment says."""
    writer = LineWriter(1, lock)
    formatter: logging.Formatter = (
        TextFormatter(origin) if is_text(environment) else JsonFormatter(_common(environment), origin)
    )
    root = logging.getLogger()
    root.handlers[:] = [LineHandler(writer, formatter)]
    root.setLevel(logging.DEBUG if environment.get("PYTHON_ENABLE_DEBUG_LOGGING") == "1" else logging.INFO)
    # The Azure libraries tell each request at INFO.
    logging.getLogger("azure.core").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    return writer


def _common(environment: Mapping[str, str]) -> dict[str, str]:
    names = {
        "namespace": "FUNCAPP_NAMESPACE",
        "app": "FUNCAPP_NAME",
        "group": "FUNCAPP_GROUP",
        "revision": "FUNCAPP_REVISION",
    }
    return {name: environment[variable] for name, variable in names.items() if environment.get(variable)}


def _timestamp(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
