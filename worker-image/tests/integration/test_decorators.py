"""Apps whose functions decorators declare, in function_app.py."""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import FUNCAPP, Worker, environment

Launch = Callable[..., Worker]
Index = Callable[..., dict[str, Any]]

ANONYMOUS = "import azure.functions as func\napp = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)\n"


def script(app: AppFolder, code: str, name: str = "function_app.py") -> AppFolder:
    app.file("code.tmp", code)
    written = (app.root / "code.tmp").read_text()
    (app.root / "code.tmp").unlink()
    return app.file(name, ANONYMOUS + written)


def test_functions_of_a_script_and_of_a_blueprint(
    app: AppFolder, launch: Launch, index: Index, azurite: Azurite, unique: str
) -> None:
    """Decorators in any order, Blueprints, bindings and both kinds of function are loaded."""
    script(
        app,
        f"""
        from orders import blueprint
        app.register_functions(blueprint)

        @app.route()
        def hello(req: func.HttpRequest) -> func.HttpResponse:
            return func.HttpResponse(f"hello {{req.params['name']}}")

        @app.queue_output(arg_name="sent", queue_name="{unique}", connection="AzureWebJobsStorage")
        @app.route(route="items/{{id:int}}", methods=["GET", func.HttpMethod.POST])
        @app.function_name("put_item")
        async def anything(req: func.HttpRequest, sent: func.Out[str], context: func.Context) -> str:
            sent.set(req.route_params["id"])
            return f"{{context.function_name}} {{context.function_directory}}"
        """,
    )
    app.file(
        "orders.py",
        f"""
        import logging
        import azure.functions as func
        blueprint = func.Blueprint()

        @blueprint.queue_trigger(arg_name="message", queue_name="{unique}", connection="AzureWebJobsStorage")
        @blueprint.blob_output(arg_name="copy", path="{unique}/{{DequeueCount}}-{{rand-guid}}", connection="")
        def on_order(message: func.QueueMessage, copy: func.Out[bytes]):
            copy.set(message.get_body())
        """,
    )
    app.function("ignored", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
    app.host(extensions={"queues": {"newBatchThreshold": 8}})
    functions = index()
    assert {name: (entry["error"], entry["trigger"]) for name, entry in functions.items()} == {
        "hello": (None, {"type": "httpTrigger", "route": "hello", "methods": [], "authLevel": "anonymous"}),
        "put_item": (
            None,
            {"type": "httpTrigger", "route": "items/{id:int}", "methods": ["GET", "POST"], "authLevel": "anonymous"},
        ),
        "on_order": (
            None,
            {
                "type": "queueTrigger",
                "queueName": unique,
                "batchSize": 16,
                "newBatchThreshold": 8,
                "connection": {"setting": "AzureWebJobsStorage", "form": "ConnectionString"},
            },
        ),
    }
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="2").wait_ready()
    assert {worker.get("/api/hello?name=you").text for _ in range(4)} == {"hello you"}
    assert worker.post("/api/items/5", "").text == f"put_item {app.root}"
    assert (worker.get("/api/items/x").status, worker.get("/api/ignored").status) == (404, 404)
    container = azurite.blobs.get_container_client(unique)
    blobs = wait_for(lambda: container.exists() and list(container.list_blobs()), "the message is copied")
    assert blobs[0].name.startswith("1-")
    assert container.download_blob(blobs[0].name).readall() == b"5"


def test_function_level_keys_are_the_default(app: AppFolder, index: Index) -> None:
    app.file(
        "function_app.py",
        """
        import azure.functions as func
        app = func.FunctionApp()
        also = app

        @app.route(route="a")
        def a(req): pass

        @app.route(route="b", auth_level="anonymous")
        def b(req): pass
        """,
    )
    functions = index()
    assert {name: entry["trigger"]["authLevel"] for name, entry in functions.items()} == {
        "a": "function",
        "b": "anonymous",
    }


def test_broken_functions_stand_beside_healthy_ones(app: AppFolder, index: Index, launch: Launch) -> None:
    """What upstream's library refuses for one function hides no other one."""
    script(
        app,
        """
        @app.route()
        def healthy(req): return "healthy"

        @app.queue_output(arg_name="out", queue_name="q", connection="")
        def no_trigger(out): pass

        @app.route()
        @app.queue_trigger(arg_name="t", queue_name="queue", connection="")
        def two_triggers(req, t): pass

        @app.route(route="one")
        @app.function_name("twice")
        def one(req): return "one"

        @app.route(route="two")
        @app.function_name("twice")
        def two(req): return "two"

        @app.function_name("9lives")
        @app.route()
        def cat(req): pass

        @app.route()
        def mismatch(request): pass

        @app.queue_trigger(arg_name="m", queue_name="queue", connection="Other")
        def connection(m): pass

        @app.generic_trigger(arg_name="m", type="carrierPigeonTrigger")
        def pigeon(m): pass

        @app.route(route="HEALTHY")
        def z_collides(req): pass
        """,
    )
    errors = {name: entry["error"] for name, entry in index().items()}
    assert errors.pop("healthy") is None
    assert {name: error["reason"] for name, error in errors.items()} == {
        "no_trigger": "NoTrigger",
        "two_triggers": "SeveralTriggers",
        "twice": "FunctionNameInvalid",
        "9lives": "FunctionNameInvalid",
        "mismatch": "SignatureMismatch",
        "connection": "SettingMissing",
        "pigeon": "BindingNotSupported",
        "z_collides": "RouteCollision",
    }
    assert errors["no_trigger"]["message"] == (
        "function_app.py: function 'no_trigger' has no trigger: decorate it with one"
    )
    assert errors["two_triggers"]["message"].startswith("function_app.py: function 'two_triggers': ")
    assert errors["twice"]["message"] == "function_app.py: two functions are named 'twice': rename one of them"
    worker = launch().wait_ready()
    assert worker.get("/api/healthy").text == "healthy"
    assert (worker.get("/api/one").status, worker.get("/api/two").status) == (404, 404)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "import azure.functions\nimport helper",
            "cannot import function_app.py: ModuleNotFoundError: No module named 'not_there' (helper.py, line 2):"
            " is the package in requirements.txt?",
        ),
        ("x = (", "cannot import function_app.py: SyntaxError: '(' was never closed (function_app.py, line 1)"),
        ("import sys\nsys.exit(3)", "cannot import function_app.py: SystemExit: 3 (function_app.py, line 2)"),
        ("import os\nos._exit(7)", "cannot import function_app.py: the process ended (exit code 7)"),
        ("import azure.functions as f\nb = f.Blueprint()", "function_app.py: has no function app"),
        (
            "import azure.functions as f\na = f.FunctionApp()\nb = f.FunctionApp()",
            "function_app.py: has several function apps (a, b)",
        ),
        (
            "import azure.functions as f\nclass A(f.FunctionApp):\n"
            "  def get_functions(self): raise KeyError('x')\na=A()",
            "function_app.py: its functions cannot be listed: KeyError: 'x'",
        ),
    ],
)
def test_a_script_that_cannot_be_used_says_why(app: AppFolder, code: str, message: str) -> None:
    app.file("helper.py", "\nimport not_there").file("function_app.py", code)
    done = subprocess.run([FUNCAPP, "index", str(app.root)], env=environment(), capture_output=True, text=True)
    assert done.returncode == 1
    assert f"funcapp: {message}" in done.stderr


def test_an_sdk_of_the_app_that_is_too_old_says_so(app: AppFolder) -> None:
    app.file(".python_packages/lib/site-packages/azure/functions/__init__.py", "class HttpRequest: pass")
    app.file("function_app.py", "import azure.functions")
    done = subprocess.run([FUNCAPP, "index", str(app.root)], env=environment(), capture_output=True, text=True)
    assert done.returncode == 1
    assert "does not know decorators: require azure-functions>=1.13" in done.stderr


def test_a_worker_whose_script_fails_ends_with_the_reason(app: AppFolder, launch: Launch) -> None:
    app.file("function_app.py", "raise RuntimeError('no database')")
    worker = launch()
    assert worker.wait_ended() == 1
    assert worker.records(level="CRITICAL")[-1]["message"] == (
        "cannot import function_app.py: RuntimeError: no database (function_app.py, line 1)"
    )


def test_another_script_by_its_setting(app: AppFolder, index: Index) -> None:
    script(app, "@app.route()\ndef hello(req): pass", "main_app.py")
    assert index(PYTHON_SCRIPT_FILE_NAME="main_app.py").keys() == {"hello"}
    for name, part in (("../x.py", "must be the name of a Python file"), ("absent.py", "is not in the app")):
        settings = environment(PYTHON_SCRIPT_FILE_NAME=name)
        done = subprocess.run([FUNCAPP, "index", str(app.root)], env=settings, capture_output=True, text=True)
        assert (done.returncode, part in done.stderr) == (1, True)


def test_processes_that_disagree_fail_for_that_function_alone(app: AppFolder, launch: Launch) -> None:
    script(
        app,
        """
        import os

        @app.route(route=f"at-{os.getpid()}")
        def changing(req): return "changing"

        @app.route()
        def same(req): return "same"
        """,
    )
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT="2").wait_ready()
    assert worker.wait_for_record("function_app.py declares it differently each time")
    assert {worker.get("/api/same").text for _ in range(4)} == {"same"}


ASGI = """
import azure.functions as func

async def serve(scope, receive, send):
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        scope["state"]["began"] = "began"
        await send({"type": "lifespan.startup.complete"})
        return
    body = (await receive())["body"]
    text = f"{scope['method']} {scope['path']} {body.decode()} {scope['state']['began']}"
    headers = [(b"content-type", b"text/plain"), (b"x-app", b"asgi")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})

app = func.AsgiFunctionApp(serve, http_auth_level=func.AuthLevel.ANONYMOUS)
"""

WSGI = """
import azure.functions as func

def serve(environ, start_response):
    start_response("201 Created", [("Content-Type", "text/plain"), ("x-app", "wsgi")])
    body = environ["wsgi.input"].read()
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {body.decode()} began".encode()]

app = func.WsgiFunctionApp(serve, http_auth_level=func.AuthLevel.ANONYMOUS)
"""


@pytest.mark.parametrize(("kind", "code"), [("asgi", ASGI), ("wsgi", WSGI)])
def test_an_app_of_another_framework(app: AppFolder, launch: Launch, index: Index, kind: str, code: str) -> None:
    """AsgiFunctionApp and WsgiFunctionApp are one function for every path."""
    app.host(extensions={"http": {"routePrefix": ""}})
    app.file("function_app.py", code)
    (function,) = index().values()
    assert (function["name"], function["error"], function["trigger"]["route"]) == ("http_app_func", None, "{*route}")
    worker = launch().wait_ready()
    response = worker.post("/a/b", "hello")
    assert (response.status, response.text) == (201, "POST /a/b hello began")
    assert response.headers["x-app"] == kind
    assert worker.get("/").text == "GET /  began"


def test_settings_are_there_while_the_script_is_imported(app: AppFolder, index: Index) -> None:
    script(app, "import os\n@app.route(route=os.environ['PART'])\ndef f(req): pass")
    assert index(PART="there")["f"]["trigger"]["route"] == "there"
