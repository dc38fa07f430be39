"""What the files of a zip or of a git tree may be called, and how many and how large they may be.

Both come from strangers and are unpacked into one folder, so both are judged here, before anything is written.
"""

from __future__ import annotations

import unicodedata

MAX_FILES = 200_000
"""Files and folders."""

MAX_BYTES = 4 * 1024**3
"""Bytes of all files together."""

_MAX_PART = 255
_MAX_NAME = 1024
"""Bytes; a pod's file system and Python's own tools take no more."""


class ArchiveError(Exception):
    """The content is damaged, or holds what must not be unpacked."""


class ArchiveTooLarge(ArchiveError):
    """It exceeds a limit."""


class Entries:
    """Judges entries, one after another, against the limits and those before them.

    `portable`: names that differ in nothing but case are refused, because the developer's machine may show only one of
    the two.
    """

    def __init__(self, *, portable: bool = False) -> None:
        self._portable = portable
        self._names: dict[str, tuple[str, bool]] = {}
        self.files = 0
        self.bytes = 0

    def add_file(self, name: str, size: int) -> tuple[str, ...]:
        """The parts of its path. Raises ArchiveError, ArchiveTooLarge."""
        self.bytes += size
        if self.bytes > MAX_BYTES:
            raise ArchiveTooLarge(f"the files have more than {MAX_BYTES} bytes together, which is the limit")
        return self._add(name, is_file=True)

    def add_folder(self, name: str) -> tuple[str, ...]:
        return self._add(name, is_file=False)

    def _add(self, name: str, *, is_file: bool) -> tuple[str, ...]:
        parts = _parts(name)
        self.files += 1
        if self.files > MAX_FILES:
            raise ArchiveTooLarge(f"there are more than {MAX_FILES} entries, which is the limit")
        for length in range(1, len(parts)):
            self._note(parts[:length], is_file=False)
        self._note(parts, is_file=is_file)
        return parts

    def _note(self, parts: tuple[str, ...], *, is_file: bool) -> None:
        path = "/".join(parts)
        key = unicodedata.normalize("NFC", path).casefold() if self._portable else path
        if key not in self._names:
            self._names[key] = path, is_file
            return
        other, was_file = self._names[key]
        if other != path:
            raise ArchiveError(f"the entries {shown(other)} and {shown(path)} differ only in case: rename one")
        if is_file or was_file:
            what = "there twice" if is_file and was_file else "both a file and a folder"
            raise ArchiveError(f"the entry {shown(path)} is {what}")


def shown(name: str) -> str:
    """As messages have it: on one line, and not longer than helps."""
    return repr(name if len(name) <= 200 else name[:200] + "…")


def _parts(name: str) -> tuple[str, ...]:
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/") or ".." in parts or not parts:
        raise ArchiveError(f"the entry {shown(name)} leads out of the app folder")
    if "\\" in name:
        raise ArchiveError(f"the entry {shown(name)} leads out of the app folder on Windows: separate folders with /")
    if any(character < " " or character == "\x7f" for character in name):
        raise ArchiveError(f"the entry {shown(name)} has control characters in its name")
    if len(name.encode(errors="surrogatepass")) > _MAX_NAME or any(
        len(part.encode(errors="surrogatepass")) > _MAX_PART for part in parts
    ):
        raise ArchiveError(
            f"the entry {shown(name)} has a name that is too long: {_MAX_PART} bytes, {_MAX_NAME} in all"
        )
    return parts
