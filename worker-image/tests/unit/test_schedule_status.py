"""What a timer knows after a restart: missed, changed, never run."""

import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcapp.model import schedule_status, schedules
from funcapp.model.schedule_status import ScheduleStatus

BERLIN = ZoneInfo("Europe/Berlin")
HOURLY = schedules.parse("0 0 * * * *")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def test_a_first_start_is_not_past_due() -> None:
    now = utc("2026-07-01T10:30:00")
    found, past_due = schedule_status.at_start(None, now, HOURLY, BERLIN)
    assert (found, past_due) == (ScheduleStatus(None, utc("2026-07-01T11:00:00"), now), False)


def test_what_was_missed_is_past_due_and_what_is_to_come_is_not() -> None:
    known = schedule_status.after_run(utc("2026-07-01T10:00:00"), HOURLY, BERLIN)
    assert schedule_status.at_start(known, utc("2026-07-01T10:30:00"), HOURLY, BERLIN) == (known, False)
    assert schedule_status.at_start(known, utc("2026-07-01T11:00:01"), HOURLY, BERLIN) == (known, True)
    never_run = ScheduleStatus(None, utc("2026-07-01T11:00:00"), utc("2026-07-01T10:30:00"))
    assert schedule_status.at_start(never_run, utc("2026-07-01T12:30:00"), HOURLY, BERLIN) == (never_run, True)


def test_a_changed_schedule_starts_anew() -> None:
    known = schedule_status.after_run(utc("2026-07-01T10:00:00"), schedules.parse("0 */5 * * * *"), BERLIN)
    now = utc("2026-07-01T10:30:00")
    found, past_due = schedule_status.at_start(known, now, HOURLY, BERLIN)
    assert (found.next, found.last, past_due) == (utc("2026-07-01T11:00:00"), None, False)
    # Also where the new one would have come in the meantime.
    late = utc("2026-07-01T13:30:00")
    found, past_due = schedule_status.at_start(known, late, HOURLY, BERLIN)
    assert (found, past_due) == (ScheduleStatus(None, utc("2026-07-01T14:00:00"), late), False)


def test_a_changed_time_zone_changes_the_schedule() -> None:
    daily = schedules.parse("0 0 3 * * *")
    known = schedule_status.after_run(utc("2026-07-01T01:00:00"), daily, BERLIN)
    found, past_due = schedule_status.at_start(known, utc("2026-07-01T12:00:00"), daily, ZoneInfo("UTC"))
    assert (found.next, past_due) == (utc("2026-07-02T03:00:00"), False)


def test_the_document_is_the_functions_hosts() -> None:
    status = ScheduleStatus(None, utc("2026-07-01T11:00:00"), utc("2026-07-01T10:30:00.250000"))
    document = status.document(BERLIN)
    assert document == {
        "Last": "0001-01-01T00:00:00+00:00",
        "Next": "2026-07-01T13:00:00+02:00",
        "LastUpdated": "2026-07-01T12:30:00.250000+02:00",
    }
    theirs = (
        b'{"Last":"0001-01-01T00:00:00","Next":"2026-07-01T11:00:00Z",'
        b'"LastUpdated":"2026-07-01T12:30:00.2500009+02:00"}'
    )
    assert schedule_status.parse(theirs, BERLIN) == status
    assert schedule_status.parse(b'{"Next": "2026-07-01T13:00:00"}', BERLIN).next == status.next


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"Last": 5}', b'{"Next": "soon"}', b'{"Next": "2026-02-30T00:00:00"}', b"\xff"]
)
def test_a_broken_document(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        schedule_status.parse(content, BERLIN)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.sampled_from([BERLIN, ZoneInfo("UTC")]))
def test_what_is_stored_is_read_again(moment: datetime, zone: ZoneInfo) -> None:
    moment = moment.replace(tzinfo=timezone.utc)
    status = ScheduleStatus(moment, moment + timedelta(hours=1), None)
    assert schedule_status.parse(json.dumps(status.document(zone)).encode(), zone) == status
