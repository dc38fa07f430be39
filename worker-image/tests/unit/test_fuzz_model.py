"""Whatever an app's files say: they are read, or refused with a message that names the place."""

import json
from pathlib import Path
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from funcapp.errors import AppError, FunctionError, FunctionReason
from funcapp.model import app as apps
from funcapp.model import expressions, host_json, routes
from funcapp.model.app import App
from funcapp.model.function import Function, FunctionSource

ENVIRONMENT = {"AzureWebJobsStorage": "UseDevelopmentStorage=true", "Q": "queue", "Cloud__serviceUri": "http://a"}

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "queue", "-1", "00:00:10", "%Q%", "{id}", "$return", "none", "photos/{name}.png", "Cloud"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


def any_case(names: list[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda name, change: change(name), st.sampled_from(names), st.sampled_from([str, str.upper]))


def objects(names: list[str], special: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Mostly with good values where `special` has some, so that what comes after them is reached, too."""

    def entry(name: str) -> st.SearchStrategy[tuple[str, Any]]:
        good = special.get(name.lower(), values)
        return st.tuples(st.just(name), st.one_of(good, good, good, good, values))

    return st.lists(any_case(names).flatmap(entry), max_size=8).map(dict)


TYPES = ["httpTrigger", "http", "queueTrigger", "queue", "blobTrigger", "blob", "timerTrigger", "x", "xTrigger"]
BINDING_NAMES = ["type", "name", "direction", "dataType", "queueName", "connection", "path", "route", "methods"]
bindings = objects(
    [*BINDING_NAMES, "authLevel", "schedule", "runOnStartup", "useMonitor", "source"],
    {
        "type": any_case(TYPES),
        "name": st.sampled_from(["req", "msg", "out", "$return"]),
        "direction": any_case(["in", "out"]),
        "datatype": any_case(["string", "binary"]),
        "methods": st.lists(any_case(["get", "post"]), max_size=2),
        "schedule": st.sampled_from(["0 */5 * * * *", "00:00:05", "* * *"]),
        "queuename": st.sampled_from(["queue", "{id}", "%Q%"]),
        "connection": st.sampled_from(["", "Cloud", "AzureWebJobsStorage"]),
        "path": st.sampled_from(["photos/{name}", "photos/a.png", "{a}/{b}"]),
        "route": st.sampled_from(["items/{id:int?}", "a", "{*rest}"]),
        "authlevel": any_case(["anonymous", "function"]),
    },
)
retries = objects(
    ["strategy", "maxRetryCount", "delayInterval", "minimumInterval", "maximumInterval", "max_retry_count"],
    {"strategy": any_case(["fixedDelay", "exponential_backoff"])},
)
documents = objects(
    ["bindings", "disabled", "entryPoint", "scriptFile", "retry"],
    {"bindings": st.lists(bindings, min_size=1, max_size=3), "retry": retries},
)


@settings(max_examples=100, deadline=None)
@given(st.lists(bindings, min_size=1, max_size=3), documents)
def test_function_documents(some_bindings: list[dict[str, Any]], document: dict[str, Any]) -> None:
    source = FunctionSource("f", "f/__init__.py", {"bindings": some_bindings, **document})
    app = apps.build(App(Path("/app"), host_json.HostOptions()), {"f": source}, ENVIRONMENT)
    if "f" in app.functions:
        assert isinstance(app.functions["f"], Function)
        return
    error = app.errors["f"]
    assert isinstance(error, FunctionError)
    assert error.reason in get_args(FunctionReason)
    assert error.message.startswith("f/function.json: ")
    assert len(error.message) > len("f/function.json: ")


HTTP_NAMES = ["routePrefix", "maxOutstandingRequests", "maxConcurrentRequests", "customHeaders", "hsts"]
QUEUE_NAMES = ["batchSize", "newBatchThreshold", "maxDequeueCount", "visibilityTimeout", "messageEncoding", "functions"]
sections = {
    "http": objects(
        [*HTTP_NAMES, "dynamicThrottlesEnabled"],
        {"hsts": objects(["isEnabled", "maxAge", "preload", "excludedHosts"], {})},
    ),
    "queues": objects(
        [*QUEUE_NAMES, "maxPollingInterval"],
        {"functions": st.dictionaries(st.text(max_size=5), objects(QUEUE_NAMES, {}), max_size=2)},
    ),
    "blobs": objects(["maxDegreeOfParallelism", "poisonBlobThreshold"], {}),
}
hosts = objects(
    ["version", "functionTimeout", "functions", "extensions", "logging", "concurrency"],
    {
        "extensions": objects(list(sections), sections),
        "logging": objects(["logLevel"], {"loglevel": st.dictionaries(st.text(max_size=5), st.just("Error"))}),
    },
)
overrides = st.dictionaries(
    st.lists(
        st.sampled_from(["extensions", "http", "queues", "functions", "routePrefix", "logging", "logLevel", "0", ""]),
        min_size=1,
        max_size=4,
    ).map(lambda parts: host_json.OVERRIDE_PREFIX + "__".join(parts)),
    st.text(max_size=5),
    max_size=2,
)


@settings(max_examples=100, deadline=None)
@given(hosts | values, overrides)
def test_host_documents(document: Any, environment: dict[str, str]) -> None:
    if isinstance(document, dict):
        document = {"version": "2.0", **document}
    read_host(json.dumps(document).encode(), environment)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_host_files_of_any_bytes(content: bytes) -> None:
    read_host(content, {})


def read_host(content: bytes, environment: dict[str, str]) -> None:
    try:
        options = host_json.parse(content, environment, processors=2)
    except AppError as error:
        assert error.reason == "HostJsonInvalid"
        assert error.message.startswith("host.json: ")
    else:
        assert options.queues_of("f").concurrency >= 1
        assert isinstance(options.logging.level_of("Function.f"), int)


pieces = st.sampled_from(
    ["{", "}", "{{", "}}", "/", "*", "?", ":", "=", "(", ")", "id", "int", "regex(^a)", "range(1,2)"]
)
templates = st.lists(pieces | st.text(max_size=3), max_size=12).map("".join)


@settings(max_examples=200, deadline=None)
@given(templates, st.lists(st.text(max_size=5) | st.sampled_from(["1", "id", "a"]), max_size=4))
def test_route_templates(text: str, path: list[str]) -> None:
    try:
        template = routes.parse(text)
    except routes.RouteError as error:
        assert str(error).startswith(f"'{text}': ")
        return
    found = template.match(path)
    assert found is None or all(isinstance(value, str) for value in found.values())
    assert routes.parse(template.text) == template or template.text != text


words = st.sampled_from(
    ["{", "}", "{{", "}}", ".", ":", "id", "rand-guid", "DateTime", "sys.", "yyyy", "N", "headers", "%"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(words | st.text(max_size=3), max_size=10).map("".join),
    st.dictionaries(st.text(max_size=5) | st.just("id"), values, max_size=3),
)
def test_expression_templates(text: str, data: dict[str, Any]) -> None:
    try:
        template = expressions.parse(text)
    except expressions.ExpressionError as error:
        assert str(error).startswith(f"'{text}': ")
        return
    assert (template.text, expressions.parse(template.text)) == (text, template)
    try:
        resolved = template.resolve(data, method="f")
    except expressions.ExpressionError as error:
        assert any(name in str(error) for name in template.names)
    else:
        assert isinstance(resolved, str)
