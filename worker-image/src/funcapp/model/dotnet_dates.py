"""Date formats of .NET, for `{DateTime:yyyy-MM-dd}`, in the invariant culture.

https://learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings
https://learn.microsoft.com/dotnet/standard/base-types/standard-date-and-time-format-strings
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_TOKEN = re.compile(r"""'([^']*)'|"([^"]*)"|\\(.)|%?([dfFghHmMstyz])\4*|K|.""", re.DOTALL)


# A format of one letter stands for a pattern.
_STANDARD = {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    "m": "MMMM dd",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "U": "dddd, dd MMMM yyyy HH:mm:ss",
    "y": "yyyy MMMM",
}
_STANDARD.update({letter.upper(): _STANDARD[letter] for letter in "mory"})


def format_date(moment: datetime, pattern: str) -> str:
    """`moment` must be in UTC, so `K` is `Z`. Raises ValueError for one letter that stands for no pattern."""
    if len(pattern) == 1:
        if pattern not in _STANDARD:
            raise ValueError(f"{pattern!r} is not a date format")
        pattern = _STANDARD[pattern]
    return "".join(_format(match, moment) for match in _TOKEN.finditer(pattern))


def _format(match: re.Match[str], moment: datetime) -> str:
    for literal in match.group(1, 2, 3):
        if literal is not None:
            return literal
    piece = match.group()
    if piece == "K":
        return "Z"
    letter = match.group(4)
    return _FORMATS[letter](moment, len(piece.lstrip("%"))) if letter else piece


def _number(part: Callable[[datetime], int]) -> Callable[[datetime, int], str]:
    return lambda moment, width: f"{part(moment):0{min(width, 2)}d}"


def _fraction(moment: datetime, width: int) -> str:
    return f"{moment.microsecond:06d}0"[: min(width, 7)]


def _year(moment: datetime, width: int) -> str:
    return f"{moment.year % 100:0{width}d}" if width <= 2 else f"{moment.year:0{width}d}"


def _day(moment: datetime, width: int) -> str:
    if width <= 2:
        return f"{moment.day:0{width}d}"
    name = _DAYS[moment.weekday()]
    return name[:3] if width == 3 else name


def _month(moment: datetime, width: int) -> str:
    if width <= 2:
        return f"{moment.month:0{width}d}"
    name = _MONTHS[moment.month - 1]
    return name[:3] if width == 3 else name


_FORMATS: dict[str, Callable[[datetime, int], str]] = {
    "d": _day,
    "f": _fraction,
    "F": lambda moment, width: _fraction(moment, width).rstrip("0"),
    "g": lambda _moment, _width: "A.D.",
    "h": _number(lambda moment: moment.hour % 12 or 12),
    "H": _number(lambda moment: moment.hour),
    "m": _number(lambda moment: moment.minute),
    "M": _month,
    "s": _number(lambda moment: moment.second),
    "t": lambda moment, width: ("AM" if moment.hour < 12 else "PM")[: min(width, 2)],
    "y": _year,
    "z": lambda _moment, width: "+00:00" if width > 2 else f"+{0:0{width}d}",
}
