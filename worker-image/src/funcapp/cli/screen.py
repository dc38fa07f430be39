"""A terminal that shows one text after another in the same place."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from typing import TextIO

# The alternate screen keeps what the user had on the terminal.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J"
_LEAVE = "\x1b[?25h\x1b[?1049l"
_HOME, _CLEAR_LINE, _CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


def colours(output: TextIO) -> bool:
    """Only for eyes, and not for those who asked for none (https://no-color.org)."""
    return output.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def size() -> tuple[int, int]:
    """Columns and lines."""
    found = shutil.get_terminal_size()
    return found.columns, found.lines


class Screen:
    def __init__(self, output: TextIO) -> None:
        self._output = output

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While the context lasts the terminal is this screen's; what it showed before comes back, whatever happens."""
        self._write(_ENTER)
        try:
            yield
        finally:
            self._write(_LEAVE)

    def show(self, lines: Sequence[str], height: int) -> None:
        """In place of what was shown before; the last line says how many have no room."""
        shown = list(lines)
        if len(shown) > height:
            shown = [*shown[: height - 1], f"… {len(lines) - height + 1} more lines"]
        self._write(_HOME + "\n".join(line + _CLEAR_LINE for line in shown) + _CLEAR_BELOW)

    def _write(self, text: str) -> None:
        self._output.write(text)
        self._output.flush()
