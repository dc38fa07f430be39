"""`funcapp start --watch` and `--debug`."""

from collections.abc import Iterator

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.ports import free_ports
from support.terminal import Terminal
from support.waiting import wait_for


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def watched(app: AppFolder, port: int) -> Iterator[Terminal]:
    app.function("hello", "def main(req): return 'first'", http_trigger(), HTTP_RETURN)
    shown = Terminal("start", "--watch", "--port", str(port), cwd=app.root)
    yield shown
    shown.end()


def test_saved_code_runs_and_broken_code_does_not_stop_what_runs(app: AppFolder, watched: Terminal, port: int) -> None:
    url = f"http://localhost:{port}/api/hello"
    watched.wait_for("hello: http")
    assert watched.get(url) == (200, "first")
    app.file("hello/__init__.py", "import os\ndef main(req): return os.environ.get('WORD', 'second')")
    wait_for(lambda: watched.get(url) == (200, "second"), "the saved code answers", 60)
    app.file("host.json", '{"version": ')
    watched.wait_for("the app has changed and does not start: host.json: line 1")
    assert watched.get(url) == (200, "second")
    app.host()
    app.file("local.settings.json", '{"IsEncrypted": false, "Values": {"WORD": "third"}}')
    wait_for(lambda: watched.get(url) == (200, "third"), "the saved setting answers", 60)
    app.function("more", "def main(req): return 'more'", http_trigger(), HTTP_RETURN)
    watched.wait_for(f"\tmore: http://localhost:{port}/api/more")
    assert watched.end() == 0


def test_an_app_that_is_broken_at_first(app: AppFolder, port: int) -> None:
    app.function("hello", "def main(req): return 'mended'", http_trigger(), HTTP_RETURN)
    app.file("host.json", "{")
    shown = Terminal("start", "--watch", "--port", str(port), cwd=app.root)
    try:
        shown.wait_for("waiting until it is saved again")
        app.host()
        shown.wait_for("hello: http")
        assert shown.get(f"http://localhost:{port}/api/hello") == (200, "mended")
    finally:
        assert shown.end() == 0
