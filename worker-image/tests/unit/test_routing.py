"""A router looks at whole paths where it can; it finds what looking at segment after segment finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcapp.model import function as functions
from funcapp.model import routes
from funcapp.model.function import FunctionSource
from funcapp.process.http.request import BadRequest, Request
from funcapp.process.http.routing import Router, http_functions

TEMPLATES = [
    "a",
    "a/b",
    "a/{x}",
    "{x:int}/b",
    "{x}/{y:alpha}",
    "a/{x:int?}",
    "{x}.{y}",
    "a/b/{*rest}",
    "{x=a}/c",
]


def router(templates: list[str], prefix: str = "") -> Router:
    declared = {}
    for number, template in enumerate(templates):
        name = f"f{number}"
        trigger = {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "route": template}
        output = {"type": "http", "direction": "out", "name": "$return"}
        source = FunctionSource(name, "main.py", {"bindings": [trigger, output]})
        declared[name] = functions.parse(source, {})
    return Router(http_functions(declared, {}), prefix)


def find(made: Router, path: str) -> tuple[str, dict[str, str]] | None:
    found = made.find(Request("GET", path, [], b""))
    return None if found is None else (found[0].function.name, found[1])


@given(
    st.lists(st.sampled_from(TEMPLATES), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(["a", "A", "b", "c", "5", "x.y", ""]), min_size=1, max_size=4),
    st.booleans(),
)
def test_whole_paths_and_segments_agree(templates: list[str], segments: list[str], slash: bool) -> None:
    path = "/" + "/".join(segments) + ("/" if slash else "")
    expected = None
    for number, template in enumerate(templates):
        values = routes.parse(template).match(Request("GET", path, [], b"").segments())
        if values is not None:
            expected = (f"f{number}", values)
            break
    assert find(router(templates), path) == expected


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/api/orders/7", ("f0", {"id": "7"})),
        ("/API/Orders/7/", ("f0", {"id": "7"})),
        ("/api/orders/%37", ("f0", {"id": "7"})),
        ("/api/orders/seven", None),
        ("/api/orders/7/8", None),
        ("/api//orders/7", None),
        ("/api/orders/7//", None),
        ("/orders/7", None),
        ("/apix/orders/7", None),
        ("/api/orders/\xd9\xa7", None),
    ],
)
def test_the_prefix_the_letter_case_and_what_is_encoded(path: str, found: tuple[str, dict[str, str]] | None) -> None:
    assert find(router(["orders/{id:int}"], "api"), path) == found


def test_what_cannot_be_decoded_is_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        find(router(["orders/{id}"]), "/orders/%zz")
