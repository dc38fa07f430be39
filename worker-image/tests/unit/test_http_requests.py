"""From what a client sends to a function's route parameters, and from a function's response to bytes."""

import string
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funcapp.model import routes
from funcapp.process.http.request import BadRequest, Request
from funcapp.process.http.response import InvalidResponse, Response, checked_headers, to_bytes

anything = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
literals = st.text(string.ascii_letters + string.digits + "-_.~!$&'()+,;=:@", min_size=1, max_size=6)

PARAMETERS = {
    "": anything,
    ":int": st.integers(-(2**31), 2**31 - 1).map(str),
    ":long": st.integers(-(2**63), 2**63 - 1).map(str),
    ":alpha": st.text(string.ascii_letters, min_size=1, max_size=6),
    ":bool": st.sampled_from(["true", "False", "TRUE"]),
    ":guid": st.uuids().map(str),
    ":min(3)": st.integers(3, 10**9).map(str),
    ":range(-5,5)": st.integers(-5, 5).map(str),
    ":maxlength(8)": anything,
    ":length(1,8)": anything,
    ":regex(^\\w+$)": st.text(string.ascii_letters, min_size=1, max_size=6),
    ":int:min(1)": st.integers(1, 1000).map(str),
}


@st.composite
def routed(draw: st.DrawFn) -> tuple[str, str, dict[str, str]]:
    """A template, a path that it takes, and the values in it."""
    template, path, values = [], [], {}
    for index in range(draw(st.integers(0, 5))):
        if draw(st.booleans()):
            literal = draw(literals)
            template.append(literal)
            path.append(draw(st.sampled_from([literal, literal.upper(), literal.lower()])))
            continue
        constraint = draw(st.sampled_from(sorted(PARAMETERS)))
        value = draw(PARAMETERS[constraint])
        template.append("{" + f"p{index}{constraint}" + "}")
        path.append(value)
        values[f"p{index}"] = value
    end = draw(st.sampled_from(["", "optional", "default", "rest"]))
    if end == "rest":
        template.append("{*rest}")
        rest = draw(st.lists(anything, max_size=3))
        path += rest
        if rest:
            values["rest"] = "/".join(rest)
    elif end:
        template.append("{last?}" if end == "optional" else "{last=standard}")
        if draw(st.booleans()):
            values["last"] = draw(anything)
            path.append(values["last"])
        elif end == "default":
            values["last"] = "standard"
    target = "/" + "/".join(quote(segment, safe="") for segment in path)
    return "/".join(template), target, values


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(routed())
def test_a_path_made_from_a_template_gives_the_values_back(case: tuple[str, str, dict[str, str]]) -> None:
    """What a client encodes arrives decoded, under the parameter's name."""
    template, target, values = case
    route = routes.parse(template)
    assert route.match(Request("GET", target, [], b"").segments()) == values
    assert route.match(Request("GET", f"http://host{target}?x=1", [], b"").segments()) == values


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_target_is_read_or_refused(target: bytes) -> None:
    request = Request("GET", target.decode("latin-1"), [], b"")
    try:
        segments = request.segments()
    except BadRequest:
        return
    assert all("\0" not in segment for segment in segments)
    request.query()
    request.url()


@settings(deadline=None)
@given(st.dictionaries(anything, st.lists(anything, min_size=1, max_size=3), max_size=4))
def test_query_values_of_one_name_are_joined(query: dict[str, list[str]]) -> None:
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, each in query.items() for value in each)
    expected = {name: ",".join(values) for name, values in query.items()}
    assert Request("GET", f"/?{text}", [], b"").query() == expected


def test_too_many_query_fields_are_refused() -> None:
    with pytest.raises(BadRequest):
        Request("GET", "/?" + "&" * 1000, [], b"").query()


@settings(deadline=None)
@given(anything, st.text(max_size=10))
def test_no_header_adds_a_line_to_a_response(name: str, value: str) -> None:
    try:
        headers = checked_headers([(name, value)])
        sent = to_bytes(Response(200, headers), head=False, close=False, date="now")
    except (InvalidResponse, UnicodeEncodeError):
        return
    assert sent.count(b"\r\n") == sent.count(b"\n") == sent.count(b"\r") == 4 + len(headers)
