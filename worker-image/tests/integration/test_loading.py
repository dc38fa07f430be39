"""Broken functions beside healthy ones, imports, dependencies."""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from support.apps import HTTP_RETURN, AppFolder, blob, http_trigger, queue_output, queue_trigger, timer_trigger
from support.packages import site_packages
from support.worker import FUNCAPP, Worker, environment

Launch = Callable[..., Worker]
Index = Callable[..., dict[str, Any]]

HEALTHY = "def main(req): return 'healthy'"


def broken(app: AppFolder) -> dict[str, tuple[str, str]]:
    """Functions that do not load; by name the reason, and a part of the message."""
    code = "def main(req): return 'x'"
    http = (http_trigger(), HTTP_RETURN)
    app.file("not_json/function.json", '{\n  "bindings": [}\n}')
    app.file("no_object/function.json", "[]")
    app.file("utf16/function.json", b"\xff\xfe\x00\xd8")
    app.function("no_bindings", code)
    app.function("no_trigger", code, HTTP_RETURN)
    app.function("two_triggers", code, http_trigger(), queue_trigger("queue"))
    app.function("twice", code, http_trigger(), {**HTTP_RETURN, "name": "req"})
    app.function("unknown", code, {"type": "carrierPigeonTrigger", "name": "req", "direction": "in"})
    app.function("inout", code, http_trigger(direction="inout"), HTTP_RETURN)
    app.function("return_in", code, http_trigger(), blob("in", "abc/d", "$return"))
    app.function("outside", code, *http, scriptFile="../../secret.py")
    app.function("linked", code, *http, scriptFile="link.py")
    (app.root / "linked" / "link.py").symlink_to("../../secret.py")
    app.function("absent", code, *http, scriptFile="absent.py")
    app.function("entry", code, *http, entryPoint="run")
    app.function("not_callable", "main = 1", *http)
    app.function("syntax", "def main(req:\n", *http)
    app.function("import_error", "import not_there_at_all", *http)
    app.function("raises", "raise RuntimeError('at import')", *http)
    app.function("exits", "import sys; sys.exit(0)", *http)
    app.function("dies", "import os; os._exit(7)", *http)
    app.function("undeclared", "def main(req, more): pass", *http)
    app.function("unused", "def main(): pass", *http)
    app.function("annotation", "import azure.functions as f\ndef main(req: f.QueueMessage): pass", *http)
    app.function("no_out", "def main(req, out: str): pass", http_trigger(), queue_output("queue"))
    app.function("out_in", "import azure.functions as f\ndef main(req: f.Out[str]): pass", *http)
    app.function("context", "def main(req, context: int): pass", *http)
    app.function("returns", "import azure.functions as f\ndef main(req) -> f.Out[str]: pass", *http)
    app.function("setting", code, queue_trigger("%MISSING%"))
    app.function("connection", code, queue_trigger("queue", connection="Other"))
    app.function("identity", code, queue_trigger("queue", connection="Cloud"))
    app.function("queue_name", code, queue_trigger("Not_A_Queue"))
    app.function("reserved", code, http_trigger(route="administrators"), HTTP_RETURN)
    app.function("reserved_too", code, http_trigger(route="runtime/x"), HTTP_RETURN)
    app.function("vault", code, queue_trigger("queue", connection="Vault"))
    app.function("retry", code, *http, retry={"strategy": "fixedDelay", "maxRetryCount": 3})
    app.function("generator", "def main(req): yield 'x'", *http)
    app.function("template", code, http_trigger(route="a/{b"), HTTP_RETURN)
    app.function("z_collides", code, http_trigger(route="HEALTHY", methods=["get"]), HTTP_RETURN)
    app.function("cron", "def main(timer): pass", timer_trigger("61 * * * * *"))
    app.function("9lives", code, *http)
    app.function("host", code, *http)
    (app.root.parent / "secret.py").write_text("def main(req): return 'secret'")
    return {
        "not_json": ("FunctionJsonInvalid", "not_json/function.json: line 2, column 16: expecting value"),
        "no_object": ("FunctionJsonInvalid", "JSON object"),
        "utf16": ("FunctionJsonInvalid", "line 1, column 1: not UTF-16"),
        "no_bindings": ("NoTrigger", "bindings must be a list"),
        "no_trigger": ("NoTrigger", "no binding is a trigger"),
        "two_triggers": ("SeveralTriggers", "req, msg"),
        "twice": ("BindingInvalid", "'req'"),
        "unknown": ("BindingNotSupported", "carrierPigeonTrigger"),
        "inout": ("BindingInvalid", "inout"),
        "return_in": ("BindingInvalid", "$return"),
        "outside": ("ScriptFileOutsideApp", "../../secret.py"),
        "linked": ("ScriptFileOutsideApp", "link.py"),
        "absent": ("ScriptFileNotFound", "absent.py"),
        "entry": ("EntryPointNotFound", "run() is not present in entry/__init__.py"),
        "not_callable": ("EntryPointNotFound", "main()"),
        "syntax": ("ImportFailed", "SyntaxError"),
        "import_error": (
            "ImportFailed",
            "No module named 'not_there_at_all' (import_error/__init__.py, line 1): is the",
        ),
        "raises": ("ImportFailed", "RuntimeError: at import"),
        "exits": ("ImportFailed", "SystemExit"),
        "dies": ("ImportFailed", "exit code 7"),
        "undeclared": ("SignatureMismatch", "declared in Python but not in function.json: more"),
        "unused": ("SignatureMismatch", "declared in function.json but not in Python: req"),
        "annotation": ("SignatureMismatch", "'httpTrigger' does not match its Python annotation 'QueueMessage'"),
        "no_out": ("SignatureMismatch", "not azure.functions.Out"),
        "out_in": ("SignatureMismatch", "remove Out"),
        "context": ("SignatureMismatch", "azure.functions.Context"),
        "returns": ("SignatureMismatch", "return annotation"),
        "setting": ("SettingMissing", "'MISSING'"),
        "connection": ("SettingMissing", "'Other'"),
        "identity": ("SettingInvalid", "'Cloud__accountName' is 'No Account'"),
        "queue_name": ("BindingInvalid", "'not_a_queue'"),
        "reserved": ("RouteInvalid", "admin"),
        "reserved_too": ("RouteInvalid", "runtime"),
        "vault": ("SettingInvalid", "the setting 'Vault' refers to a Key Vault"),
        "retry": ("FunctionJsonInvalid", "retry/function.json: retry.delayInterval: None must be a duration"),
        "generator": ("SignatureMismatch", "it is a generator"),
        "template": ("RouteInvalid", "a/{b"),
        "z_collides": ("RouteCollision", "'healthy'"),
        "cron": ("BindingInvalid", "61 must be from 0 to 59"),
        "9lives": ("FunctionNameInvalid", "starts with a letter"),
        "host": ("FunctionNameInvalid", "not 'host'"),
    }


def test_each_broken_function_has_its_reason_and_healthy_ones_run(app: AppFolder, index: Index, launch: Launch) -> None:
    """`broken` has a function for each reason."""
    expected = broken(app)
    app.function("healthy", HEALTHY, http_trigger(), HTTP_RETURN)
    settings = {"Cloud__accountName": "No Account", "Vault": "@Microsoft.KeyVault(SecretUri=https://vault/secret)"}
    functions = index(**settings)
    assert functions.keys() == {*expected, "healthy"}
    for name, (reason, part) in expected.items():
        error = functions[name]["error"]
        assert error is not None, name
        assert (error["reason"], part in error["message"]) == (reason, True), (name, error)
    assert functions["healthy"]["error"] is None

    worker = launch(**settings).wait_ready()
    assert worker.get("/api/healthy").text == "healthy"
    assert worker.get("/api/syntax").status == 500
    assert worker.get("/api/not_json").status == 404


def test_function_json_as_editors_and_the_decorator_library_write_it(app: AppFolder, index: Index) -> None:
    """Byte order marks, UTF-16, comments, a comma too many and capitals are all read."""
    text = """{ // written by hand
      "SCRIPTFILE": "__init__.py",
      "bindings": [
        {"type": "HTTPTRIGGER", "name": "req", "direction": "IN", "AuthLevel": "ANONYMOUS", "methods": ["GET"],},
        {"type": "http", "name": "$return", "direction": "OUT", "dataType": "STRING"},
      ],
    }"""
    for encoding in ("utf-8-sig", "utf-16", "utf-8"):
        name = encoding.replace("-", "_")
        app.file(f"{name}/function.json", text.encode(encoding)).file(f"{name}/__init__.py", HEALTHY)
    functions = index()
    assert {name: entry["error"] for name, entry in functions.items()} == dict.fromkeys(
        ("utf_8_sig", "utf_16", "utf_8")
    )
    assert functions["utf_16"]["trigger"] == {
        "type": "httpTrigger",
        "route": "utf_16",
        "methods": ["GET"],
        "authLevel": "anonymous",
    }


def test_index_tells_what_the_operator_needs(app: AppFolder, index: Index) -> None:
    app.function("Up_load", HEALTHY, http_trigger(route="photos/{name}", methods=["post", "GET"]), HTTP_RETURN)
    app.function("resize", "def main(msg): pass", queue_trigger("%QUEUE%", connection="Photos"))
    app.function("off", "def main(msg): pass", queue_trigger("other"))
    app.host(extensions={"queues": {"functions": {"resize": {"batchSize": 2, "newBatchThreshold": 3}}}})
    functions = index(
        QUEUE="Photos", AzureWebJobsPhotos="UseDevelopmentStorage=true", **{"AzureWebJobs.off.Disabled": "1"}
    )
    assert functions["Up_load"]["trigger"] == {
        "type": "httpTrigger",
        "route": "photos/{name}",
        "methods": ["GET", "POST"],
        "authLevel": "anonymous",
    }
    assert functions["resize"]["trigger"] == {
        "type": "queueTrigger",
        "queueName": "photos",
        "batchSize": 2,
        "newBatchThreshold": 3,
        "connection": {"setting": "AzureWebJobsPhotos", "form": "ConnectionString"},
    }
    assert (functions["resize"]["disabled"], functions["off"]["disabled"]) == (False, True)


def test_the_four_import_forms_and_a_dependency_before_the_app(app: AppFolder, launch: Launch) -> None:
    app.file("shared/__init__.py", "").file("shared/text.py", "value = 'shared'")
    app.file("six.py", "value = 'of the app'")
    app.file(".python_packages/lib/site-packages/six.py", "value = 'of the dependency'")
    app.function(
        "imports",
        """
        from . import helper
        from ..shared.text import value as relative
        from __app__.shared.text import value as from_app
        from shared.text import value as absolute
        import six, os

        def main(req):
            return f"{__name__} {helper.value} {relative} {from_app} {absolute} {six.value} {os.getcwd()}"
        """,
        http_trigger(),
        HTTP_RETURN,
    ).file("imports/helper.py", "value = 'helper'")
    worker = launch().wait_ready()
    assert worker.get("/api/imports").text == (
        f"__app__.imports helper shared shared shared of the dependency {app.root}"
    )


def test_script_file_and_entry_point_name_another_file_and_function(app: AppFolder, launch: Launch) -> None:
    """A wrong one is an error of that function alone."""
    named = (http_trigger(), HTTP_RETURN)
    app.function("elsewhere", "", *named, scriptFile="../shared/entry.py", entryPoint="run")
    app.file("shared/entry.py", "def run(req): return __name__")
    app.function("beside", "def main(req): return 'not this one'", *named, scriptFile="other.py", entryPoint="Run_2")
    app.file("beside/other.py", "def Run_2(req): return __name__")
    app.function("wrong_file", HEALTHY, *named, scriptFile="not_there.py")
    app.function("wrong_entry", HEALTHY, *named, entryPoint="not_there")
    worker = launch().wait_ready()
    assert worker.get("/api/elsewhere").text == "__app__.shared.entry"
    assert worker.get("/api/beside").text == "__app__.beside.other"
    assert worker.wait_for_record("not_there.py")["level"] == "ERROR"
    assert "not_there() is not present in wrong_entry/__init__.py" in worker.wait_for_record("not_there()")["message"]
    assert worker.get("/api/wrong_entry").status == 500


def test_an_app_without_functions_is_ready(app: AppFolder, launch: Launch) -> None:
    assert launch().wait_ready().get("/").status == 200


@pytest.mark.parametrize("count", ["0", "11", "two"])
def test_process_count_out_of_range_is_refused(app: AppFolder, count: str) -> None:
    done = subprocess.run(
        [FUNCAPP, "start", str(app.root)], env=environment(FUNCTIONS_WORKER_PROCESS_COUNT=count), capture_output=True
    )
    assert done.returncode != 0
    assert (
        f"FUNCTIONS_WORKER_PROCESS_COUNT is '{count}': it must be a whole number from 1 to 10" in done.stderr.decode()
    )


def test_host_json_that_cannot_be_used_says_where(app: AppFolder, launch: Launch) -> None:
    app.host(extensions={"queues": {"batchSize": 33}})
    worker = launch()
    assert worker.wait_ended() == 1
    assert "host.json: extensions.queues.batchSize: 33 must be a whole number from 1 to 32" in worker.lines[-1]


PYDANTIC = """
import functools
from typing import Annotated, Optional
import azure.functions as func
from pydantic import BaseModel, Field, TypeAdapter

class Order(BaseModel):
    number: int
    note: Optional[str] = None

def with_body(function):
    @functools.wraps(function)
    def main(req: func.HttpRequest) -> str:
        return function(Order.model_validate(req.get_json()))
    return main
"""


def test_pydantic_in_signatures(app: AppFolder, launch: Launch, index: Index) -> None:
    """What says no more than that it is text is accepted; a model is what a decorator may make of the request."""
    folder = app.root / ".python_packages" / "lib"
    folder.mkdir(parents=True)
    (folder / "site-packages").symlink_to(site_packages("pydantic==2.12.5"))
    http = (http_trigger(), HTTP_RETURN)
    app.file("models.py", PYDANTIC)
    app.function(
        "order",
        "from models import *\n@with_body\ndef main(order: Order) -> str:\n    return repr(order.number)",
        *http,
    )
    app.function(
        "text",
        "from models import *\ndef main(msg: Annotated[str, Field(max_length=3)]): pass",
        queue_trigger("queue"),
    )
    app.function("model", "from models import *\ndef main(req: Order): pass", *http)
    app.function("optional", "from models import *\ndef main(msg: Order | None): pass", queue_trigger("queue"))
    functions = index()
    assert {name for name, entry in functions.items() if entry["error"] is None} == {"order", "text"}
    assert functions["model"]["error"]["reason"] == "SignatureMismatch"
    assert "'httpTrigger' does not match its Python annotation 'Order'" in functions["model"]["error"]["message"]
    worker = launch(**{"AzureWebJobs.text.Disabled": "1"}).wait_ready()
    assert worker.post("/api/order", '{"number": "7"}').text == "7"
    assert worker.post("/api/order", "{}").status == 500
