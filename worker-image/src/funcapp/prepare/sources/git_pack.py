"""Looks through a pack before anything is unpacked from it: what it would take to do so.

A pack of a few kilobytes can say, and mean, that an object has gigabytes; the library takes each into memory.
https://git-scm.com/docs/gitformat-pack
"""

from __future__ import annotations

import zlib
from typing import IO

from funcapp.errors import AppError

MAX_OBJECT = 256 * 1024**2
"""Bytes of one object; it is in memory, at times twice."""

MAX_OBJECTS = 1_000_000
MAX_TOTAL = 8 * 1024**3
"""Bytes of all objects."""

_OFFSET_DELTA, _REFERENCE_DELTA = 6, 7
_PIECE = 256 * 1024
_SLICE = 4096
_HEAD = 32


def check(file: IO[bytes]) -> None:
    """Reads a pack from its beginning. Raises AppError."""
    header = file.read(12)
    if header[:4] != b"PACK":
        raise AppError("SourceInvalid", "the git server sends no pack")
    count = int.from_bytes(header[8:12], "big")
    if count > MAX_OBJECTS:
        raise AppError("SourceTooLarge", f"the repository has {count} objects, and the limit is {MAX_OBJECTS}")
    reader, total = _Reader(file), 0
    for _ in range(count):
        total += _object(reader)
        if total > MAX_TOTAL:
            raise AppError("SourceTooLarge", f"the repository has more than {MAX_TOTAL} bytes, which is the limit")


def _object(reader: _Reader) -> int:
    """Skips one; gives the larger of its size and of that of what a delta makes."""
    byte = reader.byte()
    kind, size, shift = (byte >> 4) & 7, byte & 15, 4
    while byte & 0x80:
        byte = reader.byte()
        size |= (byte & 0x7F) << shift
        shift += 7
    if kind == _OFFSET_DELTA:
        while reader.byte() & 0x80:
            pass
    elif kind == _REFERENCE_DELTA:
        reader.skip(20)
    start = reader.inflate(_within_limit(size))
    if kind in (_OFFSET_DELTA, _REFERENCE_DELTA):
        _, start = _number(start)
        made, _ = _number(start)
        return max(size, _within_limit(made))
    return size


def _within_limit(size: int) -> int:
    if size > MAX_OBJECT:
        raise AppError(
            "SourceTooLarge",
            f"the repository has a file of {size} bytes, and the limit is {MAX_OBJECT}: publish the app as an archive",
        )
    return size


def _number(data: bytes) -> tuple[int, bytes]:
    value, shift = 0, 0
    for index, byte in enumerate(data):
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, data[index + 1 :]
    raise _damaged()


class _Reader:
    """A file with a buffer that zlib can hand back to what it did not use."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0

    def byte(self) -> int:
        if self._at == len(self._buffer):
            self._fill()
        self._at += 1
        return self._buffer[self._at - 1]

    def skip(self, count: int) -> None:
        for _ in range(count):
            self.byte()

    def inflate(self, size: int) -> bytes:
        """Skips a zlib stream of `size` bytes; gives its first ones."""
        inflater, start, made = zlib.decompressobj(), b"", 0
        try:
            while not inflater.eof:
                if self._at == len(self._buffer):
                    self._fill()
                # In small slices, because zlib copies what it does not use.
                data = self._buffer[self._at : self._at + _SLICE]
                self._at += len(data)
                piece = inflater.decompress(data, size - made + 1)
                made += len(piece)
                start += piece[: _HEAD - len(start)]
                if made > size or inflater.unconsumed_tail:
                    raise _damaged()
        except zlib.error:
            raise _damaged() from None
        self._at -= len(inflater.unused_data)
        return start

    def _fill(self) -> None:
        self._buffer, self._at = self._file.read(_PIECE), 0
        if not self._buffer:
            raise _damaged()


def _damaged() -> AppError:
    return AppError("SourceInvalid", "the pack that the git server sends is damaged")
