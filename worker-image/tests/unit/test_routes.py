import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcapp.model import routes


def match(template: str, path: str) -> dict[str, str] | None:
    return routes.parse(template).match(routes.split_path(path))


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("products/{category}/{id:int?}", "products/toys/5", {"category": "toys", "id": "5"}),
        ("products/{category}/{id:int?}", "Products/toys/", {"category": "toys"}),
        ("products/{category}/{id:int?}", "products/toys/five", None),
        ("products/{category}/{id:int?}", "products", None),
        ("products/{category}/{id:int?}", "products/toys/5/6", None),
        ("{*path}", "", {}),
        ("files/{*path}", "files/a/b", {"path": "a/b"}),
        ("files/{**path}", "files", {}),
        ("{lang=en}/{page=home}", "de", {"lang": "de", "page": "home"}),
        ("{lang=en}", "", {"lang": "en"}),
        ("{n:int=7}", "", {"n": "7"}),
        ("{file}.{ext}", "a.b.c", {"file": "a.b", "ext": "c"}),
        ("{a}-{b}-{c}", "1-2-3-4", {"a": "1-2", "b": "3", "c": "4"}),
        ("files/{name}.{ext?}", "files/a.b.txt", {"name": "a.b", "ext": "txt"}),
        ("files/{name}.{ext?}", "files/readme", {"name": "readme"}),
        ("files/{name}.{ext?}", "files/readme.", None),
        ("files/{name}.{ext?}", "files", None),
        ("files/{name}.{n:int?}", "files/a.txt", None),
        ("files/{name}.{n:int?}", "files/a", {"name": "a"}),
        ("v{n:int}-{s:alpha}", "v12-ab", {"n": "12", "s": "ab"}),
        ("a//", "a", {}),
        ("{x}", "a//b", None),
        ("{x}", "//", None),
        ("{n:range(1,9)}", "9", {"n": "9"}),
        ("{n:range(1,9)}", "10", None),
        ("{n:min(5):max(6)}", "7", None),
        ("{n:long}", str(2**63), None),
        ("{n:int}", str(2**31 - 1), {"n": str(2**31 - 1)}),
        ("{b:bool}", "TRUE", {"b": "TRUE"}),
        ("{g:guid}", "00000000-0000-0000-0000-00000000000g", None),
        ("{g:guid}", "00000000-0000-0000-0000-000000000000", {"g": "00000000-0000-0000-0000-000000000000"}),
        ("{d:datetime}", "2026-11-21", {"d": "2026-11-21"}),
        ("{d:datetime}", "soon", None),
        ("{d:decimal}", "1.5", {"d": "1.5"}),
        ("{d:double}", "1e5", {"d": "1e5"}),
        ("{s:length(2,3)}", "abcd", None),
        ("{s:minlength(2):maxlength(3)}", "ab", {"s": "ab"}),
        (r"{s:regex(^\d{{2}}$)}", "12", {"s": "12"}),
        (r"{s:regex(^\d{{2}}$)}", "123", None),
    ],
)
def test_match(template: str, path: str, values: dict[str, str] | None) -> None:
    assert match(template.strip("/"), path) == values


@pytest.mark.parametrize(
    "template",
    [
        "{",
        "}",
        "{}",
        "a/{b",
        "{a}/{A}",
        "{*a}/b",
        "a//b",
        "{a:nothing}",
        "{a:int(5)}",
        "{a:range(1)}",
        "{a?}b",
        "{a}-{b?}",
        "{a}{b?}",
        "x.{a?}",
        "{a}.{b?}.{c}",
        "{a}.{*b}",
        "{a:regex([)}",
    ],
)
def test_templates_that_cannot_be_read(template: str) -> None:
    with pytest.raises(routes.RouteError) as caught:
        routes.parse(template)
    assert template in str(caught.value)


segments = st.text(st.characters(exclude_characters="/{}?", exclude_categories=["Cs"]), min_size=1)


@given(st.lists(segments, max_size=5))
def test_a_path_without_parameters_matches_itself_alone(path: list[str]) -> None:
    route = routes.parse("/".join(path).removeprefix("~/") or "x") if path and path[0] != "~" else routes.parse("x")
    if path and path[0] != "~":
        assert route.match(path) == {}
    assert route.match([*path, "more", "again"]) is None


@given(st.lists(segments, min_size=1, max_size=4))
def test_parameters_take_what_stands_in_their_place(path: list[str]) -> None:
    template = "/".join(f"{{p{index}}}" for index in range(len(path)))
    assert routes.parse(template).match(path) == {f"p{index}": text for index, text in enumerate(path)}


@given(st.text(max_size=40), st.lists(segments, max_size=3))
def test_any_template_is_read_or_refused(template: str, path: list[str]) -> None:
    try:
        route = routes.parse(template)
    except routes.RouteError:
        return
    route.match(path)
