import json
import logging
from typing import Any

import pytest

from funcapp.errors import AppError
from funcapp.model import host_json, timespan


def parse(document: Any = None, processors: int = 1, **environment: str) -> host_json.HostOptions:
    content = None if document is None else json.dumps(document).encode()
    return host_json.parse(content, environment, processors)


def test_defaults() -> None:
    assert parse() == parse({"version": "2.0"}) == host_json.HostOptions()
    assert parse(processors=3).queues.new_batch_threshold == 24
    assert host_json.HostOptions().queues.concurrency == 24


def test_values_and_overrides() -> None:
    document = {
        "version": "2.0",
        "functionTimeout": "-1",
        "functions": ["a"],
        "extensions": {
            "http": {"routePrefix": "/v1/"},
            "queues": {
                "batchSize": 4,
                "visibilityTimeout": "00:00:30",
                "maxPollingInterval": "00:00:00.5",
                "messageEncoding": "None",
            },
        },
    }
    options = parse(
        document,
        AzureFunctionsJobHost__extensions__queues__BatchSize="8",
        AzureFunctionsJobHost__extensions__http__routePrefix="",
        AzureFunctionsJobHost__functions__0="b",
    )
    assert options == host_json.HostOptions(
        function_timeout=None,
        http=host_json.HttpOptions(route_prefix=""),
        functions=("b",),
        queues=host_json.QueueOptions(8, 4, 5, 30.0, 0.5, "none"),
    )


def test_http_options() -> None:
    http = {
        "maxOutstandingRequests": 20,
        "maxConcurrentRequests": -1,
        "dynamicThrottlesEnabled": "True",
        "customHeaders": {"X-Content-Type-Options": "nosniff"},
        "hsts": {"isEnabled": True, "maxAge": "10", "preload": True, "excludedHosts": ["example.org"]},
    }
    options = parse({"version": "2.0", "extensions": {"http": http}}, processors=2)
    assert options.http == host_json.HttpOptions(
        max_outstanding_requests=20,
        dynamic_throttles_enabled=True,
        custom_headers={"X-Content-Type-Options": "nosniff"},
        hsts=host_json.HstsOptions(864_000.0, preload=True, excluded_hosts=("example.org",)),
    )
    assert options.http.hsts is not None
    assert options.http.hsts.header == "max-age=864000; preload"
    assert options.blobs == host_json.BlobOptions(16, 5)
    off = parse({"version": "2.0", "extensions": {"http": {"hsts": {"isEnabled": False}}}})
    assert off.http.hsts is None


def test_queue_options_of_one_function() -> None:
    document = {
        "version": "2.0",
        "extensions": {
            "queues": {
                "batchSize": 8,
                "maxDequeueCount": 3,
                "functions": {"Resize": {"messageEncoding": "none", "batchSize": 2}, "mail": {"maxDequeueCount": 9}},
            }
        },
    }
    options = parse(document, AzureFunctionsJobHost__extensions__queues__functions__resize__visibilityTimeout="00:01")
    assert options.queues_of("resize") == host_json.QueueOptions(2, 1, 3, 60.0, 60.0, "none")
    assert options.queues_of("Mail") == host_json.QueueOptions(8, 4, 9)
    assert options.queues_of("other") == options.queues == host_json.QueueOptions(8, 4, 3)


def test_log_levels_by_the_longest_category() -> None:
    levels = {"default": "Warning", "Function": "Error", "Function.upload.User": "Debug", "Host.Results": "None"}
    options = parse({"version": "2.0", "logging": {"logLevel": levels}}).logging
    expected = {
        "function.upload.user": logging.DEBUG,
        "Function.upload": logging.ERROR,
        "FunctionX": logging.WARNING,
        "Host.Results": 60,
    }
    assert {category: options.level_of(category) for category in expected} == expected
    assert parse().logging.level_of("Function.upload.User") == logging.INFO


def test_sections_for_other_services_are_left_alone() -> None:
    document = {
        "version": "2.0",
        "extensionBundle": {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"},
        "extensions": {"serviceBus": {"maxConcurrentCalls": "many"}},
        "concurrency": {"dynamicConcurrencyEnabled": True},
        "logging": {"applicationInsights": {"samplingSettings": {"isEnabled": True}}, "fileLoggingMode": "never"},
    }
    assert parse(document) == host_json.HostOptions()


@pytest.mark.parametrize(
    ("section", "part"),
    [
        ({"version": "1.0"}, "version: '1.0' must be \"2.0\""),
        ({"version": None}, "version: None"),
        ({"functionTimeout": "soon"}, "functionTimeout: 'soon' is not a duration"),
        ({"functionTimeout": "00:00:00"}, "functionTimeout: '00:00:00' must be longer"),
        ({"functionTimeout": "25:00:00"}, "has 25 hours"),
        ({"functions": "a"}, "functions: 'a' must be a list"),
        ({"extensions": {"queues": {"batchSize": 0}}}, "extensions.queues.batchSize: 0 must be a whole number from 1"),
        ({"extensions": {"queues": {"batchSize": True}}}, "batchSize: True"),
        ({"extensions": {"queues": {"maxDequeueCount": 0}}}, "maxDequeueCount: 0"),
        ({"extensions": {"queues": {"maxPollingInterval": "00:00:00.05"}}}, "must be from 0.1 to 86400 seconds"),
        ({"extensions": {"queues": {"messageEncoding": "hex"}}}, "must be base64 or none"),
        ({"extensions": {"http": {"routePrefix": 1}}}, "extensions.http.routePrefix: 1 must be text"),
        ({"extensions": {"http": 5}}, "extensions.http: 5 must be an object"),
        ({"extensions": {"http": {"maxConcurrentRequests": 0}}}, "maxConcurrentRequests: 0 must be 1 or more, or -1"),
        ({"extensions": {"http": {"customHeaders": {"a b": "c"}}}}, "customHeaders: 'a b' is not the name"),
        (
            {"extensions": {"http": {"customHeaders": {"a": "b\r\nc: d"}}}},
            "customHeaders.a: 'b",
        ),
        ({"extensions": {"http": {"hsts": {"isEnabled": "yes"}}}}, "hsts.isEnabled: 'yes' must be true or false"),
        ({"extensions": {"blobs": {"poisonBlobThreshold": 0}}}, "extensions.blobs.poisonBlobThreshold: 0"),
        ({"extensions": {"queues": {"functions": {"a": 1}}}}, "extensions.queues.functions.a: 1 must be an object"),
        (
            {"extensions": {"queues": {"functions": {"a": {"batchSize": 33}}}}},
            "extensions.queues.functions.a.batchSize: 33 must be a whole number from 1 to 32",
        ),
        ({"logging": {"logLevel": {"Function": "Loud"}}}, "logging.logLevel.Function: 'Loud' must be one of Trace"),
        ({"concurrency": {"dynamicConcurrencyEnabled": 2}}, "concurrency.dynamicConcurrencyEnabled: 2 must be true"),
    ],
)
def test_what_cannot_be_used_is_named(section: dict[str, Any], part: str) -> None:
    with pytest.raises(AppError) as caught:
        parse({"version": "2.0", **section})
    assert caught.value.reason == "HostJsonInvalid"
    assert caught.value.message.startswith("host.json: ")
    assert part in caught.value.message


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:00:02", 2), ("1.02:03:04.5", 93784.5), ("01:30", 5400), ("2", 172_800), ("00:00:00.0000001", 1e-7)],
)
def test_durations(text: str, seconds: float) -> None:
    assert timespan.parse(text) == pytest.approx(seconds)
