import json

import pytest

from funcapp.errors import ConfigurationError
from funcapp.model import cors
from funcapp.model.cors import Cors


def parse(*origins: str, credentials: str = "") -> Cors | None:
    return cors.parse({cors.ORIGINS: json.dumps(origins), cors.CREDENTIALS: credentials})


LISTED = "https://app.example.com"

MATRIX = {
    "listed": ((LISTED,), "", LISTED, {"vary": "Origin", "access-control-allow-origin": LISTED}),
    "listed with a slash": ((LISTED + "/",), "", LISTED, {"vary": "Origin", "access-control-allow-origin": LISTED}),
    "not listed": ((LISTED,), "", "https://evil.example.com", {"vary": "Origin"}),
    "other scheme": ((LISTED,), "", "http://app.example.com", {"vary": "Origin"}),
    "other port": ((LISTED,), "", LISTED + ":8443", {"vary": "Origin"}),
    "longer host": ((LISTED,), "", LISTED + ".evil.com", {"vary": "Origin"}),
    "null": ((LISTED,), "true", "null", {"vary": "Origin"}),
    "no origin": ((LISTED,), "", None, {"vary": "Origin"}),
    "all": (("*",), "", "https://any.example.com", {"access-control-allow-origin": "*"}),
    "credentials": (
        (LISTED,),
        "true",
        LISTED,
        {"vary": "Origin", "access-control-allow-origin": LISTED, "access-control-allow-credentials": "true"},
    ),
}


@pytest.mark.parametrize(("origins", "credentials", "origin", "headers"), MATRIX.values(), ids=MATRIX)
def test_headers_of_a_response(
    origins: tuple[str, ...], credentials: str, origin: str | None, headers: dict[str, str]
) -> None:
    policy = parse(*origins, credentials=credentials)
    assert policy is not None
    assert dict(policy.response(origin)) == headers


def test_a_preflight_allows_what_it_asks_for_to_listed_origins_alone() -> None:
    policy = parse(LISTED)
    assert policy is not None
    assert dict(policy.preflight(LISTED, "PUT", "x-a, x-b")) == {
        "vary": "Origin",
        "access-control-allow-origin": LISTED,
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "x-a, x-b",
    }
    assert policy.preflight("https://evil.example.com", "PUT", None) == [("vary", "Origin")]


@pytest.mark.parametrize("text", ["", "[]"])
def test_without_a_list_cors_is_the_apps_own(text: str) -> None:
    assert cors.parse({cors.ORIGINS: text}) is None


@pytest.mark.parametrize(
    ("origins", "credentials", "told"),
    [
        ("https://a.example.com", "", "JSON list"),
        ('{"a": 1}', "", "JSON list"),
        ("[1]", "", "JSON list"),
        ('["null"]', "", "'null'"),
        ('["https://a.example.com/path"]', "", "/path"),
        ('["a.example.com"]', "", "scheme and a host"),
        ('["https://user@a.example.com"]', "", "scheme and a host"),
        ('["https://*.example.com"]', "", "scheme and a host"),
        ('["*"]', "true", "browsers refuse this"),
        ('["https://a.example.com"]', "yes", "true or false"),
    ],
)
def test_mistakes_are_told_at_start(origins: str, credentials: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match="CORS_") as caught:
        cors.parse({cors.ORIGINS: origins, cors.CREDENTIALS: credentials})
    assert told in str(caught.value)
