import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from funcapp.errors import FunctionError
from funcapp.host.triggers.blob_message import BlobEvent
from funcapp.host.triggers.blob_metadata import binding_data
from funcapp.host.triggers.blob_scan import read_latest_scan
from funcapp.model import function as functions
from funcapp.model.bindings.blob import BlobTrigger
from funcapp.model.function import FunctionSource

STORAGE = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}


def trigger(environment: dict[str, str] = STORAGE, **properties: Any) -> BlobTrigger:
    binding = {"name": "blob", "type": "blobTrigger", "path": "photos/{name}", **properties}
    found = functions.parse(FunctionSource("f", "f/__init__.py", {"bindings": [binding]}), environment).trigger
    assert isinstance(found, BlobTrigger)
    return found


def test_path_with_settings_and_the_connection_of_its_own() -> None:
    found = trigger({**STORAGE, "FOLDER": "in", "Other": "UseDevelopmentStorage=true"}, path="photos/%FOLDER%/{name}")
    assert (found.path.container, found.path.match("in/x")) == ("photos", {"name": "x"})
    found = trigger({**STORAGE, "Other": "UseDevelopmentStorage=true"}, connection="Other", source=None)
    assert found.connection.setting == "Other"


@pytest.mark.parametrize(
    ("properties", "environment", "reason", "message"),
    [
        ({"source": "EventGrid"}, STORAGE, "BindingNotSupported", "queueTrigger"),
        ({"source": "Elsewhere"}, STORAGE, "BindingInvalid", "LogsAndContainerScan"),
        ({"path": "{c}/x"}, STORAGE, "BindingInvalid", "braces in its container"),
        ({"direction": "out"}, STORAGE, "BindingInvalid", "direction"),
        (
            {"connection": "Other"},
            {"Other": "UseDevelopmentStorage=true"},
            "SettingMissing",
            "AzureWebJobsStorage",
        ),
    ],
)
def test_what_cannot_work_says_why(
    properties: dict[str, str], environment: dict[str, str], reason: str, message: str
) -> None:
    with pytest.raises(FunctionError, match=message) as caught:
        trigger(environment, **properties)
    assert caught.value.reason == reason


def test_messages_are_those_of_upstream() -> None:
    event = BlobEvent("resize", "photos", "caf\u00e9/1.png", '"0x8D1"')
    assert json.loads(base64.b64decode(event.encode())) == {
        "Type": "BlobTrigger",
        "FunctionId": "Host.Functions.resize",
        "BlobType": "BlockBlob",
        "ContainerName": "photos",
        "BlobName": "caf\u00e9/1.png",
        "ETag": '"0x8D1"',
    }
    assert BlobEvent.decode(event.encode()) == event


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"[" * 100_000, b"\xff"])
def test_messages_that_are_none(content: bytes) -> None:
    """Somebody else's message, and one that is nested too deeply, is not a reason to end."""
    with pytest.raises(ValueError):
        BlobEvent.decode(base64.b64encode(content).decode())
    with pytest.raises(ValueError):
        BlobEvent.decode("not base64")


@pytest.mark.parametrize(
    ("content", "moment"),
    [
        (b'{"LatestScan":"2026-06-22T14:21:17.1234567+00:00"}', datetime(2026, 6, 22, 14, 21, 17, tzinfo=timezone.utc)),
        (b'{"LatestScan":"2026-06-22T14:21:17Z"}', datetime(2026, 6, 22, 14, 21, 17, tzinfo=timezone.utc)),
        (b'{"LatestScan":"2026-06-22T14:21:17"}', datetime(2026, 6, 22, 14, 21, 17, tzinfo=timezone.utc)),
        (b'{"LatestScan":"yesterday"}', None),
        (b"[]", None),
        (b"\xff", None),
    ],
)
def test_cursor_of_upstream_is_read(content: bytes, moment: datetime | None) -> None:
    assert read_latest_scan(content) == moment


def test_captures_win_over_metadata() -> None:
    assert binding_data({"Uri": "u", "BlobTrigger": "b"}, {"uri": "mine"}) == {"BlobTrigger": "b", "uri": "mine"}
