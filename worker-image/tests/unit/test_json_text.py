import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcapp.model import json_text

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


@given(values)
def test_json_is_read_as_it_is(value: object) -> None:
    assert json_text.loads(json.dumps(value, indent=1, ensure_ascii=False).encode()) == value


def test_comments_trailing_commas_and_marks_are_accepted() -> None:
    text = '{ // a "comment"\n "a": [1, 2, /* , */ ], "url": "http://x/*y*/,}", }'
    expected = {"a": [1, 2], "url": "http://x/*y*/,}"}
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert json_text.loads(text.encode(encoding)) == expected


@pytest.mark.parametrize(
    ("content", "position"),
    [
        (b'{"a": 1,\n "b" 2}', "line 2, column 6: expecting ':' delimiter"),
        (b'// x\n{"a": }', "line 2, column 7: expecting value"),
        (b"", "line 1, column 1"),
        (b'{"a": "\n"}', "line 1, column 8"),
        (b'{"a": "x}', "line 1, column 7"),
        (b"{\n\xff}", "line 2, column 1: not UTF-8"),
        (b"[" * 100_000, "line 1, column 1: nested too deeply"),
        (b"9" * 5000, "line 1, column 1: has a number of too many digits"),
        (b'"\\ud83d"', "line 1, column 1: has half of a surrogate pair"),
    ],
)
def test_errors_name_the_position(content: bytes, position: str) -> None:
    with pytest.raises(json_text.JsonTextError) as caught:
        json_text.loads(content)
    assert str(caught.value).startswith(position)


@given(st.binary(max_size=200))
def test_nothing_else_is_raised(content: bytes) -> None:
    try:
        json_text.loads(content)
    except json_text.JsonTextError as error:
        assert str(error).startswith("line ")
