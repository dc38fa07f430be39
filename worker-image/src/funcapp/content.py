"""Content that may be large: small content is bytes, larger content a file without a name, read where it is needed.

A file, and not shared memory (memfd): shared memory counts as memory of the pod for as long as anybody holds it, while
the kernel takes a file's pages back under pressure. So a pod works on content that is larger than its memory limit. A
folder that is mounted as memory makes it shared memory again. A process that is killed leaves nothing behind, because
the file never had a name.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable

INLINE_LIMIT = 1024 * 1024
"""Bytes of what is kept in memory and travels inside a frame of the link."""

PIECE = 1024 * 1024
"""Bytes of what is read and written at a time where content passes through."""


class NoRoom(Exception):
    """The temporary folder cannot take the content."""


class FileContent:
    """A file descriptor and the bytes behind it; closed with the last reference. Never written to again."""

    def __init__(self, descriptor: int, length: int) -> None:
        self._descriptor = descriptor
        self.length = length

    def fileno(self) -> int:
        return self._descriptor

    def open(self) -> io.BufferedReader:
        """A reader with a position of its own: the descriptor's is shared with the process that it came from."""
        return io.BufferedReader(_Reader(self), PIECE)

    def read(self) -> bytes:
        """The whole content. Raises OSError when the file is shorter than it should be."""
        found = os.pread(self._descriptor, self.length, 0)
        if len(found) == self.length:
            return found
        with self.open() as reader:
            found = reader.read()
        if len(found) != self.length:
            raise OSError(f"a file of {self.length} bytes was expected, and {len(found)} were there")
        return found

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()


Content = bytes | FileContent

LazyContent = Callable[[], Awaitable[Content]]
"""Content that is fetched only if it is needed."""


def length(content: Content) -> int:
    return content.length if isinstance(content, FileContent) else len(content)


def whole(content: Content) -> bytes:
    return content.read() if isinstance(content, FileContent) else content


def reader(content: Content) -> io.BufferedIOBase:
    """A stream from the beginning, which does not take the content into memory."""
    return content.open() if isinstance(content, FileContent) else io.BytesIO(content)


def spooled(pieces: Iterable[bytes | memoryview]) -> Content:
    """The pieces, one after another. Raises NoRoom, or what the iteration raises."""
    with Spool() as spool:
        for piece in pieces:
            spool.write(piece)
        return spool.content()


class Spool:
    """Takes content piece by piece, in memory up to INLINE_LIMIT and in the temporary folder beyond that."""

    def __init__(self) -> None:
        self._start = bytearray()
        self._file: io.FileIO | None = None
        self._length = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, piece: bytes | memoryview) -> int:
        """Raises NoRoom."""
        self._length += len(piece)
        if self._length <= INLINE_LIMIT:
            self._start += piece
            return len(piece)
        try:
            if self._file is None:
                self._file = _temporary_file()
                _write_all(self._file, self._start)
                self._start = bytearray()
            _write_all(self._file, piece)
        except OSError as error:
            raise NoRoom(
                f"content of {self._length} bytes and more does not fit into the temporary folder"
                f" {tempfile.gettempdir()}: {error.strerror}: give the folder more room, or name another in TMPDIR"
            ) from None
        return len(piece)

    def content(self) -> Content:
        """What was written; ends the writing."""
        if self._file is None:
            return bytes(self._start)
        return FileContent(os.dup(self._file.fileno()), self._length)


class _Reader(io.RawIOBase):
    def __init__(self, content: FileContent) -> None:
        self._content = content
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._content.length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = os.preadv(self._content.fileno(), [buffer], self._position)
        self._position += count
        return count


def _temporary_file() -> io.FileIO:
    opened = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
    assert isinstance(opened, io.FileIO)
    return opened


def _write_all(file: io.FileIO, data: bytes | bytearray | memoryview) -> None:
    with memoryview(data) as view:
        written = 0
        while written < len(view):
            written += file.write(view[written:])
