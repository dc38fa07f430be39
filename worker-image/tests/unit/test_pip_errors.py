"""Why pip failed, by what it printed and logged."""

import pytest

from funcapp.errors import AppError
from funcapp.prepare import outcome, pip_errors
from funcapp.prepare.pip_errors import Findings, IndexUnreachable, Interrupted, explain, search
from funcapp.prepare.redact import Redactor, basic_authorization

HERE = "Python 3.13 on manylinux_2_36_x86_64"


def why(output: str, *log: str, status: int = 1, out_of_memory: bool = False, **environment: str) -> Exception:
    return explain(status, output, search(log), environment, HERE, out_of_memory)


def test_a_killed_pip_was_out_of_memory() -> None:
    """It is tried again: the platform may give more."""
    for error in (why("Collecting x", status=-9), why("x", out_of_memory=True), why("error: exit status: -9")):
        assert type(error) is Interrupted
        assert str(error).startswith("the build ran out of memory")


@pytest.mark.parametrize("text", ["OSError: [Errno 28] No space left on device", "Disk quota exceeded"])
def test_a_full_disk(text: str) -> None:
    error = why(f"Collecting x\nERROR: Could not install packages due to an OSError: {text}")
    assert type(error) is Interrupted
    assert str(error).startswith("the disk was full")


def test_what_the_log_alone_tells_decides() -> None:
    """Printed is only that there is no matching distribution, whatever the index answered."""
    nothing = "ERROR: No matching distribution found for x"
    fetch = "2026-11-21T11:19:29,257 Could not fetch URL https://pypi.example/simple/x/: {} - skipping"
    index = {"PIP_INDEX_URL": "https://pypi.example/simple"}
    for answer in ("503 Server Error: down", "connection error: [Errno 111]", "429 Client Error: Too Many"):
        assert isinstance(why(nothing, fetch.format(answer)), IndexUnreachable)
    for answer in ("404 Client Error: Not Found", "410 Client Error: Gone"):
        assert isinstance(why(nothing, fetch.format(answer)), AppError)
    assert isinstance(why(nothing, fetch.format("401 Client Error: Unauthorized"), **index), IndexUnreachable)
    blocked = why(nothing, fetch.format("403 Client Error: Forbidden"), **index)
    assert isinstance(blocked, AppError)
    assert blocked.reason == "RequirementsNotInstalled"


@pytest.mark.parametrize("answer", ["401 Client Error: Unauthorized", "403 Client Error: Forbidden"])
@pytest.mark.parametrize(
    ("environment", "mend"),
    [
        # Of spec.build.pip, of requirements.txt, and the platform's with the app's own credentials.
        ({"FUNCAPP_APP_INDEX_URLS": "https://a.example https://pypi.example/simple"}, "name a Secret"),
        ({"PIP_INDEX_URL": "https://other.example/simple"}, "name a Secret"),
        ({"FUNCAPP_PIP_SECRET": "pypi"}, "correct what the Secret pypi"),
    ],
)
def test_an_index_of_the_apps_own_that_refuses_access_is_the_apps_to_mend(
    answer: str, environment: dict[str, str], mend: str
) -> None:
    """Retried as if it were an outage, it would never be told."""
    fetch = f"2026-11-21T11:19:29,257 Could not fetch URL https://pypi.example/simple/x/: {answer} - skipping"
    given = {"PIP_INDEX_URL": "https://pypi.example/simple", **environment}
    error = why("ERROR: No matching distribution found for x", fetch, **given)
    assert isinstance(error, AppError)
    assert error.reason == "PackageIndexUnauthorized"
    assert f"https://pypi.example/simple/x/: {answer}: {mend}" in error.message
    assert "pypi.example" in error.message.partition(mend)[2]


def test_wheels_for_other_platforms_and_sources_are_told_apart() -> None:
    nothing = "ERROR: No matching distribution found for X.y"
    link = "  Skipping link: {}: https://pypi.example/{} (from https://pypi.example/simple/x-y/)"
    wheels = link.format("none of the wheel's tags (cp39-cp39-win32) are compatible", "x_y-1-cp39-cp39-win32.whl#a=b")
    sources = link.format("No sources permitted for x.y", "x_y-1.tar.gz")
    assert f"X.y that is asked for has a wheel for {HERE}" in str(why(nothing, wheels))
    assert f"X.y has no wheel for {HERE}, and source" in str(why(nothing, wheels, sources))
    assert str(why(nothing)) == f"requirements.txt cannot be installed\n{nothing}"


def test_findings_are_bounded() -> None:
    found = search(f"HTTP error 500 while getting https://x/{number}" for number in range(100))
    assert len(found.unanswered) == 3
    assert found == Findings(unanswered=[f"https://x/{number}: HTTP status 500" for number in range(3)])


def test_what_to_do_is_kept_when_the_rest_is_cut() -> None:
    error = pip_errors.explain(1, "x\n" * 5000 + "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", Findings(), {}, HERE)
    assert isinstance(error, AppError)
    data = outcome.encode({"outcome": "Failed", "reason": error.reason, "message": error.message})
    assert 4000 < len(data) <= 4096
    assert b"a file differs from its --hash in requirements.txt\\n\xe2\x80\xa6" in data
    assert data.endswith(b'DO NOT MATCH THE HASHES"}')


def test_credentials_are_hidden_in_every_form() -> None:
    password = 'can"ary/+ \\x'
    redact = Redactor([password, basic_authorization("me", password)])
    for text in (
        password,
        repr(password),
        "https://me:can%22ary%2F%2B%20%5Cx@host/simple",
        "https://token@host/simple",
        "Authorization: Basic " + basic_authorization("me", password),
        "https://host/x.whl?sv=1&sig=abc%3D&se=2 (from y)",
        '{"url": "account/x?sp=c&sig=abc%3D"}',
    ):
        hidden = redact(text)
        assert "****" in hidden
        for part in ("ary", "token", "abc", basic_authorization("me", password)):
            assert part not in hidden
    assert redact("https://host/simple/x/ is fine") == "https://host/simple/x/ is fine"
