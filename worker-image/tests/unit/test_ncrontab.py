"""NCRONTAB: the grammar, and the next time against a walk over every second or minute."""

from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from funcapp.model import ncrontab
from funcapp.model.ncrontab import CronError, Ncrontab

START = datetime(2026, 1, 30, 23, 58, 30)


def matches(cron: Ncrontab, wall: datetime) -> bool:
    return (
        wall.second in cron.seconds
        and wall.minute in cron.minutes
        and wall.hour in cron.hours
        and wall.day in cron.days
        and wall.month in cron.months
        and wall.isoweekday() % 7 in cron.weekdays
    )


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("0 */20 * * * *", "minutes", (0, 20, 40)),
        ("*/20 * * * *", "minutes", (0, 20, 40)),
        ("*/20 * * * *", "seconds", (0,)),
        ("0 0 9-17 * * *", "hours", tuple(range(9, 18))),
        ("0 0 9-17/4 * * *", "hours", (9, 13, 17)),
        ("0 0 20/2 * * *", "hours", (20, 22)),
        ("0 0 22-2 * * *", "hours", tuple(range(2, 23))),
        ("0 0 1,3,2-4 * * *", "hours", (1, 2, 3, 4)),
        ("0 0 0 1 JAN,may,Sept *", "months", (1, 5, 9)),
        ("0 0 0 * * Mon-Friday", "weekdays", (1, 2, 3, 4, 5)),
        ("0 0 0 * * 0,6", "weekdays", (0, 6)),
        ("  0  0\t0 * * su  ", "weekdays", (0,)),
        ("0 */0 * * * *", "minutes", tuple(range(60))),
        ("0 */99 * * * *", "minutes", (0,)),
    ],
)
def test_fields(text: str, field: str, values: tuple[int, ...]) -> None:
    assert getattr(ncrontab.parse(text), field) == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has 0 fields: it must have 6"),
        ("* * * *", "has 4 fields"),
        ("0 0 0 1 1 * 2026", "has 7 fields"),
        ("60 * * * * *", "second field '60': 60 must be from 0 to 59"),
        ("0 0 24 * * *", "hour field '24': 24 must be from 0 to 23"),
        ("0 0 0 0 * *", "day field '0': 0 must be from 1 to 31"),
        ("0 0 0 * 13 *", "month field '13': 13 must be from 1 to 12"),
        ("0 0 0 * * 7", r"day-of-week field '7': 7 must be from 0 to 6 \(Sunday is 0\)"),
        ("0 0 0 ? * *", r"day field '\?': '\?' must be a number from 1 to 31"),
        ("0 0 0 * Foo *", "'Foo' must be a number from 1 to 12 or a name such as FEB"),
        ("0 */x * * * *", "the step 'x' must be a whole number"),
        ("0 */ * * * *", "the step '' must be a whole number"),
        ("0 1, * * * *", "minute field '1,': ''"),
        ("0 -5 * * * *", "minute field '-5'"),
        ("0 1-2-3 * * * *", "minute field '1-2-3': '2-3'"),
        ("0 0 0 L * *", "day field 'L'"),
        ("0 0 \u0661 * * *", "hour field"),
        ("@daily", "has 1 fields"),
    ],
)
def test_what_is_refused_names_field_value_and_rule(text: str, message: str) -> None:
    with pytest.raises(CronError, match=message):
        ncrontab.parse(text)


@given(st.text(alphabet="0123456789*/-, ?#LWJANMON.\u0661\n", max_size=40) | st.text(max_size=40))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    try:
        cron = ncrontab.parse(text)
    except CronError:
        return
    found = cron.next_after(START)
    assert found is None or (found > START and matches(cron, found))


def field(least: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    element = st.one_of(
        st.just("*"),
        number.map(str),
        st.tuples(number, number).map(lambda ends: f"{ends[0]}-{ends[1]}"),
        st.integers(1, most).map(lambda step: f"*/{step}"),
        st.tuples(number, st.integers(1, most)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    )
    return st.one_of(st.just("*"), st.lists(element, min_size=1, max_size=3).map(",".join))


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1))


@given(st.tuples(field(0, 59), field(0, 59), field(0, 23)).map(" ".join), MOMENTS)
def test_next_is_the_first_second_that_matches(times: str, moment: datetime) -> None:
    cron = ncrontab.parse(f"{times} * * *")
    found = cron.next_after(moment)
    assert found is not None
    assert found > moment
    assert matches(cron, found)
    second = moment.replace(microsecond=0) + timedelta(seconds=1)
    for _ in range(900):
        if second == found:
            return
        assert not matches(cron, second)
        second += timedelta(seconds=1)


@given(st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6)).map(" ".join), MOMENTS)
def test_next_is_the_first_minute_that_matches(expression: str, moment: datetime) -> None:
    cron = ncrontab.parse(expression)
    found = cron.next_after(moment)
    if found is not None:
        assert found > moment
        assert matches(cron, found)
    minute = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for _ in range(3 * 1440):
        if minute == found:
            return
        assert not matches(cron, minute)
        minute += timedelta(minutes=1)


@given(st.tuples(field(0, 59), field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6)), MOMENTS)
def test_each_day_that_is_passed_over_does_not_match(fields: tuple[str, ...], moment: datetime) -> None:
    cron = ncrontab.parse(" ".join(fields))
    found = cron.next_after(moment)
    assume(found is not None)
    assert found is not None
    day = moment.date() + timedelta(days=1)
    while day < found.date():
        assert not (day.day in cron.days and day.month in cron.months and day.isoweekday() % 7 in cron.weekdays)
        day += timedelta(days=1)


def test_rare_days_and_days_that_never_come() -> None:
    assert ncrontab.parse("0 0 0 31 2 *").next_after(START) is None
    assert ncrontab.parse("0 0 0 29 2 *").next_after(START) == datetime(2028, 2, 29)
    # The longest wait there is, because 2100 has no 29 February.
    assert ncrontab.parse("0 0 0 29 2 0").next_after(datetime(2088, 3, 1)) == datetime(2128, 2, 29)
    assert ncrontab.parse("* * * * * *").next_after(datetime(9999, 12, 31, 23, 59, 59)) is None


def test_day_of_month_and_day_of_week_have_to_match_both() -> None:
    assert ncrontab.parse("0 0 0 13 * FRI").next_after(START) == datetime(2026, 2, 13)
    assert ncrontab.parse("0 0 0 14 * FRI").next_after(START) == datetime(2026, 8, 14)
