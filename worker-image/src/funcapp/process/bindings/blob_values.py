"""Python values of blobs, made without taking content into memory that the app does not ask for."""

from __future__ import annotations

import functools
import inspect
import io
import mmap
from collections.abc import Callable, Iterator
from typing import Any

from funcapp.content import INLINE_LIMIT, PIECE, Content, FileContent, spooled

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SMALL = INLINE_LIMIT // 4
"""Characters, of at most 4 bytes each."""


@functools.cache
def stream_class() -> type:
    """Made late, since the SDK may be the app's own."""
    from azure.functions.blob import InputStream

    class BlobStream(InputStream):  # type: ignore[misc]
        """The SDK's stream, without taking the content into memory."""

        def __init__(self, content: Content, **known: Any) -> None:
            super().__init__(data=b"" if isinstance(content, FileContent) else content, **known)
            if isinstance(content, FileContent):
                self._io = content.open()

        def read(self, size: int | None = -1) -> bytes:
            return self._io.read(size)

        read1 = read

        def readline(self, size: int | None = -1) -> bytes:
            """The SDK's own asks for one byte at a time."""
            return self._io.readline(size)

    return BlobStream


def text(content: Content, keep_mark: bool) -> str:
    """Without a copy of the bytes in memory. Raises UnicodeDecodeError."""
    if isinstance(content, FileContent):
        with mmap.mmap(content.fileno(), content.length, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as view:
            return _decode(view, keep_mark)
    return _decode(memoryview(content), keep_mark)


def _decode(view: memoryview, keep_mark: bool) -> str:
    start = len(_BYTE_ORDER_MARK) if not keep_mark and view[: len(_BYTE_ORDER_MARK)] == _BYTE_ORDER_MARK else 0
    with view[start:] as rest:
        return str(rest, "utf-8")


def content_of(value: object) -> Content | Callable[[], Content] | None:
    """What an output's value stands for; a function where it takes a while; None for what is no content."""
    if isinstance(value, (str, bytes, bytearray)) and len(value) <= _SMALL:
        return value.encode() if isinstance(value, str) else bytes(value)
    pieces = _pieces(value)
    return None if pieces is None else functools.partial(spooled, pieces)


def _pieces(value: object) -> Iterator[bytes | memoryview] | None:
    """None for what is no content."""
    read = getattr(value, "read", None)
    if callable(read):
        return _read(value, read)
    if isinstance(value, str):
        return (value[start : start + PIECE].encode() for start in range(0, len(value), PIECE))
    if isinstance(value, (bytes, bytearray, memoryview)):
        view = memoryview(value).cast("B")
        return (view[start : start + PIECE] for start in range(0, len(view), PIECE))
    return None


def _read(value: object, read: Callable[..., object]) -> Iterator[bytes | memoryview]:
    """Whatever has a read() without the rest of a file's behaviour is asked once, as upstream does."""
    in_pieces = (isinstance(value, io.IOBase) or hasattr(value, "readinto")) and _takes_size(read)
    while True:
        piece = read(PIECE) if in_pieces else read()
        if isinstance(piece, str):
            piece = piece.encode()
        if not isinstance(piece, (bytes, bytearray, memoryview)):
            raise TypeError(f"read() of {type(value).__name__} gave {type(piece).__name__}: it must give str or bytes")
        if piece:
            yield memoryview(piece)
        if not piece or not in_pieces:
            return


def _takes_size(read: Callable[..., object]) -> bool:
    try:
        inspect.signature(read).bind(PIECE)
    except TypeError:
        return False
    except ValueError:
        return True  # a function of an extension module that does not say
    return True
