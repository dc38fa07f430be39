"""Packages: an app folder as a zip, and back."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

MARKER = ".funcapp-package"
"""Holds the digest of the package that the folder was filled from.

Written last: without it, the folder is not whole.
"""

MAX_FILES = 200_000
MAX_UNPACKED = 4 * 1024**3
"""Bytes of all files together."""

# The earliest that the format can say. A package's bytes depend on nothing but its files.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)


class ArchiveError(Exception):
    """The zip is damaged, or holds what a package must not hold."""


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


def extract(zip_file: Path, folder: Path) -> None:
    """Adds the entries to a folder that has none of them. Raises ArchiveError."""
    try:
        with zipfile.ZipFile(zip_file) as archive:
            entries = _checked(archive, folder.resolve())
            for info, path in entries:
                if info.is_dir():
                    path.mkdir(parents=True, exist_ok=True)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as source, path.open("xb") as target:
                    _copy_at_most(source, target, info.file_size)
                if (info.external_attr >> 16) & stat.S_IXUSR:
                    path.chmod(0o755)
    except (zipfile.BadZipFile, zlib.error, EOFError, FileExistsError, NotImplementedError) as error:
        raise ArchiveError(f"the package cannot be unpacked: {error}") from None


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


def _checked(archive: zipfile.ZipFile, root: Path) -> list[tuple[zipfile.ZipInfo, Path]]:
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise ArchiveError(f"the package has {len(entries)} entries: the limit is {MAX_FILES}")
    if sum(info.file_size for info in entries) > MAX_UNPACKED:
        raise ArchiveError(f"the package unpacks to more than {MAX_UNPACKED} bytes")
    return [(info, _path_of(info, root)) for info in entries]


def _path_of(info: zipfile.ZipInfo, root: Path) -> Path:
    name = PurePosixPath(info.filename)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveError(f"the entry {info.filename!r} is neither a file nor a folder")
    if name.is_absolute() or ".." in name.parts or "\\" in info.filename or not name.parts:
        raise ArchiveError(f"the entry {info.filename!r} leads out of the app folder")
    return root.joinpath(*name.parts)


def _copy_at_most(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """The size that the index promised bounds what a crafted entry can fill the disk with."""
    copied = 0
    while data := source.read(1024 * 1024):
        copied += len(data)
        if copied > size:
            raise ArchiveError("an entry is longer than it says")
        target.write(data)
