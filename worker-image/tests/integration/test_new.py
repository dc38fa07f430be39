"""`funcapp init` and `funcapp new`: what they make runs, and its unit tests pass."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import terminal
from support.azurite import Azurite
from support.ports import free_ports
from support.terminal import Terminal

from funcapp.host import layout

TEMPLATES = ("http", "queue", "blob", "timer")


def make(root: Path, model: str) -> None:
    """An app with one function of each template."""
    root.mkdir(exist_ok=True)
    for template in TEMPLATES:
        done = terminal.run("new", f"my_{template}", "--template", template, "--model", model, cwd=root)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("model", ["v1", "v2"])
def test_every_template_runs_and_its_unit_test_passes(model: str, tmp_path: Path, azurite: Azurite) -> None:
    """Apps of both models run, and their tests need the SDK alone."""
    app = tmp_path / f"made-{model}"
    make(app, model)
    assert (app / "function_app.py").exists() == (model == "v2")
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=app,
        env={**os.environ, "PYTHONPATH": str(layout.find().sdk), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "4 passed" in tested.stdout

    queue = azurite.queues.create_queue("my-queue-items")
    container = azurite.blobs.create_container("my-blob-items")
    (port,) = free_ports(1)
    shown = Terminal("start", "--port", str(port), cwd=app, AzureWebJobsStorage=azurite.connection_string)
    try:
        shown.wait_for(f"my_http: [GET,POST] http://localhost:{port}/api/my_http")
        assert shown.get(f"http://localhost:{port}/api/my_http?name=Ada") == (200, "Hello, Ada!")
        queue.send_message("b25l")
        shown.wait_for("processing one")
        container.upload_blob("a.txt", b"four")
        shown.wait_for("processing my-blob-items/a.txt: 4 bytes", 40)
        for template in TEMPLATES[1:]:
            assert f"\tmy_{template}: {template}Trigger" in shown.output
    finally:
        shown.end()
        queue.delete_queue()
        container.delete_container()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text("mine")
    (tmp_path / ".funcignore").write_text("mine")
    done = terminal.run("init", "--model", "v1", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "host.json").read_text() == (tmp_path / ".funcignore").read_text() == "mine"
    assert (tmp_path / "local.settings.json").exists()
    assert not (tmp_path / "function_app.py").exists()

    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "__init__.py").write_text("mine")
    done = terminal.run("new", "hello", "--template", "http", "--model", "v1", cwd=tmp_path)
    assert done.returncode == 2
    assert "hello exists: choose another name" in done.stderr
    assert (tmp_path / "hello" / "__init__.py").read_text() == "mine"
    assert not (tmp_path / "tests").exists()


def test_a_function_is_added_to_the_script_that_there_is(tmp_path: Path) -> None:
    script = tmp_path / "function_app.py"
    script.write_text(
        "import azure.functions as func\n\nthe_app: func.FunctionApp = func.FunctionApp()\n\n\ndef taken(): ...\n"
    )
    done = terminal.run("new", "--name", "job", "--template", "Azure Queue Storage trigger", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = script.read_text()
    assert text.startswith("import azure.functions as func\n\nthe_app")
    assert text.count("import azure.functions") == text.count("import logging") == 1
    assert '@the_app.queue_trigger(arg_name="msg", queue_name="job-items"' in text
    compile(text, "function_app.py", "exec")
    for arguments, message in (
        (["taken", "-t", "http"], "has a function 'taken'"),
        (["job", "-t", "http"], "tests/test_job.py exists"),
        (["other", "-t", "http", "-m", "v1"], "functions of model v2"),
        (["other", "-t", "table"], "choose one of http, queue, blob, timer"),
        (["queue", "-t", "queue"], "no name of Python's own library"),
        (["host", "-t", "http"], "is not 'host'"),
    ):
        done = terminal.run("new", *arguments, cwd=tmp_path)
        assert (done.returncode, script.read_text()) == (2, text)
        assert message in done.stderr


def test_the_script_that_the_settings_name_is_the_app(tmp_path: Path) -> None:
    """PYTHON_SCRIPT_FILE_NAME, in local.settings.json or in the environment, holds for every command."""
    (tmp_path / "local.settings.json").write_text(
        '{"IsEncrypted": false, "Values": {"PYTHON_SCRIPT_FILE_NAME": "main.py"}}'
    )
    done = terminal.run("new", "greet", "--template", "http", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "def greet(" in (tmp_path / "main.py").read_text()
    assert "from main import greet" in (tmp_path / "tests" / "test_greet.py").read_text()
    assert not (tmp_path / "function_app.py").exists()
    (tmp_path / "host.json").unlink()
    found = terminal.run("index", cwd=tmp_path / "tests")
    assert found.returncode == 2
    found = terminal.run("index", cwd=tmp_path)
    assert [function["name"] for function in json.loads(found.stdout)["functions"]] == ["greet"]
    done = terminal.run("new", "other", "-t", "http", cwd=tmp_path, PYTHON_SCRIPT_FILE_NAME="no-module.py")
    assert done.returncode == 2
    assert "PYTHON_SCRIPT_FILE_NAME is 'no-module.py'" in done.stderr
