"""Schedules on the clocks of a time zone, around the nights when these are put forward and back."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcapp.model import schedules, time_zones
from funcapp.model.schedules import Schedule, ScheduleError

PACIFIC = ZoneInfo("America/Los_Angeles")
BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def occurrences(text: str, start: str, zone: ZoneInfo, count: int) -> list[str]:
    schedule, found = schedules.parse(text), []
    moment: datetime | None = datetime.fromisoformat(start)
    for _ in range(count):
        assert moment is not None
        moment = schedule.next_after(moment, zone)
        assert moment is not None
        found.append(moment.astimezone(zone).strftime("%d %H:%M%z")[:-2])
    return found


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        # 11 March 2018: 02:00 to 03:00 is left out.
        ("0 30 2 * * *", "2018-03-10T12:00-08:00", ["11 03:30-07", "12 02:30-07"]),
        ("0 */30 * * * *", "2018-03-11T01:00-08:00", ["11 01:30-08", "11 03:00-07", "11 03:30-07", "11 04:00-07"]),
        ("0 30 2,3 * * *", "2018-03-11T01:00-08:00", ["11 03:30-07", "12 02:30-07"]),
        ("0 0 */2 * * *", "2018-03-11T00:00-08:00", ["11 03:00-07", "11 04:00-07"]),
        # 4 November 2018: 01:00 to 02:00 comes twice.
        ("0 30 1 * * *", "2018-11-03T12:00-07:00", ["04 01:30-07", "05 01:30-08"]),
        ("0 30 1 * * *", "2018-11-04T01:29-08:00", ["05 01:30-08"]),
        ("0 30 1 4 11 *", "2017-12-24T00:00-08:00", ["04 01:30-07"]),
        ("0 0,45 1 * * *", "2018-11-04T00:59-07:00", ["04 01:00-07", "04 01:45-07", "05 01:00-08"]),
        (
            "0 */30 * * * *",
            "2018-11-04T00:30-07:00",
            ["04 01:00-07", "04 01:30-07", "04 01:00-08", "04 01:30-08", "04 02:00-08"],
        ),
        ("0 0 * * * *", "2018-11-04T00:10-07:00", ["04 01:00-07", "04 01:00-08", "04 02:00-08"]),
        ("0 10,11 1 * * *", "2018-11-04T01:10-07:00", ["04 01:11-07", "04 01:10-08", "04 01:11-08", "05 01:10-08"]),
        # An interval knows no clocks.
        ("01:00:00", "2018-11-04T00:30-07:00", ["04 01:30-07", "04 01:30-08", "04 02:30-08"]),
    ],
)
def test_nights_when_clocks_are_changed(text: str, start: str, expected: list[str]) -> None:
    assert occurrences(text, start, PACIFIC, len(expected)) == expected


def test_a_clock_that_is_changed_by_half_an_hour() -> None:
    # 5 April 2026: 01:30 to 02:00 comes twice.
    found = occurrences("0 */15 * * * *", "2026-04-05T01:30+11:00", LORD_HOWE, 5)
    assert found == ["05 01:45+11", "05 01:30+10", "05 01:45+10", "05 02:00+10", "05 02:15+10"]


SCHEDULES = st.sampled_from(
    [
        *("0 30 1 * * *", "0 30 2 * * *", "0 */7 * * * *", "*/13 * * * * *", "0 0 0 * * *", "0 0,20 1-3 * * *"),
        *("30 59 1,2,3 * * *", "0 0 12 * * MON", "00:17:00", "1.00:00:00", "0 0 0 1 * *"),
    ]
)
ZONES = st.sampled_from([PACIFIC, BERLIN, LORD_HOWE, ZoneInfo("UTC"), ZoneInfo("Pacific/Apia"), ZoneInfo("Asia/Gaza")])
NEAR_CHANGES = st.sampled_from(
    [
        "2018-03-11T10:00",
        "2018-11-04T09:00",
        "2026-03-29T01:00",
        "2026-10-25T01:00",
        "2026-04-04T15:00",
        "2011-12-30T10:00",
    ]
).flatmap(
    lambda text: st.integers(-200_000, 200_000).map(
        lambda seconds: datetime.fromisoformat(text).replace(tzinfo=timezone.utc) + timedelta(seconds=seconds)
    )
)


@given(SCHEDULES, ZONES, NEAR_CHANGES)
def test_time_only_moves_forward(text: str, zone: ZoneInfo, moment: datetime) -> None:
    schedule: Schedule = schedules.parse(text)
    for _ in range(4):
        following = schedule.next_after(moment, zone)
        assert following is not None
        assert following > moment
        moment = following


@given(st.sampled_from(["0 */7 * * * *", "0 0 * * * *", "0 10-12 1,2 * * *"]), NEAR_CHANGES)
def test_intervals_come_whenever_a_clock_shows_them(text: str, moment: datetime) -> None:
    schedule = schedules.parse(text)
    assert isinstance(schedule, schedules.Cron)
    found = schedule.next_after(moment, PACIFIC)
    assert found is not None
    minute = moment.replace(second=0) + timedelta(minutes=1)
    while minute < min(found, moment + timedelta(hours=6)):
        wall = minute.astimezone(PACIFIC)
        assert not (wall.minute in schedule.expression.minutes and wall.hour in schedule.expression.hours)
        minute += timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:00:30", 30), ("1.02:00:00", 93_600), ("5", 432_000), ("01:30", 5400)]
)
def test_intervals(text: str, seconds: int) -> None:
    moment = datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert schedules.parse(text).next_after(moment, PACIFIC) == moment + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("00:00:00", "longer than no time"),
        ("24:00:00", "below 24"),
        ("every day", "has 2 fields"),
        ("-00:01", "duration"),
    ],
)
def test_what_is_no_schedule(text: str, message: str) -> None:
    with pytest.raises(ScheduleError, match=message):
        schedules.parse(text)


@given(st.text(max_size=30))
def test_any_text_is_a_schedule_or_an_error(text: str) -> None:
    try:
        schedule = schedules.parse(text)
    except ScheduleError:
        return
    schedule.next_after(datetime(2026, 1, 1, tzinfo=timezone.utc), BERLIN)


def test_what_is_frequent() -> None:
    now = datetime(2026, 1, 1, 12, 0, 30, tzinfo=timezone.utc)
    for text, expected in (
        *(("*/30 * * * * *", True), ("0 * * * * *", False), ("* * * * *", False), ("0,30 0 9 * * *", False)),
        *(("00:00:59", True), ("00:01:00", False), ("0 0 0 30 2 *", False)),
    ):
        assert schedules.is_frequent(schedules.parse(text), now, BERLIN) is expected, text


def test_time_zones_by_either_name() -> None:
    assert time_zones.find("Europe/Berlin").key == "Europe/Berlin"
    assert time_zones.find("W. Europe Standard Time").key == "Europe/Berlin"
    assert time_zones.find("pacific standard time").key == "America/Los_Angeles"
    assert time_zones.find(":America/New_York").key == "America/New_York"
    for name in ("Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "CET-1CEST", "a\0b", "Europe"):
        with pytest.raises(ValueError, match="is no time zone that is known"):
            time_zones.find(name)


def test_the_setting_of_the_time_zone() -> None:
    assert time_zones.setting({}) == ("WEBSITE_TIME_ZONE", "UTC")
    assert time_zones.setting({"TZ": "Asia/Tokyo"}) == ("TZ", "Asia/Tokyo")
    assert (
        time_zones.setting({"TZ": "Asia/Tokyo", "WEBSITE_TIME_ZONE": "Tokyo Standard Time"})[1] == "Tokyo Standard Time"
    )
