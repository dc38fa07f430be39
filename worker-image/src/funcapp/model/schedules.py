"""What a timer's `schedule` may be: an NCRONTAB expression on the clocks of a time zone, or an interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Protocol

from funcapp.model import ncrontab, timespan
from funcapp.model.ncrontab import Ncrontab


class ScheduleError(ValueError):
    """The text is no schedule. The message completes "schedule 'text' …"."""


class Schedule(Protocol):
    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The next occurrence, in UTC; None where there is none. `moment` has a zone."""


@dataclass(frozen=True)
class Interval:
    """Every so many seconds, counted from when the function last began."""

    seconds: float

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        try:
            return moment.astimezone(timezone.utc) + timedelta(seconds=self.seconds)
        except OverflowError:
            return None


@dataclass(frozen=True)
class Cron:
    """At the times that clocks of the zone show.

    Where clocks are put forward, an occurrence in the hour that is left out comes as much later. Where they are put
    back, times of the day ("0 30 1 * * *") come the first time only, and intervals ("0 */30 * * * *") both times. The
    rules are those of the Functions host.
    """

    expression: Ncrontab

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        local = moment.astimezone(zone)
        wall = local.replace(tzinfo=None, fold=0)
        repeats = self.expression.is_interval and _is_ambiguous(wall, zone)
        candidate = self.expression.next_after(wall)
        if repeats and not local.fold:
            if candidate is not None and _is_ambiguous(candidate, zone):
                return _instant(candidate, zone)
            candidate = self._first_of_second_pass(wall, zone) or candidate
        while candidate is not None:
            for fold in (0, 1) if self.expression.is_interval else (0,):
                instant = _instant(candidate, zone, fold)
                if instant > moment:
                    return instant
            candidate = self.expression.next_after(candidate)
        return None

    def _first_of_second_pass(self, wall: datetime, zone: tzinfo) -> datetime | None:
        """`wall` is in an hour that comes twice: the hour's first occurrence."""
        width = _instant(wall, zone, 1) - _instant(wall, zone, 0)
        candidate = self.expression.next_after(wall - width)
        while candidate is not None and candidate <= wall:
            if _is_ambiguous(candidate, zone):
                return candidate
            candidate = self.expression.next_after(candidate)
        return None


def parse(text: str) -> Schedule:
    """NCRONTAB, else `hh:mm:ss` or `d.hh:mm:ss`. Raises ScheduleError."""
    # A number alone is a TimeSpan of days upstream.
    if ":" in text or text.strip().isdigit():
        try:
            seconds = timespan.parse(text)
        except ValueError as error:
            raise ScheduleError(str(error)) from None
        if seconds <= 0:
            raise ScheduleError("must be longer than no time at all")
        return Interval(seconds)
    try:
        return Cron(ncrontab.parse(text))
    except ncrontab.CronError as error:
        raise ScheduleError(str(error)) from None


def is_frequent(schedule: Schedule, moment: datetime, zone: tzinfo) -> bool:
    """Whether it comes more often than once in a minute right after `moment`: so upstream finds it out, at a start."""
    if isinstance(schedule, Interval):
        return schedule.seconds < 60
    minute = timedelta(minutes=1)
    first = schedule.next_after(moment, zone)
    second = first and schedule.next_after(first, zone)
    return first is not None and second is not None and first <= moment + minute and second < first + minute


def _instant(wall: datetime, zone: tzinfo, fold: int = 0) -> datetime:
    """A wall time that does not exist counts from before the clocks were put forward, which makes it later."""
    return wall.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc)


def _is_ambiguous(wall: datetime, zone: tzinfo) -> bool:
    return _instant(wall, zone, 1) > _instant(wall, zone, 0)
