import re
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcapp.model import expressions

NOW = datetime(2026, 3, 4, 15, 6, 7, 890123, timezone.utc)


def resolve(text: str, data: dict[str, object] | None = None) -> str:
    return expressions.parse(text).resolve(data or {}, method="resize", now=NOW)


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        ("a/{id}.png", {"id": "5"}, "a/5.png"),
        ("{ID}-{Id}", {"id": 5}, "5-5"),
        ("{a.B.c}", {"A": {"b": {"c": True}}}, "True"),
        ("{headers.x-y}{query.q}", {"headers": {"x-y": "1"}, "query": {"q": "2"}}, "12"),
        ("{{x}}", {}, "{x}"),
        ("{n}", {"n": None}, ""),
        ("{o}", {"o": {"a": 1}}, '{"a": 1}'),
        ("{DateTime}", {}, "2026-03-04T15-06-07Z"),
        ("{datetime:yyyy/MM/dd HH:mm:ss.fff}", {}, "2026/03/04 15:06:07.890"),
        ("{DateTime:d MMM yy, h tt 'at' \\d}", {}, "4 Mar 26, 3 PM at d"),
        ("{DateTime:dddd}", {}, "Wednesday"),
        ("{DateTime:s}|{DateTime:R}", {}, "2026-03-04T15:06:07|Wed, 04 Mar 2026 15:06:07 GMT"),
        ("{DateTime:o}", {}, "2026-03-04T15:06:07.8901230Z"),
        ("{DateTime:%d}", {}, "4"),
        ("{DateTime}", {"datetime": "mine"}, "mine"),
        ("{sys.methodname}", {}, "resize"),
        ("{sys.utcnow}", {}, "2026-03-04T15-06-07Z"),
    ],
)
def test_resolve(text: str, data: dict[str, object], expected: str) -> None:
    assert resolve(text, data) == expected


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("{rand-guid}", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("{rand-guid:N}", "[0-9a-f]{32}"),
        ("{sys.randguid:B}", r"\{[0-9a-f-]{36}\}"),
    ],
)
def test_random_names(text: str, pattern: str) -> None:
    assert re.fullmatch(pattern, resolve(text))
    assert resolve(text) != resolve(text)


def test_a_name_without_a_value_fails() -> None:
    with pytest.raises(expressions.ExpressionError, match=r"No value for named parameter 'a\.b'\."):
        resolve("{a.b}", {"a": "text"})


@pytest.mark.parametrize("text", ["{DateTime:x}", "{rand-guid:x}"])
def test_a_format_that_is_none_fails(text: str) -> None:
    with pytest.raises(expressions.ExpressionError, match=r"format"):
        resolve(text)


@pytest.mark.parametrize("text", ["{", "}", "a{b", "{}", "{ }", "{a{b}}"])
def test_templates_that_cannot_be_read(text: str) -> None:
    with pytest.raises(expressions.ExpressionError):
        expressions.parse(text)


def test_settings_are_resolved_first() -> None:
    assert expressions.resolve_settings("%A%/x%B%", {"A": "1", "B": "{id}"}) == "1/x{id}"
    with pytest.raises(KeyError, match="C"):
        expressions.resolve_settings("%C%", {})


@given(st.text())
def test_any_value_is_inserted_as_it_is(value: str) -> None:
    assert resolve("<{x}>", {"x": value}) == f"<{value}>"


@given(st.text())
def test_doubled_braces_stand_for_any_text(text: str) -> None:
    assert resolve(text.replace("{", "{{").replace("}", "}}")) == text
