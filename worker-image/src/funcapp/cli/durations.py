"""Lengths of time, as options take them and as people read them."""

from __future__ import annotations

import re

from funcapp.errors import ConfigurationError

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def seconds(option: str, text: str) -> int:
    """A duration such as 90s, 15m or 1h30m. Raises ConfigurationError."""
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ConfigurationError(f"{option} {text}: it must be a duration such as 90s, 15m or 1h30m")
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


def brief(seconds: float) -> str:
    """Its two largest units: 48s, 3m20s, 2h5m, 4d3h."""
    whole = int(seconds)
    days, hours, minutes, rest = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (rest, "s")]
    first = next((index for index, (count, _) in enumerate(parts) if count), 3)
    return "".join(
        f"{count}{unit}" for index, (count, unit) in enumerate(parts[first : first + 2]) if count or not index
    )
