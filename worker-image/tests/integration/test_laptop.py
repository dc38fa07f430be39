"""`pip install funcapp` on a developer's machine, in the virtual environment of an app and beside it."""

import faulthandler
import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from support import terminal
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.azurite import Azurite
from support.debugger import Debugger
from support.ports import free_ports
from support.terminal import Terminal

SOURCE = Path(__file__).parents[2]
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`bin` of a virtual environment with funcapp in it, from its wheel. What it depends on is kept between runs."""
    home = SOURCE.parent / "target" / "worker-image" / f"laptop-{VERSION}"
    python, stamp = home / "bin" / "python", home / "stamp"
    wanted = hashlib.sha256((SOURCE / "pyproject.toml").read_bytes()).hexdigest()
    fresh = not stamp.is_file() or stamp.read_text() != wanted
    if fresh:
        faulthandler.cancel_dump_traceback_later()  # how long it takes is a matter of the package index
        venv.create(home, clear=True, with_pip=True)
    wheels = tmp_path_factory.mktemp("wheels")
    # A copy, because building leaves files behind.
    source = wheels / "source"
    shutil.copytree(SOURCE / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(SOURCE / name, source / name)
    pip(python, "wheel", "--no-deps", "--wheel-dir", str(wheels), str(source))
    (wheel,) = wheels.glob("funcapp-*.whl")
    if fresh:
        # Compiled is what is imported, which is little of it.
        pip(python, "install", "--no-compile", f"{wheel}[debug]")
        stamp.write_text(wanted)
    pip(python, "install", "--no-deps", "--force-reinstall", str(wheel))
    return python.parent


def test_one_environment_for_the_app_and_the_worker(app: AppFolder, laptop: Path, azurite: Azurite) -> None:
    """The app is made by `funcapp new` and run by `funcapp host start`."""
    made = terminal.run("new", "greet", "--template", "http", cwd=app.root, program=str(laptop / "funcapp"))
    assert made.returncode == 0, made.stderr
    (port,) = free_ports(1)
    shown = Terminal(
        *("host", "start", "--port", str(port)),
        cwd=app.root,
        program=str(laptop / "funcapp"),
        AzureWebJobsStorage=azurite.connection_string,
    )
    try:
        shown.wait_for(f"greet: [GET,POST] http://localhost:{port}/api/greet", 60)
        assert shown.get(f"http://localhost:{port}/api/greet?name=Ada") == (200, "Hello, Ada!")
    finally:
        assert shown.end() == 0


def test_the_apps_own_environment_shows_nothing_of_the_workers(app: AppFolder, laptop: Path) -> None:
    """The SDK comes with the worker; what the worker itself imports does not."""
    app.function(
        "hello",
        """\
        import importlib.util
        import azure.functions as func
        def main(req: func.HttpRequest) -> str:
            return str([name for name in ("aiohttp", "azure.storage", "prometheus_client") if find(name)])
        def find(name):
            try:
                return importlib.util.find_spec(name)
            except ImportError:
                return None
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    venv.create(app.root / ".venv")
    (port,) = free_ports(1)
    shown = Terminal("start", "--port", str(port), cwd=app.root, program=str(laptop / "funcapp"))
    try:
        shown.wait_for("hello: http", 60)
        assert shown.get(f"http://localhost:{port}/api/hello") == (200, "[]")
        assert f"Python: {app.root}/.venv/bin/python" in shown.errors
    finally:
        shown.end()


def test_a_debugger_attaches_before_the_code_is_imported(app: AppFolder, laptop: Path) -> None:
    app.function(
        "hello", "import sys\ndef main(req): return str('debugpy' in sys.modules)", http_trigger(), HTTP_RETURN
    )
    port, debug_port = free_ports(2)
    shown = Terminal(
        *("start", "--port", str(port), "--debug", str(debug_port)), cwd=app.root, program=str(laptop / "funcapp")
    )
    debugger = None
    try:
        shown.wait_for(f"waiting for a debugger to attach to 127.0.0.1:{debug_port}", 60)
        assert "Functions:" not in shown.text
        debugger = Debugger(debug_port)
        debugger.attach()
        shown.wait_for("hello: http", 60)
        assert shown.get(f"http://localhost:{port}/api/hello") == (200, "True")
    finally:
        if debugger is not None:
            debugger.close()
        shown.end()


def test_without_debugpy_it_says_how_to_get_it(app: AppFolder) -> None:
    app.function("hello", "def main(req): ...", http_trigger(), HTTP_RETURN)
    done = terminal.run("start", "--debug", "--port", "0", cwd=app.root)
    assert done.returncode == 1
    assert "python -m pip install debugpy" in done.stdout
