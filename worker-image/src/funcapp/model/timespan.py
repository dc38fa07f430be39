"""Durations as .NET writes them: `[d.]hh:mm[:ss[.fraction]]`, or days alone."""

from __future__ import annotations

import re

_TIMESPAN = re.compile(r"(?:(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?|(\d{1,8}))", re.ASCII)


def parse(text: str) -> float:
    """The duration in seconds. Raises ValueError, whose message completes "'text' …"."""
    match = _TIMESPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError("is not a duration: write it as hh:mm:ss or d.hh:mm:ss")
    days, hours, minutes, seconds, fraction, days_alone = match.groups()
    if days_alone is not None:
        return int(days_alone) * 86_400.0
    for value, limit, unit in ((hours, 24, "hours"), (minutes, 60, "minutes"), (seconds or "0", 60, "seconds")):
        if int(value) >= limit:
            raise ValueError(f"has {value} {unit}, which must be below {limit}: write it as d.hh:mm:ss")
    whole = int(days or 0) * 86_400 + int(hours) * 3_600 + int(minutes) * 60 + int(seconds or 0)
    return whole + float(f"0.{fraction or 0}")
