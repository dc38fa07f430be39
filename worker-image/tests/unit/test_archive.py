import os
import stat
import zipfile
from pathlib import Path

import pytest

from funcapp import archive


def test_round_trip_and_same_bytes_for_same_files(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "a").mkdir(parents=True)
    (source / "a" / "run.sh").write_text("x")
    (source / "a" / "run.sh").chmod(0o700)
    (source / "caf\u00e9.txt").write_bytes(b"\0" * 100_000)
    archive.pack(source, tmp_path / "1.zip")
    os.utime(source / "a" / "run.sh", (0, 0))
    (source / "a" / "run.sh").chmod(0o755)
    archive.pack(source, tmp_path / "2.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()

    target = tmp_path / "target"
    target.mkdir()
    (target / "left over").mkdir()
    archive.unpack(tmp_path / "1.zip", target, "digest")
    assert archive.holds(target, "digest")
    assert not archive.holds(target, "other")
    assert (target / "caf\u00e9.txt").read_bytes() == b"\0" * 100_000
    assert (target / "a" / "run.sh").stat().st_mode & stat.S_IXUSR
    assert not (target / "left over").exists()


def test_a_package_can_begin_with_another_zip(tmp_path: Path) -> None:
    """What was packed before is taken over byte by byte, and the whole depends on nothing but the files."""
    for name in ("app/b/x.txt", "app/a.txt"):
        path = tmp_path / "app" / name.partition("/")[2]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name * 1000)
    archive.pack(tmp_path / "app", tmp_path / "base.zip", ["b/x.txt"])
    for target in ("1.zip", "2.zip"):
        archive.pack(tmp_path / "app", tmp_path / target, base=tmp_path / "base.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "base.zip") as base:
        size = base.start_dir
    assert (tmp_path / "1.zip").read_bytes()[:size] == (tmp_path / "base.zip").read_bytes()[:size]
    archive.unpack(tmp_path / "1.zip", tmp_path / "target", "digest")
    assert (tmp_path / "target" / "b" / "x.txt").read_text() == "app/b/x.txt" * 1000
    assert (tmp_path / "target" / "a.txt").read_text() == "app/a.txt" * 1000


def make(path: Path, name: str, mode: int = stat.S_IFREG | 0o644) -> None:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("first.txt", "x")
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        made.writestr(info, "/etc/passwd")


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "..\\out", "a\\..\\..\\out"])
def test_entries_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    make(tmp_path / "evil.zip", name)
    target = tmp_path / "app"
    with pytest.raises(archive.ArchiveError, match="leads out of the app folder"):
        archive.unpack(tmp_path / "evil.zip", target, "digest")
    assert not archive.holds(target, "digest")
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    make(tmp_path / "evil.zip", "link", kind | 0o777)
    with pytest.raises(archive.ArchiveError, match="neither a file nor a folder"):
        archive.unpack(tmp_path / "evil.zip", tmp_path / "app", "digest")


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("funcapp.entries.MAX_BYTES", 5)
    make(tmp_path / "big.zip", "a")
    with pytest.raises(archive.ArchiveError, match="more than 5 bytes"):
        archive.unpack(tmp_path / "big.zip", tmp_path / "app", "digest")


def test_damage_is_noticed(tmp_path: Path) -> None:
    make(tmp_path / "a.zip", "a")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[data.index(b"/etc/passwd")] ^= 1
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(archive.ArchiveError, match="cannot be unpacked"):
        archive.unpack(tmp_path / "a.zip", tmp_path / "app", "digest")
    assert not archive.holds(tmp_path / "app", "digest")


def test_links_out_of_the_app_are_not_packed(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "secret").write_text("x")
    os.symlink(tmp_path / "secret", tmp_path / "app" / "link")
    with pytest.raises(archive.ArchiveError, match="leads out of the app"):
        archive.pack(tmp_path / "app", tmp_path / "a.zip")
