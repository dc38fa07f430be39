"""Which files of an app folder are published: what .funcignore leaves, and never what belongs to one machine alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from pathspec import GitIgnoreSpec

from funcapp.archive import MARKER
from funcapp.errors import AppError

FILE_NAME = ".funcignore"

# The first two, and the files, are those that Azure Functions Core Tools leaves out.
NEVER_FOLDERS = frozenset((".git", ".vscode", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"))
NEVER_FILES = frozenset((FILE_NAME, ".gitignore", "local.settings.json", "project.lock.json", MARKER))

_VIRTUAL_ENVIRONMENT = "pyvenv.cfg"


class Files(NamedTuple):
    """Paths relative to the app's folder, with slashes, in order. An ignored folder ends with a slash."""

    included: list[str]
    ignored: list[str]


def split(root: Path) -> Files:
    """Reads `.funcignore`, which has the syntax of .gitignore. Raises AppError (SourceInvalid)."""
    spec = _spec(root / FILE_NAME)
    found = Files([], [])
    for parent, folders, names in os.walk(root):
        here = Path(parent).relative_to(root)
        for folder in sorted(folders):
            path = Path(parent, folder)
            if folder in NEVER_FOLDERS or (path / _VIRTUAL_ENVIRONMENT).is_file():
                folders.remove(folder)
                found.ignored.append(f"{(here / folder).as_posix()}/")
        for name in names:
            path = here / name
            ignored = name.lower() in NEVER_FILES or spec.match_file(path.as_posix())
            (found.ignored if ignored else found.included).append(path.as_posix())
    return Files(sorted(found.included), sorted(found.ignored))


def _spec(path: Path) -> GitIgnoreSpec:
    try:
        lines = path.read_text("utf-8-sig", "replace").splitlines()
    except FileNotFoundError:
        lines = []
    for number, line in enumerate(lines, 1):
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError as error:
            raise AppError("SourceInvalid", f"{FILE_NAME}: line {number}: {error}") from None
    return GitIgnoreSpec.from_lines(lines)
