"""What is remembered of a timer between runs of the app, and what follows from it at a start.

The blob's content is the Functions host's, so that an app that moves here or back misses nothing and repeats nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from funcapp.model.schedules import Schedule

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_NEVER_RUN = "0001-01-01T00:00:00+00:00"
_NEVER_AGAIN = "9999-12-31T23:59:59+00:00"


@dataclass(frozen=True)
class ScheduleStatus:
    """`last` None: it never ran; `next` None: it never will. All are in UTC."""

    last: datetime | None
    next: datetime | None
    updated: datetime | None

    def document(self, zone: tzinfo) -> dict[str, str]:
        """As upstream's: `Last`, `Next` and `LastUpdated` on the clocks of the zone, with their offset from UTC."""
        return {
            "Last": _text(self.last, zone, _NEVER_RUN),
            "Next": _text(self.next, zone, _NEVER_AGAIN),
            "LastUpdated": _text(self.updated, zone, _NEVER_RUN),
        }


def parse(content: bytes, zone: tzinfo) -> ScheduleStatus:
    """A moment without an offset is on the clocks of `zone`. Raises ValueError."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    return ScheduleStatus(*(_moment(document.get(name), name, zone) for name in ("Last", "Next", "LastUpdated")))


def at_start(
    known: ScheduleStatus | None, now: datetime, schedule: Schedule, zone: tzinfo
) -> tuple[ScheduleStatus, bool]:
    """The status to go on from, and whether an occurrence was missed.

    A first start misses nothing, nor does a schedule that has been changed since.
    """
    if known is None:
        return ScheduleStatus(None, schedule.next_after(now, zone), now), False
    base = known.last or known.updated or now
    expected = schedule.next_after(base, zone)
    if known.next != expected:
        if expected is not None and now > expected:
            expected, base = schedule.next_after(now, zone), now
        known = ScheduleStatus(None, expected, base)
    return known, known.next is not None and now > known.next


def after_run(began: datetime, schedule: Schedule, zone: tzinfo) -> ScheduleStatus:
    """Counted from when the run began: what came due during it follows at once, and once."""
    return ScheduleStatus(began, schedule.next_after(began, zone), began)


def _text(moment: datetime | None, zone: tzinfo, none: str) -> str:
    return moment.astimezone(zone).isoformat() if moment else none


def _moment(text: object, name: str, zone: tzinfo) -> datetime | None:
    """None for the moments at both ends of the calendar, which mean that there is none."""
    if text is None:
        return None
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{name} is {text!r}")
    seconds, fraction, offset = match.groups()
    local = datetime.fromisoformat(seconds)
    if not 1900 <= local.year < 9000:
        return None
    local += timedelta(microseconds=int(f"{fraction or 0:0<6}"[:6]))
    if offset is None:
        local = local.replace(tzinfo=zone)
    else:
        local = datetime.fromisoformat(local.isoformat() + offset.replace("Z", "+00:00"))
    return local.astimezone(timezone.utc)
