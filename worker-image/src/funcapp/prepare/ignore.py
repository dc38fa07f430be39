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


class Rules:
    """The text of a `.funcignore`, which has the syntax of .gitignore. Raises AppError (SourceInvalid)."""

    def __init__(self, text: str) -> None:
        lines = text.splitlines()
        for number, line in enumerate(lines, 1):
            try:
                GitIgnoreSpec.from_lines([line])
            except ValueError as error:
                raise AppError("SourceInvalid", f"{FILE_NAME}: line {number}: {error}") from None
        self._spec = GitIgnoreSpec.from_lines(lines)

    def leaves_out(self, path: str) -> bool:
        """A file; also a folder as such, whose path ends with a slash."""
        return path.rpartition("/")[2].lower() in NEVER_FILES or self._spec.match_file(path)

    def leaves_out_folder(self, name: str) -> bool:
        """With everything below it, wherever it is."""
        return name in NEVER_FOLDERS


def split(root: Path) -> Files:
    """Reads `.funcignore`. Raises AppError (SourceInvalid)."""
    rules = _rules(root / FILE_NAME)
    found = Files([], [])
    for parent, folders, names in os.walk(root):
        here = Path(parent).relative_to(root)
        for folder in sorted(folders):
            path = Path(parent, folder)
            if rules.leaves_out_folder(folder) or (path / _VIRTUAL_ENVIRONMENT).is_file():
                folders.remove(folder)
                found.ignored.append(f"{(here / folder).as_posix()}/")
        for name in names:
            path = here / name
            ignored = rules.leaves_out(path.as_posix())
            (found.ignored if ignored else found.included).append(path.as_posix())
    return Files(sorted(found.included), sorted(found.ignored))


def _rules(path: Path) -> Rules:
    try:
        return Rules(path.read_text("utf-8-sig", "replace"))
    except FileNotFoundError:
        return Rules("")
