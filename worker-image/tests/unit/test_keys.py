import os
from pathlib import Path

import pytest

from funcapp.process.http import keys
from funcapp.process.http.keys import KeyFiles, Keys

ALL = Keys(
    {
        "host.master": "m",
        "host.function.default": "h1",
        "host.function.second.one": "h2",
        "host.systemKey.events": "s",
        "functions.resize.default": "f1",
        "functions.resize.spare": "f2",
        "functions.other.default": "o",
        "host.unknown.x": "x",
        "functions.resize": "x",
        "something": "x",
    }
)


@pytest.mark.parametrize(
    ("level", "opened_by"),
    [
        ("function", {"m", "h1", "h2", "f1", "f2"}),
        ("system", {"m", "s"}),
        ("admin", {"m"}),
        ("user", {"m"}),
        ("anonymous", {"m", "h1", "h2", "s", "f1", "f2", "o", "x", "", "H1", "h1 "}),
    ],
)
def test_what_opens_a_function(level: str, opened_by: set[str]) -> None:
    """Each authorization level is satisfied by its keys, and by no others."""
    given = {"m", "h1", "h2", "s", "f1", "f2", "o", "x", "", "H1", "h1 "}
    assert {key for key in given if ALL.allow(level, "resize", key)} == opened_by  # type: ignore[arg-type]
    assert ALL.allow(level, "resize", None) == (level == "anonymous")  # type: ignore[arg-type]


def test_without_keys_nothing_but_anonymous_is_open() -> None:
    for level in ("function", "system", "admin", "user"):
        assert not Keys({}).allow(level, "f", "")  # type: ignore[arg-type]
        assert not Keys({}).allow(level, "f", "guess")  # type: ignore[arg-type]
        assert not Keys({}).known_for(level, "f")  # type: ignore[arg-type]


def test_every_key_is_compared_by_its_digest_whichever_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr(keys.hmac, "compare_digest", compare)
    assert ALL.allow("function", "resize", "m")
    assert len(compared) == 5
    assert all(len(one) == len(other) == 32 for one, other in compared)


def test_files_are_read_anew_when_they_change(tmp_path: Path) -> None:
    (tmp_path / "host.master").write_text("first\n")
    files = KeyFiles(tmp_path)
    assert files.current.allow("admin", "", "first")
    assert not files.refresh()
    (tmp_path / "functions.f.default").write_text("mine")
    assert files.refresh()
    assert files.current.allow("function", "f", "mine")
    (tmp_path / "host.master").unlink()
    assert files.refresh()
    assert not files.current.allow("admin", "", "first")


def test_a_mounted_secret_is_exchanged_by_a_symbolic_link(tmp_path: Path) -> None:
    """As Kubernetes does it: ..data leads to a folder with a date in its name."""
    for version in ("..2026_1", "..2026_2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "host.master").write_text(version[-1] * 8)
        os.utime(tmp_path / version / "host.master", ns=(0, 0))
    (tmp_path / "..data").symlink_to("..2026_1")
    (tmp_path / "host.master").symlink_to("..data/host.master")
    files = KeyFiles(tmp_path)
    assert files.current.allow("admin", "", "1" * 8)
    (tmp_path / "..next").symlink_to("..2026_2")
    (tmp_path / "..next").rename(tmp_path / "..data")
    assert files.refresh()
    assert files.current.allow("admin", "", "2" * 8)
    assert not files.current.allow("admin", "", "1" * 8)


def test_files_that_hold_no_key_open_nothing_and_are_not_quoted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "host.master").write_text(" \n")
    (tmp_path / "host.function.bad").write_bytes(b"secret\xff")
    files = KeyFiles(tmp_path)
    assert not files.current.allow("admin", "", "")
    assert not files.current.known_for("function", "f")
    assert "host.master is empty" in caplog.text
    assert "host.function.bad cannot be read (UnicodeDecodeError)" in caplog.text
    assert "secret" not in caplog.text


def test_a_folder_that_is_not_there_has_no_keys(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path / "keys")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "host.master").write_text("late")
    assert files.refresh()
    assert files.current.allow("admin", "", "late")
