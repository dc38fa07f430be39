import json
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
        route_prefix="",
        functions=("b",),
        queues=host_json.QueueOptions(8, 4, 5, 30.0, 0.5, "none"),
    )


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
