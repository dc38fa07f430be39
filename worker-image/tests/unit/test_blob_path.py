import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from funcapp.model import blob_path

LITERALS = st.text(st.characters(exclude_characters="{}%\0", exclude_categories=["Cs"]), min_size=1, max_size=5)
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
CONTAINERS = st.from_regex(r"[a-z0-9]{3,10}(-[a-z0-9]{1,5})?", fullmatch=True)


@st.composite
def patterns(draw: st.DrawFn) -> tuple[str, str, dict[str, str]]:
    """A pattern, a name built from it, and the values; every literal between captures is in no value."""
    count = draw(st.integers(1, 4))
    values = [draw(VALUES) for _ in range(count)]
    separators = [draw(LITERALS) for _ in range(count + 1)]
    assume(not any(separator in "".join(values) for separator in separators))
    pattern, name = separators[0], separators[0]
    for index, value in enumerate(values):
        pattern += f"{{c{index}}}" + separators[index + 1]
        name += value + separators[index + 1]
    # Unambiguous: each separator is once where it was put.
    assume(all(name.count(separator) == separators.count(separator) for separator in separators))
    assume(len(set(separators)) == len(separators))
    return pattern, name, {f"c{index}": value for index, value in enumerate(values)}


@given(CONTAINERS, patterns())
def test_captures_are_the_values_that_made_the_name(container: str, made: tuple[str, str, dict[str, str]]) -> None:
    """A name that was built from the pattern gives its captures back."""
    pattern, name, values = made
    assert blob_path.parse(f"{container}/{pattern}").match(name) == values


@given(CONTAINERS, st.text(max_size=30))
def test_any_text_is_a_path_or_an_error(container: str, text: str) -> None:
    try:
        path = blob_path.parse(f"{container}/{text}")
    except ValueError as error:
        assert str(error)
    else:
        path.match(text)


@pytest.mark.parametrize(
    ("path", "blob", "captures"),
    [
        ("photos", "any/thing", {}),
        ("photos/{name}", "a/b/c.png", {"name": "a/b/c.png"}),
        ("photos/{name}.{ext}", "a.b.png", {"name": "a.b", "ext": "png"}),
        ("photos/in/{dir}/{name}", "in/x/y/z", {"dir": "x/y", "name": "z"}),
        ("photos/{name}.PNG", "a.png", None),
        ("photos/original-{name}", "copy-a", None),
        ("photos/{{20}}-{name}", "{20}-a", {"name": "a"}),
        ("photos/a+(b)", "a+(b)", {}),
        ("photos/a+(b)", "aab", None),
        ("photos/{name}", "line\nbreak", {"name": "line\nbreak"}),
        ("photos/{a}{a}", "xyz", {"a": ""}),
    ],
)
def test_matches(path: str, blob: str, captures: dict[str, str] | None) -> None:
    assert blob_path.parse(path).match(blob) == captures


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("{name}/x", "braces in its container"),
        ("photos/", "no blob after its container"),
        ("Photos/x", "lower-case"),
        ("ab/x", "3 to 63"),
        ("photos/{", "unbalanced"),
        ("photos/{}", "names nothing"),
        ("photos/{rand-guid}", "captures 'rand-guid'"),
    ],
)
def test_invalid_paths(path: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        blob_path.parse(path)
