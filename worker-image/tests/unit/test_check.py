"""What `funcapp check` says of an app, before anything of it runs."""

import json
from pathlib import Path

import pytest
from support.apps import HTTP_RETURN, AppFolder, blob, http_trigger, queue_trigger

from funcapp.check import app as apps
from funcapp.check import report, services, settings
from funcapp.check.findings import Report
from funcapp.check.settings import AppSettings
from funcapp.errors import AppError, ConfigurationError

STORAGE = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}


@pytest.fixture
def app(tmp_path: Path) -> AppFolder:
    return AppFolder(tmp_path)


def check(app: AppFolder, index: AppError | None = None, **values: str) -> Report:
    return apps.check(app.root, AppSettings({**STORAGE, **values}, []), (3, 13), index)


def verdicts(found: Report) -> dict[str, str]:
    return {function.name: function.verdict for function in found.functions}


def messages(found: Report) -> str:
    every = [*found.findings, *(finding for function in found.functions for finding in function.findings)]
    return "\n".join(f"{finding.subject}: {finding.message}" for finding in every)


def test_function_json_apps_are_judged_function_by_function(app: AppFolder) -> None:
    bus = {"type": "serviceBusTrigger", "direction": "in", "name": "msg", "queueName": "q", "connection": "Bus"}
    table = {"type": "table", "direction": "out", "name": "rows", "tableName": "t"}
    app.function("hello", "import nowhere", http_trigger(), HTTP_RETURN)
    app.function("worker", "", queue_trigger("jobs"), blob("out", "done/{id}", "out"))
    app.function("orders", "", bus)
    app.function("rows", "", http_trigger(route="rows"), HTTP_RETURN, table)
    app.function("unset", "", queue_trigger("jobs", connection="Elsewhere"))
    app.function("named", "", queue_trigger("%QUEUE%"))
    app.function("wrong", "", queue_trigger("No Queue"))
    app.function("both", "", queue_trigger("No Queue", connection="Elsewhere"))
    app.file("broken/function.json", '{"bindings": [}')
    found = check(app)
    assert verdicts(found) == {
        "both": "notSupported",
        "broken": "notSupported",
        "hello": "runs",
        "named": "runs",
        "orders": "notSupported",
        "rows": "notSupported",
        "unset": "runs",
        "worker": "runs",
        "wrong": "notSupported",
    }
    text = report.to_text(found)
    assert "Azure Service Bus is not supported: send the work through a storage queue" in " ".join(text.split())
    assert "call the azure-data-tables library" in text
    assert "QUEUE: is not set, and needed by named" in text
    assert "Elsewhere: is not set, and needed by both, unset" in text
    assert "broken/function.json: line 1" in text
    assert text.endswith("9 functions: 4 run, 5 not supported")
    assert not found.all_run


def test_decorator_apps_are_read_when_they_cannot_be_loaded(app: AppFolder) -> None:
    app.file(
        "function_app.py",
        """\
        import azure.functions as func, a_package_that_is_not_here
        from more import blueprint
        app = func.FunctionApp()
        app.register_functions(blueprint)

        @app.function_name("first")
        @app.route(route="x")
        @app.queue_output(arg_name="out", queue_name="jobs", connection="AzureWebJobsStorage")
        async def hello(req): ...

        @app.event_grid_trigger(arg_name="event")
        def events(event): ...

        @app.generic_trigger(arg_name="row", type="sqlTrigger")
        def rows(row): ...

        def helper(): ...
        """,
    )
    app.file(
        "more.py",
        """\
        import azure.functions as func
        blueprint = func.Blueprint()

        @blueprint.service_bus_topic_trigger(arg_name="msg", topic_name="t", subscription_name="s", connection="c")
        def topics(msg): ...

        @blueprint.queue_trigger("msg", "jobs", connection="Elsewhere")
        def jobs(msg): ...

        @blueprint.blob_trigger(arg_name="b", path="in/{n}", connection="C", source=func.BlobSource.EVENT_GRID)
        def pushed(b): ...
        """,
    )
    app.file("tests/test_app.py", "@app.route()\ndef not_a_function(): ...").file(".funcignore", "tests")
    found = check(app, AppError("FunctionAppInvalid", "ModuleNotFoundError: a_package_that_is_not_here"))
    assert verdicts(found) == {
        "events": "notSupported",
        "first": "runs",
        "jobs": "runs",
        "pushed": "notSupported",
        "rows": "notSupported",
        "topics": "notSupported",
    }
    assert [function.trigger for function in found.functions][:2] == ["eventGridTrigger", "httpTrigger"]
    assert "decorators were read instead: ModuleNotFoundError" in messages(found)


def test_a_whole_asgi_app(app: AppFolder) -> None:
    app.file("function_app.py", "import azure.functions as func, site_\napp = func.AsgiFunctionApp(app=site_.app)")
    assert verdicts(check(app)) == {"http_app_func": "runs"}


@pytest.mark.parametrize(
    "kind",
    [
        *("serviceBus", "eventHubTrigger", "table", "orchestrationTrigger", "durableClient", "eventGridTrigger"),
        *("cosmosDB", "cosmosDBTrigger", "signalR", "signalRConnectionInfo", "kafkaTrigger", "sendGrid", "twilioSms"),
        *("rabbitMQTrigger", "sqlTrigger", "daprTopicTrigger", "mcpToolTrigger", "assistantPost", "warmupTrigger"),
    ],
)
def test_every_binding_of_another_service_has_an_alternative(kind: str) -> None:
    text = services.advice(kind)
    assert " not supported: " in text
    assert not text.startswith(kind)


@pytest.mark.parametrize(
    ("name", "value", "message", "blocks"),
    [
        ("SECRET", "@Microsoft.KeyVault(SecretUri=https://v.example/s)", "External Secrets Operator", True),
        ("FUNCTIONS_WORKER_RUNTIME", "node", "only Python apps run here", True),
        ("FUNCTIONS_EXTENSION_VERSION", "~4", "ignored here", False),
        ("WEBSITE_RUN_FROM_PACKAGE", "1", "spec.source", False),
        ("WEBSITE_TIME_ZONE", "UTC", "honoured by timers", False),
        ("WEBSITE_AUTH_ENABLED", "True", "authenticating proxy", True),
        ("WEBSITE_AUTH_ENABLED", "false", "authenticating proxy", False),
        ("Section:Key", "x", "write Section__Key", False),
        ("FUNCAPP_NAME", "x", "reserved for the runtime", True),
        ("PYTHONPATH", "/x", "reserved for the runtime", True),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=x", "OTEL_EXPORTER_OTLP_ENDPOINT", False),
    ],
)
def test_settings(app: AppFolder, name: str, value: str, message: str, blocks: bool) -> None:
    app.function("hello", "", http_trigger(), HTTP_RETURN)
    found = check(app, **{name: value})
    (finding,) = found.findings
    assert finding.subject == name
    assert message in finding.message
    assert found.all_run is not blocks
    assert "v.example" not in messages(found)


def test_settings_that_need_no_word(app: AppFolder) -> None:
    app.function("hello", "", http_trigger(), HTTP_RETURN)
    found = check(app, FUNCTIONS_WORKER_RUNTIME="python", FUNCTIONS_WORKER_PROCESS_COUNT="2", MINE="x")
    assert found.findings == []


@pytest.mark.parametrize(
    ("content", "slots"),
    [
        ([{"name": "A", "value": "1", "slotSetting": False}, {"name": "B", "value": None, "slotSetting": True}], ["B"]),
        ({"A": "1", "B": ""}, []),
        ({"IsEncrypted": False, "Values": {"A": "1", "B": ""}}, []),
    ],
)
def test_forms_of_app_settings(content: object, slots: list[str]) -> None:
    assert settings.read(json.dumps(content).encode(), "f") == AppSettings({"A": "1", "B": ""}, slots)


@pytest.mark.parametrize("content", ["[1]", "3", "{"])
def test_app_settings_that_cannot_be_read(content: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^f\.json: "):
        settings.read(content.encode(), "f.json")


@pytest.mark.parametrize(
    ("requirements", "message"),
    [
        ("azure-functions==1.21.3", "allow version 2"),
        ("azure_functions<2 # old", "allow version 2"),
        ("azure-functions-durable>=1.2", "Durable Functions"),
        (
            "azure-functions\nazure-functions>=1.20\nazure-functions==2.*\nrequests[socks]==2.0 --hash=sha256:ab\n-r x",
            "",
        ),
    ],
)
def test_requirements(app: AppFolder, requirements: str, message: str) -> None:
    app.function("hello", "", http_trigger(), HTTP_RETURN).file("requirements.txt", requirements)
    found = messages(check(app))
    assert message in found if message else found == ""
    assert not message or "requirements.txt, line 1" in found


def test_host_json_and_what_is_no_longer_read(app: AppFolder) -> None:
    app.function("hello", "", http_trigger(), HTTP_RETURN).file("proxies.json", "{}")
    app.host(extensionBundle={"id": "x"}, extensions={"durableTask": {}, "queues": {"batchSize": 3}})
    found = messages(check(app))
    assert "extensionBundle is ignored" in found
    assert "extensions.durableTask is ignored: Durable Functions" in found
    assert "proxies are not supported" in found
    app.host(extensions={"queues": {"batchSize": 99}})
    assert "batchSize" in messages(check(app))


def test_an_app_without_functions(app: AppFolder) -> None:
    found = check(app)
    assert not found.all_run
    assert "there are no functions" in messages(found)


def test_reserved_settings_are_those_that_the_schema_refuses() -> None:
    schema = (Path(__file__).parents[3] / "crds" / "functionapps.functionapp.dev.yaml").read_text()
    assert f"!name.matches('^({settings.RESERVED.pattern})$')" in schema
