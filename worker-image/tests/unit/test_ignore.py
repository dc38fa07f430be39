"""What of an app folder is published."""

from pathlib import Path

import pytest

from funcapp.errors import AppError
from funcapp.prepare import ignore


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def test_funcignore_has_the_syntax_of_gitignore(tmp_path: Path) -> None:
    make(
        tmp_path,
        *("host.json", "hello/__init__.py", "hello/notes.md", "README.md", "docs/keep.md", "docs/drop.md"),
        *("tests/test_hello.py", "hello/tests/deep.py", "build/x", "src/build/y"),
    )
    (tmp_path / ".funcignore").write_text("# comment\n/tests\n*.md\n!docs/keep.md\n/build/\n\n")
    files = ignore.split(tmp_path)
    assert files.included == [
        "docs/keep.md",
        "hello/__init__.py",
        "hello/tests/deep.py",
        "host.json",
        "src/build/y",
    ]
    assert {"README.md", "docs/drop.md", "hello/notes.md", "tests/test_hello.py", "build/x"} < set(files.ignored)


def test_what_belongs_to_one_machine_is_never_published(tmp_path: Path) -> None:
    """`local.settings.json` is never published."""
    make(
        tmp_path,
        *(".git/config", ".venv/bin/python", "my-env/pyvenv.cfg", "a/__pycache__/x.pyc", "local.settings.json"),
        *("a/LOCAL.settings.json", ".gitignore", ".funcignore", "a/b.py"),
    )
    (tmp_path / ".funcignore").write_text("!local.settings.json\n!.git\n")
    files = ignore.split(tmp_path)
    assert files.included == ["a/b.py"]
    assert {".git/", ".venv/", "my-env/", "a/__pycache__/", "local.settings.json"} < set(files.ignored)


def test_without_funcignore_everything_else_is_published(tmp_path: Path) -> None:
    make(tmp_path, "host.json", "tests/test_a.py", ".python_packages/lib/site-packages/x.py")
    assert ignore.split(tmp_path).included == sorted(
        ["host.json", "tests/test_a.py", ".python_packages/lib/site-packages/x.py"]
    )


def test_a_pattern_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".funcignore").write_text("*.md\n!\n")
    with pytest.raises(AppError, match=r"\.funcignore: line 2"):
        ignore.split(tmp_path)
