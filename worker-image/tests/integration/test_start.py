"""`funcapp host start` where `func host start` ran before."""

import json
import signal
import socket
import subprocess
import time
import urllib.request
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import terminal
from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_trigger
from support.azurite import Azurite
from support.ports import free_ports
from support.terminal import Terminal
from support.worker import FUNCAPP, environment

Start = Callable[..., Terminal]


@pytest.fixture
def start(app: AppFolder) -> Iterator[Start]:
    """Runs `funcapp host start` in the app's folder."""
    running: list[Terminal] = []

    def run(*arguments: str, **settings: str) -> Terminal:
        running.append(Terminal("host", "start", *arguments, cwd=app.root, **settings))
        return running[-1]

    yield run
    for shown in running:
        shown.end()


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


def local_settings(app: AppFolder, **sections: object) -> None:
    app.file("local.settings.json", json.dumps({"IsEncrypted": False, **sections}))


def hello(app: AppFolder, name: str = "hello", **properties: object) -> None:
    code = "import os\ndef main(req):\n    print('the greeting is asked for')\n    return os.environ['GREETING']"
    app.function(name, code, http_trigger(**properties), HTTP_RETURN)


def test_the_app_of_the_current_folder_with_its_local_settings(
    app: AppFolder, start: Start, port: int, azurite: Azurite
) -> None:
    """`local.settings.json` becomes the environment, whose own variables win."""
    hello(app, methods=["get", "post"], authLevel="function")
    app.function("worker", "def main(msg): ...", queue_trigger("jobs"))
    app.function("broken", "import nowhere\ndef main(req): ...", http_trigger())
    local_settings(
        app,
        Values={"GREETING": "from the file", "OTHER": "x", "AzureWebJobsStorage": azurite.connection_string},
        Host={"LocalHttpPort": port},
    )
    shown = start(OTHER="set")
    shown.wait_for("Functions:")
    shown.wait_for("broken: not running:")
    assert f"\thello: [GET,POST] http://localhost:{port}/api/hello" in shown.output
    assert "\tworker: queueTrigger" in shown.output
    assert "Skipping 'OTHER' from local settings" in shown.text
    # No key is asked for.
    assert shown.get(f"http://localhost:{port}/api/hello") == (200, "from the file")
    assert shown.get(f"http://localhost:{port}/")[0] == 200
    shown.wait_for("the greeting is asked for")
    assert shown.end(signal.SIGINT) == 0


def test_options_come_before_everything(app: AppFolder, start: Start, port: int) -> None:
    hello(app, authLevel="function")
    hello(app, "other")
    app.host(extensions={"http": {"routePrefix": ""}})
    local_settings(app, Values={"GREETING": "file"}, Host={"LocalHttpPort": 1})
    shown = start(
        *(
            "--port",
            str(port),
            "--functions",
            "hello",
            "--enableAuth",
            "--no-build",
            "--skip-azure-storage-check",
            "--timeout",
            "9",
        ),
        GREETING="set",
    )
    shown.wait_for(f"hello: http://localhost:{port}/hello")
    assert "other" not in "".join(shown.output)
    assert shown.get(f"http://localhost:{port}/hello")[0] == 401
    assert shown.end(signal.SIGTERM) == 0


def test_cors_of_the_command_line_comes_before_that_of_the_file(app: AppFolder, start: Start, port: int) -> None:
    """`--cors` and `--cors-credentials` are as Core Tools has them."""
    hello(app)
    local_settings(app, Values={"GREETING": "x"}, Host={"CORS": "https://file.example"})
    url = f"http://localhost:{port}/api/hello"
    shown = start("--port", str(port), "--cors", "https://a.example,https://b.example", "--cors-credentials")
    shown.wait_for("Functions:")

    def allowed(origin: str) -> tuple[str | None, str | None]:
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        preflight = urllib.request.Request(url, headers=asked, method="OPTIONS")
        with urllib.request.urlopen(preflight, timeout=60) as answer:
            headers = answer.headers
            return headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Credentials"]

    assert allowed("https://a.example") == ("https://a.example", "true")
    assert allowed("https://b.example") == ("https://b.example", "true")
    assert allowed("https://file.example") == (None, None)
    assert shown.end(signal.SIGINT) == 0


def test_app_folder_is_found_from_below_and_from_above(app: AppFolder, tmp_path: Path) -> None:
    """`__app__` is the app wherever it lies in a repository."""
    hello(app)
    repository = tmp_path / "repository"
    repository.mkdir()
    app.root.rename(repository / "__app__")
    for folder in (repository, repository / "__app__" / "hello"):
        done = terminal.run("index", cwd=folder)
        assert [function["name"] for function in json.loads(done.stdout)["functions"]] == ["hello"]
    done = terminal.run("start", cwd=tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path} is not a function app" in done.stderr


def test_a_port_in_use(app: AppFolder, start: Start) -> None:
    hello(app)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shown = start("--port", str(port))
        assert shown.process.wait(60) == 1
    shown.end()
    assert f"port {port} is in use by another program" in shown.text


@pytest.mark.parametrize(
    ("arguments", "content", "message"),
    [
        (["start", "--bogus"], None, "unrecognized arguments: --bogus"),
        (["start", "--useHttps"], None, "HTTPS is not served"),
        (["start", "--python", "nowhere"], None, "--python nowhere is not there"),
        (["start"], '{"Values": {"A": "x"}}', "func settings decrypt"),
        (["bogus"], None, "there is no command 'bogus'"),
    ],
)
def test_mistakes_of_the_command_line(app: AppFolder, arguments: list[str], content: str | None, message: str) -> None:
    if content:
        app.file("local.settings.json", content)
    done = terminal.run(*arguments, cwd=app.root)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize("decorated", [False, True])
def test_functions_that_are_asked_for_and_not_there_are_named(app: AppFolder, decorated: bool) -> None:
    if decorated:
        app.file(
            "function_app.py",
            """
            import azure.functions as func
            app = func.FunctionApp()

            @app.route("hello")
            def hello(req): ...

            @app.route("Other")
            def Other(req): ...
            """,
        )
    else:
        hello(app)
        hello(app, "Other", route="other")
    done = terminal.run("start", "--port", "0", "--functions", "hello", "nosuch", cwd=app.root)
    assert done.returncode == 2
    assert "the app has no function 'nosuch': it has hello, Other" in done.stderr + done.stdout


@pytest.mark.parametrize("command", ["start", "index"])
def test_a_mistake_in_the_app_and_one_in_the_call_have_their_exit_codes(app: AppFolder, command: str) -> None:
    """1 where the app is wrong, 2 where the call or its settings are: the same from every command."""
    hello(app)
    app.file("host.json", '{"version": "1.0"}')
    done = terminal.run(command, cwd=app.root, FUNCAPP_HTTP_PORT="0")
    assert done.returncode == 1
    assert "version" in done.stdout + done.stderr
    app.host()
    assert terminal.run(command, cwd=app.root, FUNCTIONS_WORKER_PROCESS_COUNT="11").returncode == 2


def test_a_pod_does_not_read_local_settings(app: AppFolder) -> None:
    hello(app)
    app.file("local.settings.json", "not JSON")
    settings = environment(FUNCAPP_NAMESPACE="shop", AzureWebJobsScriptRoot=str(app.root))
    done = subprocess.run([FUNCAPP, "index"], env=settings, capture_output=True, cwd=app.root)
    assert done.returncode == 0, done.stderr


def test_packages_of_the_active_virtual_environment(app: AppFolder, start: Start, port: int, tmp_path: Path) -> None:
    """Packages installed there, under development there, and the SDK although it is not there."""
    home = tmp_path / "environment"
    venv.create(home)
    site_packages = next(home.glob("lib/python*/site-packages"))
    (site_packages / "installed.py").write_text("import editable\nvalue = 'installed, ' + editable.value")
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "editable.py").write_text("value = 'editable'")
    (site_packages / "editable.pth").write_text(str(tmp_path / "source"))
    app.function(
        "hello",
        """\
        import importlib.util, sys
        import azure.functions as func, installed
        def main(req: func.HttpRequest) -> str:
            return f"{installed.value}, {importlib.util.find_spec('aiohttp')}"
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    shown = start("--port", str(port), VIRTUAL_ENV=str(home))
    shown.wait_for("hello: http")
    assert shown.get(f"http://localhost:{port}/api/hello") == (200, "installed, editable, None")
    assert f"Python: {home}/bin/python" in shown.errors


def test_a_second_ctrl_c_does_not_wait(app: AppFolder, start: Start, port: int) -> None:
    app.function("slow", "import time\ndef main(req):\n    time.sleep(300)", http_trigger(), HTTP_RETURN)
    shown = start("--port", str(port), "--verbose")
    shown.wait_for("slow: http")
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /api/slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.5)
        shown.process.send_signal(signal.SIGINT)
        shown.wait_for("draining")
        assert shown.end(signal.SIGINT) == 130
