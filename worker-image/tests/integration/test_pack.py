"""`funcapp pack`."""

import os
import zipfile
from pathlib import Path

from support import terminal
from support.apps import HTTP_RETURN, AppFolder, http_trigger


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        return packed.namelist()


def wheel(folder: Path, name: str, tag: str = "py3-none-any") -> Path:
    """A wheel of one module, as an index would give it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.0-{tag}.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(f"{name}.py", "value = 1\n")
        made.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        made.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n")
        made.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


def hello(app: AppFolder) -> None:
    app.function("hello", "def main(req): return 'hello'", http_trigger(), HTTP_RETURN)
    app.file("tests/test_hello.py", "").file(".funcignore", "tests\n*.zip\n")
    app.file("local.settings.json", '{"IsEncrypted": false, "Values": {"SECRET": "x"}}')
    app.file(".venv/pyvenv.cfg", "").file("hello/__pycache__/x.pyc", "")


def test_same_input_same_bytes(app: AppFolder, tmp_path: Path) -> None:
    """What .funcignore names, local.settings.json and the virtual environment stay out."""
    hello(app)
    first = terminal.run("pack", cwd=app.root)
    assert first.returncode == 0, first.stderr
    content = (app.root / "app.zip").read_bytes()
    assert names(app.root / "app.zip") == ["hello/__init__.py", "hello/function.json", "host.json"]
    os.utime(app.root / "host.json", (0, 0))
    # The zip of the last time, which lies in the folder itself, changes nothing.
    (app.root / ".funcignore").write_text("tests\n")
    assert terminal.run("pack", cwd=app.root).stdout == first.stdout
    assert (app.root / "app.zip").read_bytes() == content
    again = terminal.run("pack", str(app.root), "-o", "other.zip", cwd=tmp_path)
    assert again.returncode == 0
    assert "app.zip" in names(tmp_path / "other.zip")


def test_lists(app: AppFolder) -> None:
    hello(app)
    ignored = terminal.run("pack", "--list-ignored-files", cwd=app.root).stdout.split()
    assert ignored == [".funcignore", ".venv/", "hello/__pycache__/", "local.settings.json", "tests/test_hello.py"]
    included = terminal.run("pack", "--list-included-files", cwd=app.root).stdout.split()
    assert included == ["hello/__init__.py", "hello/function.json", "host.json"]
    assert not list(app.root.glob("*.zip"))


def test_local_build(app: AppFolder, tmp_path: Path) -> None:
    """Requirements are installed on the developer's machine, and shipped."""
    hello(app)
    wheel(tmp_path / "index", "thing")
    app.file("requirements.txt", "# libraries\nthing==1.0\n")
    options = f"--no-index --find-links {tmp_path / 'index'}"
    packed = []
    for _ in range(2):
        done = terminal.run("pack", "--build", "local", cwd=app.root, FUNCAPP_PIP_ARGUMENTS=options)
        assert done.returncode == 0, done.stderr
        packed.append((app.root / "app.zip").read_bytes())
    assert packed[0] == packed[1]
    assert ".python_packages/lib/site-packages/thing.py" in names(app.root / "app.zip")
    assert "Successfully installed thing-1.0" in done.stderr
    assert not (app.root / ".python_packages").exists()


def test_requirements_that_cannot_be_installed(app: AppFolder, tmp_path: Path) -> None:
    hello(app)
    app.file("requirements.txt", "thing==2.0\n")
    options = f"--no-index --find-links {tmp_path}"
    done = terminal.run("pack", "--build", "local", cwd=app.root, FUNCAPP_PIP_ARGUMENTS=options)
    assert done.returncode == 1
    assert "requirements.txt cannot be installed" in done.stderr
    assert not (app.root / "app.zip").exists()


def test_no_build_ships_packages_that_fit_and_refuses_others(app: AppFolder) -> None:
    """`.python_packages` is shipped as it is, when the worker can run it."""
    hello(app)
    site_packages = ".python_packages/lib/site-packages"
    app.file(f"{site_packages}/thing.py", "").file(f"{site_packages}/thing-1.0.dist-info/WHEEL", "Tag: py3-none-any\n")
    done = terminal.run("pack", "--no-build", cwd=app.root)
    assert done.returncode == 0, done.stderr
    assert f"{site_packages}/thing.py" in names(app.root / "app.zip")
    remote = terminal.run("pack", cwd=app.root)
    assert ".python_packages is left out" in remote.stdout
    assert f"{site_packages}/thing.py" not in names(app.root / "app.zip")
    (app.root / "app.zip").unlink()

    app.file(f"{site_packages}/bad-2.0.dist-info/WHEEL", "Tag: cp312-cp312-macosx_11_0_arm64\n")
    done = terminal.run("pack", "--no-build", "--python-version", "3.12", cwd=app.root)
    assert done.returncode == 1
    assert "bad 2.0: its wheel is for cp312-cp312-macosx_11_0_arm64, and the package is for Python 3.12" in done.stderr
    assert not (app.root / "app.zip").exists()
