"""SHA-256 of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

_PIECE = 1024 * 1024


def of_file(path: Path) -> str:
    """In hexadecimal digits. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_PIECE):
            digest.update(data)
    return digest.hexdigest()
