"""Log records as lines on standard output, from every process of the worker, never interleaved."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, NamedTuple

from funcapp.model.host_json.options import LoggingOptions


class Origin(NamedTuple):
    """The invocation that a record comes from. The ids of its trace are empty where it belongs to none."""

    function: str
    invocation_id: str
    trace_id: str = ""
    span_id: str = ""


_OURS = "funcapp"
PRINTED = ("stdout", "stderr")
"""Loggers of what an app prints."""

_OWN_CATEGORIES = {"funcapp": "Host", "funcapp.host": "Host", "funcapp.invocation": "Function"}


def category_of(logger: str, origin: Origin | None) -> str:
    """The category that host.json's `logging.logLevel` filters by, as the Functions host names it.

    What the app logs is `Function.<name>.User`, and outside of an invocation `Host.Function.Console`. What the worker
    says of an invocation is `Function.<name>`, everything else `Host` or a part of it.
    """
    ours = logger == _OURS or logger.startswith("funcapp.")
    if origin is not None:
        return f"Function.{origin.function}" if ours else f"Function.{origin.function}.User"
    if not ours:
        return "Host.Function.Console"
    return _OWN_CATEGORIES.get(logger) or "Host." + logger.removeprefix("funcapp.").capitalize()


class LineWriter:
    """Writes whole lines to a file descriptor that several processes share.

    `lock` is a descriptor of any file, inherited by all of them: a pipe alone keeps only short writes together.
    """

    def __init__(self, descriptor: int, lock: int) -> None:
        self._descriptor = descriptor
        self._lock = lock
        self.level_of: Callable[[str], int] | None = None
        """The level from which on records of a category are written; None: all that loggers let pass."""

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
    """Formats and writes at once, in the thread that logs: what was logged before a crash is out.

    `origin` tells the invocation of the calling thread.
    """

    def __init__(self, writer: LineWriter, formatter: logging.Formatter, origin: Callable[[], Origin | None]) -> None:
        super().__init__()
        self.writer = writer
        self._origin = origin
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        origin = getattr(record, "origin", None) or self._origin()
        category = category_of(record.name, origin)
        level_of = self.writer.level_of
        if level_of is not None and record.levelno < level_of(category):
            return
        record.origin, record.category = origin, category
        try:
            line = self.format(record)
        except Exception as error:
            # Standard error may lead back here, so the mistake is told in the record's own place.
            text = f"{_safe(record.msg)} cannot be formatted with {_safe(record.args)}: {_safe(error)}"
            record.msg, record.args, record.exc_info = text, None, None
            line = self.format(record)
        self.writer.write(line)


class JsonFormatter(logging.Formatter):
    """One JSON object. `common` goes into every record."""

    def __init__(self, common: Mapping[str, str]) -> None:
        super().__init__()
        self._common = common

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "timestamp": _timestamp(record),
            "level": record.levelname,
            "category": record.category,  # type: ignore[attr-defined]
            "logger": record.name,
            "message": record.getMessage(),
        }
        origin: Origin | None = record.origin  # type: ignore[attr-defined]
        if origin is not None:
            entry["function"], entry["invocationId"] = origin.function, origin.invocation_id
            if origin.trace_id:
                entry["traceId"], entry["spanId"] = origin.trace_id, origin.span_id
        if record.exc_info and record.exc_info[0] is not None:
            entry["exception"] = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.stack_info:
            entry["stack"] = record.stack_info
        return json.dumps({**entry, **self._common}, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """For people at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        origin: Origin | None = record.origin  # type: ignore[attr-defined]
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
    formatter: logging.Formatter = TextFormatter() if is_text(environment) else JsonFormatter(_common(environment))
    root = logging.getLogger()
    root.handlers[:] = [LineHandler(writer, formatter, origin)]
    root.setLevel(logging.DEBUG if _is_debug(environment) else logging.INFO)
    # The Azure libraries tell each request at INFO.
    logging.getLogger("azure.core").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    return writer


def filter_by(options: LoggingOptions, environment: Mapping[str, str]) -> None:
    """From here on, records of this process are written as host.json says.

    PYTHON_ENABLE_DEBUG_LOGGING lets DEBUG pass where host.json names no category for a record.
    """
    default = min(options.default, logging.DEBUG) if _is_debug(environment) else options.default
    level_of = lru_cache(maxsize=1024)(replace(options, default=default).level_of)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LineHandler):
            handler.writer.level_of = level_of


def _is_debug(environment: Mapping[str, str]) -> bool:
    return environment.get("PYTHON_ENABLE_DEBUG_LOGGING") == "1"


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


def _safe(value: object) -> str:
    """Its representation, whatever the app's own methods do."""
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__} whose text cannot be made: {type(error).__name__}>"


class _OwnLogger(logging.Logger):
    """One that the app's logging configuration does not switch off: it tells why invocations fail."""

    @property
    def disabled(self) -> bool:
        return False

    @disabled.setter
    def disabled(self, value: bool) -> None:
        pass


def protect(root: logging.Logger) -> None:
    """Keeps the app's logging configuration, which may replace handlers, from taking away the worker's own."""
    own = root.handlers[0]
    remove = root.removeHandler

    def remove_unless_own(handler: logging.Handler) -> None:
        if handler is not own:
            remove(handler)

    root.removeHandler = remove_unless_own  # type: ignore[method-assign, assignment]
    for name, logger in root.manager.loggerDict.items():
        if name.partition(".")[0] in (_OURS, *PRINTED) and isinstance(logger, logging.Logger):
            logger.__dict__.pop("disabled", None)
            logger.__class__ = _OwnLogger
