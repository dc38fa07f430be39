"""What requirements.txt asks for, read as pip reads it."""

import sys
from pathlib import Path

import pytest

from funcapp.errors import AppError, InfrastructureError
from funcapp.prepare import cache_key, pip, requirements


def read(folder: Path, files: dict[str, str], **environment: str) -> requirements.Requirements:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return requirements.read(folder, environment)


def test_files_are_read_with_all_that_they_name(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "requirements.txt": "# all\n-r more/a.txt  # those\n--constraint=limits.txt\nx==1 \\\n  --hash=sha256:00\n",
            "more/a.txt": "a @ https://example.com/a.whl\n-r ../b.txt\n",
            "b.txt": "\ufeffb[extra]>=1 ; python_version < '3.12'\n${NAME}\n",
            "limits.txt": "a==1\n",
        },
        NAME="named",
    )
    assert found.files == {
        "requirements.txt": ["-r more/a.txt", "--constraint=limits.txt", "x==1   --hash=sha256:00"],
        "more/a.txt": ["a @ https://example.com/a.whl", "-r ../b.txt"],
        "b.txt": ["b[extra]>=1 ; python_version < '3.12'", "named"],
        "limits.txt": ["a==1"],
    }


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("-r ../outside.txt", "leads out of the app"),
        ("-r link.txt", "leads out of the app"),
        ("--requirem=/etc/passwd", "leads out of the app"),
        ("-c${HOME}/secret", "leads out of the app"),
        ("-r FILE:///etc/passwd", "not by a URL"),
        ("-r more.txt", "is not a file of the app"),
        ("-r requirements.txt", "names this one"),
        ("--trusted-host example.com", "check of certificates"),
        ("--no-such-option", "no such option"),
        ('-r "x', "cannot be read"),
    ],
)
def test_lines_that_are_refused(tmp_path: Path, line: str, part: str) -> None:
    """The message has the place and the rule."""
    (tmp_path / "outside.txt").write_text("secret\n")
    app = tmp_path / "app"
    app.mkdir()
    (app / "link.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(AppError) as error:
        read(app, {"requirements.txt": f"x\n{line}\n"}, HOME="/root")
    assert error.value.reason == "RequirementsInvalid"
    assert error.value.message.startswith("requirements.txt, line 2: ")
    assert part in error.value.message


def test_a_chain_of_files_has_an_end(tmp_path: Path) -> None:
    files = {f"{number}.txt": f"-r {number + 1}.txt\n" for number in range(requirements.MAX_FILES + 1)}
    with pytest.raises(AppError, match="more than 100 files"):
        read(tmp_path, {"requirements.txt": "-r 0.txt\n", **files})
    with pytest.raises(AppError, match="names this one"):
        read(tmp_path, {"requirements.txt": "-r a.txt\n", "a.txt": "-r b.txt\n", "b.txt": "-c a.txt\n"})


@pytest.mark.parametrize(
    ("line", "movable", "built"),
    [
        ("x>=1", False, False),
        ("--index-url https://example.com/simple", False, False),
        ("x @ https://example.com/x-1.0-py3-none-any.whl#sha256=00", True, False),
        ("https://example.com/x-1.0.tar.gz", True, True),
        ("git+https://token@example.com/x.git", True, True),
        ("x @ git+ssh://git@example.com/x", True, True),
        ("./x[extra]", True, True),
        ("x-1.0-py3-none-any.whl", True, False),
        ("vendor.zip", True, True),
        ("-e .", True, True),
        ("--find-links wheels", True, False),
        ("--find-links https://example.com/wheels", False, False),
        ("--index-url file:///wheels", True, False),
        ("-r https://example.com/more.txt", True, False),
        ("--no-binary x", False, True),
        ("--no-bin :none:", False, False),
        ("--only-binary x,:none:", False, True),
    ],
)
def test_what_cannot_be_cached_and_what_is_built_from_source(
    tmp_path: Path, line: str, movable: bool, built: bool
) -> None:
    found = read(tmp_path, {"requirements.txt": f"{line}\n"})
    assert (bool(found.movable), bool(found.built)) == (movable, built)
    assert "token" not in str(found.movable + found.built)


def test_files_of_pips_own_encodings(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes("x==1\r\n".encode("utf-16"))
    assert requirements.read(tmp_path, {}).files == {"requirements.txt": ["x==1"]}
    (tmp_path / "requirements.txt").write_bytes(b"x==1 \xff\n")
    with pytest.raises(AppError, match="byte 5 is not utf-8"):
        requirements.read(tmp_path, {})


BASE = {"requirements.txt": "x\n-c limits.txt\n", "limits.txt": "x<2\n"}


def key(folder: Path, files: dict[str, str] | None = None, sources: bool = True, **environment: str) -> str:
    found = read(folder, {**BASE, **(files or {})}, **environment)
    return cache_key.key(found, environment, pip.extra_arguments(environment), sources)


def test_a_key_names_all_that_pips_choice_depends_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    constraints = tmp_path / "image-constraints.txt"
    constraints.write_text("y==1")
    named = f"-c {constraints}"
    keys = [
        key(tmp_path / "1"),
        key(tmp_path / "2", {"limits.txt": "x<3\n"}),
        key(tmp_path / "3", sources=False),
        key(tmp_path / "4", PIP_INDEX_URL="https://example.com/simple"),
        key(tmp_path / "5", PIP_EXTRA_INDEX_URL="https://example.com/simple"),
        key(tmp_path / "6", FUNCAPP_PIP_ARGUMENTS="--pre"),
        key(tmp_path / "7", FUNCAPP_PIP_ARGUMENTS=named),
    ]
    constraints.write_text("y==2")
    keys.append(key(tmp_path / "8", FUNCAPP_PIP_ARGUMENTS=named))
    monkeypatch.setattr("platform.python_version", lambda: "3.99.1")
    keys.append(key(tmp_path / "9"))
    assert len(set(keys)) == len(keys)
    assert all(len(digest) == 64 for digest in keys)


def test_a_key_does_not_depend_on_comments_nor_on_how_pip_works(tmp_path: Path) -> None:
    same = {"requirements.txt": "# comment\n\nx  # more\r\n-c limits.txt\n"}
    assert key(tmp_path / "1") == key(tmp_path / "2", same, PIP_CERT="/ca.crt", PIP_DEFAULT_TIMEOUT="3", HOME="/x")


def test_options_are_those_of_pip() -> None:
    """An option that pip knows and this reader does not would be refused; one that only abbreviates must not pass."""
    from pip._internal.req.req_file import build_parser

    from funcapp.prepare.requirement_options import _parser

    ours = {name for option in _parser().option_list for name in (*option._short_opts, *option._long_opts)}
    theirs = {name for option in build_parser().option_list for name in (*option._short_opts, *option._long_opts)}
    assert ours == theirs, sys.version


def test_arguments_that_cannot_be_read_are_not_the_apps_mistake() -> None:
    with pytest.raises(InfrastructureError, match="No closing quotation"):
        pip.extra_arguments({"FUNCAPP_PIP_ARGUMENTS": "--find-links '/wheels"})
