"""Text from the cluster, for a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def safe(text: str) -> str:
    """What an app logs must not move the cursor or retitle the window of whoever reads it."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def log_line(line: str, *, functions: Sequence[str] = ()) -> str | None:
    """A log record as text; a line that is none, as it is. None: it is not of one of these functions.

    Names of functions are compared without regard to case.
    """
    record = _record(line)
    if record is None:
        return None if functions else safe(line)
    function = record.get("function")
    if functions and (not isinstance(function, str) or function.lower() not in [name.lower() for name in functions]):
        return None
    where = f"{function} {str(record.get('invocationId', ''))[:8]}".rstrip() if function else record.get("logger", "")
    text = f"{record.get('timestamp', '')} {record.get('level', ''):<8} {where}: {record['message']}"
    for extra in ("exception", "stack"):
        if record.get(extra):
            text += f"\n{record[extra]}"
    return safe(text)


def timestamp(line: str) -> str:
    """When a record was written, empty where it does not say."""
    record = _record(line)
    return str(record.get("timestamp", "")) if record else ""


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, the last of any length."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
    return "\n".join(safe(line.rstrip()) for line in lines)


def _record(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("message"), str) else None
