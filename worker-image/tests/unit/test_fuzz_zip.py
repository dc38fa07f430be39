"""Zips from strangers: whatever they hold, it ends in the folder or is refused."""

import contextlib
import io
import stat
import tempfile
import warnings
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from funcapp import archive

PART = st.sampled_from(["..", ".", "", "a", "A", "b.py", "\\", "C:", "~", "\x00", "\n", "é", "x" * 300, "%2e%2e"])
NAME = st.lists(PART, min_size=1, max_size=5).map("/".join) | st.text(max_size=20)
MODE = st.sampled_from(
    [0, stat.S_IFREG | 0o644, stat.S_IFDIR | 0o755, stat.S_IFLNK | 0o777, stat.S_IFCHR, stat.S_IFIFO]
)


def extracted(content: bytes) -> None:
    """Raises what `extract` raises; fails where anything but files and folders is written, or anything outside."""
    with tempfile.TemporaryDirectory() as name:
        outer = Path(name)
        (outer / "a.zip").write_bytes(content)
        root = outer / "parent" / "app"
        root.mkdir(parents=True)
        try:
            archive.extract(outer / "a.zip", root, foreign=True)
        finally:
            assert {path.name for path in outer.iterdir()} == {"a.zip", "parent"}
            assert [path.name for path in (outer / "parent").iterdir()] == ["app"]
            assert all(path.is_dir() or path.is_file() for path in root.rglob("*"))
            assert not any(path.is_symlink() for path in root.rglob("*"))


@given(st.lists(st.tuples(NAME, MODE), max_size=4))
@settings(max_examples=300, deadline=None)
def test_names_of_entries(entries: list[tuple[str, int]]) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, mode in entries:
            info = zipfile.ZipInfo("placeholder")
            # Set afterwards, because zipfile itself mends some names.
            info.filename = name
            info.external_attr = mode << 16
            try:
                made.writestr(info, "content")
            except (ValueError, IndexError):
                return
    with contextlib.suppress(archive.ArchiveError):
        extracted(target.getvalue())


def sound() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("host.json", "{}")
        made.writestr("a/b.py", "x = 1\n" * 100)
    return target.getvalue()


SOUND = sound()


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=500, deadline=None)
def test_damaged_zips(changes: list[tuple[int, int]]) -> None:
    content = bytearray(SOUND)
    for position, value in changes:
        content[position] = value
    with contextlib.suppress(archive.ArchiveError):
        extracted(bytes(content))
