"""Packages: an app folder as a zip, and back."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from funcapp.entries import ArchiveError, ArchiveTooLarge, Entries, shown

__all__ = ["MARKER", "ArchiveError", "ArchiveTooLarge", "clear", "extract", "holds", "pack", "unpack"]

MARKER = ".funcapp-package"
"""Holds the digest of the package that the folder was filled from.

Written last: without it, the folder is not whole.
"""

MAX_RATIO = 100
"""Of what a zip unpacks to by its size, above RATIO_FROM bytes: deflate makes a thousandth of zeros alone."""

RATIO_FROM = 100 * 1024**2

MAX_INDEX = 64 * 1024**2
"""Bytes: a few hundred for each of as many entries as there may be."""

# The earliest that the format can say. A package's bytes depend on nothing but its files.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)

_ENCRYPTED = 0x1
# What zipfile raises, as fuzzing shows.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, FileExistsError, NotImplementedError, ValueError)


def pack(folder: Path, target: Path, names: Iterable[str] | None = None, base: Path | None = None) -> None:
    """Writes the regular files below `folder` with these relative names, None for all, in order of path.

    `base`: a zip that `pack` made of some of them. Its entries come first, and are not compressed again.
    Raises ArchiveError for links that lead outside.
    """
    paths = _files(folder) if names is None else (folder / name for name in names)
    root = folder.resolve()
    if base is not None:
        shutil.copyfile(base, target)
    with zipfile.ZipFile(target, "w" if base is None else "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        there = set(archive.namelist())
        for path in sorted(paths):
            name = path.relative_to(folder).as_posix()
            if name in there:
                continue
            real = path.resolve()
            if not real.is_relative_to(root):
                raise ArchiveError(f"{name} is a link that leads out of the app: put the file itself there")
            info = zipfile.ZipInfo(name, _TIMESTAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            executable = os.access(real, os.X_OK) and bool(real.stat().st_mode & stat.S_IXUSR)
            info.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
            with real.open("rb") as source, archive.open(info, "w") as entry:
                shutil.copyfileobj(source, entry, 1024 * 1024)


def unpack(zip_file: Path, folder: Path, digest: str) -> None:
    """Replaces the content of `folder`. Raises ArchiveError; the folder then does not count as filled."""
    clear(folder)
    extract(zip_file, folder)
    (folder / MARKER).write_text(digest)


def extract(zip_file: Path, folder: Path, *, foreign: bool = False) -> None:
    """Adds the entries to a folder that has none of them. Raises ArchiveError.

    `foreign`: nobody but its author has seen the zip before. Then it must not be a bomb, nor mean different things on
    different machines.
    """
    try:
        with zip_file.open("rb") as file, zipfile.ZipFile(_Bounded(file)) as archive:
            for info, path in _checked(archive, folder.resolve(), foreign=foreign):
                if _is_folder(info):
                    path.mkdir(parents=True, exist_ok=True)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as source, path.open("xb") as target:
                    _copy_at_most(source, target, info.file_size)
                if (info.external_attr >> 16) & stat.S_IXUSR:
                    path.chmod(0o755)
    except _DAMAGED as error:
        raise ArchiveError(f"the zip cannot be unpacked: {error}") from None
    except OSError as error:
        # Where the zip says that its parts are outside of it.
        if error.errno != errno.EINVAL:
            raise
        raise ArchiveError("the zip cannot be unpacked: it is damaged") from None


def holds(folder: Path, digest: str) -> bool:
    """Whether the folder was filled, whole, from the package with this digest."""
    try:
        return (folder / MARKER).read_text() == digest
    except OSError:
        return False


def clear(folder: Path) -> None:
    """Empties a folder; the folder itself may be a mount."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).unlink(missing_ok=True)
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in names:
            path = Path(parent, name)
            if path.name != MARKER and path.is_file():
                yield path


def _checked(archive: zipfile.ZipFile, root: Path, *, foreign: bool) -> list[tuple[zipfile.ZipInfo, Path]]:
    entries = Entries(portable=foreign)
    checked = [(info, root.joinpath(*_parts(info, entries))) for info in archive.infolist()]
    packed = sum(info.compress_size for info in archive.infolist())
    if foreign and entries.bytes > max(RATIO_FROM, packed * MAX_RATIO):
        raise ArchiveTooLarge(
            f"the zip unpacks to {entries.bytes} bytes, more than {MAX_RATIO} times its size, as only a bomb does"
        )
    return checked


def _parts(info: zipfile.ZipInfo, entries: Entries) -> tuple[str, ...]:
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveError(f"the entry {shown(info.filename)} is neither a file nor a folder")
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError(f"the entry {shown(info.filename)} is encrypted")
    # Others unpack a few bytes to gigabytes of memory at once.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(f"the entry {shown(info.filename)} must be stored or deflated, as usual")
    return entries.add_folder(info.filename) if _is_folder(info) else entries.add_file(info.filename, info.file_size)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    """As ZipInfo.is_dir, which in older Pythons fails where there is no name."""
    return info.filename.endswith("/")


class _Bounded(io.BufferedReader):
    """zipfile reads the whole index at once, however long it says it is."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(io.FileIO(file.fileno(), closefd=False))

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_INDEX:
            raise ArchiveTooLarge(f"the index of the zip has {size} bytes, and the limit is {MAX_INDEX}")
        return super().read(size)


def _copy_at_most(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """The size that the index promised bounds what a crafted entry can fill the disk with."""
    copied = 0
    while data := source.read(1024 * 1024):
        copied += len(data)
        if copied > size:
            raise ArchiveError("an entry is longer than it says")
        target.write(data)
