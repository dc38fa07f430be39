"""What is installed in an app: by its `.dist-info` folders, as a list that people and pip can read."""

from __future__ import annotations

import os
import re
from pathlib import Path

from packaging.utils import canonicalize_name

from funcapp.errors import AppError
from funcapp.process.paths import PYTHON_PACKAGES, SITE_PACKAGES

FILE_NAME = f"{PYTHON_PACKAGES}/installed.txt"
"""In the package. Its lines are requirements: `pip install -c` takes them as constraints."""

MAX_FILES = 100_000
MAX_BYTES = 1536 * 1024**2
"""Of all installed files together, compiled modules aside: a pod keeps them in a folder of 2 GiB."""

# Whatever an app brings along, the index that repeats it stays small.
_MAX_LISTED = 2_000
_FOLDER = re.compile(r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._]*[A-Za-z0-9])?)-(?P<version>[A-Za-z0-9.!+_]+)\.dist-info")


def listed(root: Path) -> list[str]:
    """`name==version` of each in the app's site-packages, in order."""
    try:
        names = os.listdir(root / SITE_PACKAGES)
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = filter(None, map(_FOLDER.fullmatch, names))
    return sorted({f"{canonicalize_name(match['name'])}=={match['version']}" for match in found})[:_MAX_LISTED]


def record(root: Path) -> list[str]:
    """Writes the file of the app, and returns its lines."""
    lines = listed(root)
    (root / FILE_NAME).write_text("".join(f"{line}\n" for line in lines))
    return lines


def check_size(root: Path) -> tuple[int, int]:
    """Number and bytes of the installed files. Raises AppError (PackageTooLarge), which names the largest folders."""
    sizes: dict[str, int] = {}
    files = 0
    site_packages = os.path.join(root, SITE_PACKAGES)
    for parent, _, names in os.walk(site_packages):
        files += len(names)
        if files > MAX_FILES:
            raise AppError(
                "PackageTooLarge", f"requirements.txt installs more than {MAX_FILES} files: drop what the app can spare"
            )
        top = os.path.relpath(parent, site_packages).partition(os.sep)[0]
        sizes[top] = sizes.get(top, 0) + sum(os.lstat(os.path.join(parent, name)).st_size for name in names)
    total = sum(sizes.values())
    if total > MAX_BYTES:
        largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:5]
        parts = ", ".join(f"{name} {sizes[name] / 1024**2:.0f} MiB" for name in largest)
        raise AppError(
            "PackageTooLarge",
            f"requirements.txt installs {total / 1024**2:.0f} MiB, and the limit is {MAX_BYTES / 1024**2:.0f} MiB: drop"
            f" what the app can spare. The largest: {parts}",
        )
    return files, total
