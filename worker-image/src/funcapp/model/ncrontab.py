"""NCRONTAB expressions: when a clock on the wall shows a time that they name. Time zones are `schedules`' matter.

The grammar is that of the library that the Functions host uses: `second minute hour day month day-of-week`, each a list
of `*`, `a`, `a-b`, with `/step`; five fields mean second 0. Unlike in crontab(5), a day has to match both day fields.
https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
"""

from __future__ import annotations

import bisect
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")

_NUMBER = re.compile(r"[0-9]{1,9}")
_RARE_YEARS = 41
"""29 February falls on a given day of the week again after 40 years at the latest."""


class CronError(ValueError):
    """The text is no NCRONTAB expression. The message names field, value and rule."""


@dataclass(frozen=True)
class Ncrontab:
    """The values of each field, ascending; Sunday is 0."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    @property
    def is_interval(self) -> bool:
        """Whether it means "every so often" rather than "at these times of the day".

        As upstream tells them apart: a field of the time of day has neighbouring values, as `*` and `9-17` have.
        """
        times = (self.seconds, self.minutes, self.hours)
        return any(second - first == 1 for field in times for first, second in pairwise(field))

    def next_after(self, wall: datetime) -> datetime | None:
        """The first whole second after `wall`, both without a zone; None where none is left, as for 30 February."""
        start = wall.replace(microsecond=0, tzinfo=None)
        try:
            start += timedelta(seconds=1)
        except OverflowError:
            return None
        for day in self._days_from(start.date()):
            earliest = start.time() if day == start.date() else time.min
            found = self._time_from(earliest)
            if found is not None:
                return datetime.combine(day, found)
        return None

    def _days_from(self, start: date) -> Iterator[date]:
        for year in range(start.year, min(start.year + _RARE_YEARS, date.max.year) + 1):
            for month in self.months:
                if (year, month) < (start.year, start.month):
                    continue
                length = monthrange(year, month)[1]
                for number in self.days:
                    if number > length:
                        break
                    day = date(year, month, number)
                    if day >= start and day.isoweekday() % 7 in self.weekdays:
                        yield day

    def _time_from(self, earliest: time) -> time | None:
        """The first time of a day that is not before `earliest`."""
        for hour in _from(self.hours, earliest.hour):
            minute_from = earliest.minute if hour == earliest.hour else 0
            for minute in _from(self.minutes, minute_from):
                exact = (hour, minute) == (earliest.hour, earliest.minute)
                for second in _from(self.seconds, earliest.second if exact else 0):
                    return time(hour, minute, second)
        return None


def parse(text: str) -> Ncrontab:
    """Raises CronError."""
    parts = text.split()
    if len(parts) not in (5, 6):
        raise CronError(
            f"has {len(parts)} fields: it must have 6 (second minute hour day month day-of-week)"
            " or 5 (without the second)"
        )
    if len(parts) == 5:
        parts.insert(0, "0")
    return Ncrontab(*(field.values(part) for field, part in zip(_FIELDS, parts, strict=True)))


@dataclass(frozen=True)
class _Field:
    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> tuple[int, ...]:
        found: set[int] = set()
        for element in text.split(","):
            found.update(self._range(element, text))
        return tuple(sorted(found))

    def _range(self, element: str, text: str) -> range:
        body, slash, step_text = element.partition("/")
        if slash and not _NUMBER.fullmatch(step_text):
            raise self._error(text, f"the step {step_text!r} must be a whole number")
        # As upstream: a step of 0 is one of 1, and a range that is written backwards is turned round.
        step = max(int(step_text), 1) if slash else 1
        if body == "*":
            return range(self.least, self.most + 1, step)
        first, dash, last = body.partition("-")
        low = self._value(first, text)
        high = self._value(last, text) if dash else self.most if slash else low
        low, high = min(low, high), max(low, high)
        return range(low, high + 1, step)

    def _value(self, word: str, text: str) -> int:
        if _NUMBER.fullmatch(word):
            value = int(word)
            if not self.least <= value <= self.most:
                raise self._error(text, f"{value} must be from {self.least} to {self.most}{self._hint}")
            return value
        for number, name in enumerate(self.names, self.least):
            if word and name.startswith(word.lower()):
                return number
        known = f" or a name such as {self.names[1][:3].upper()}" if self.names else ""
        raise self._error(text, f"{word!r} must be a number from {self.least} to {self.most}{known}{self._hint}")

    @property
    def _hint(self) -> str:
        return " (Sunday is 0)" if self.names is DAYS else ""

    def _error(self, text: str, rule: str) -> CronError:
        return CronError(f"has the {self.name} field {text!r}: {rule}")


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, MONTHS),
    _Field("day-of-week", 0, 6, DAYS),
)


def _from(values: tuple[int, ...], least: int) -> Iterable[int]:
    return values[bisect.bisect_left(values, least) :]
