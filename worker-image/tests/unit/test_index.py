"""The index, against the example that docs/architecture.md shows and the operator's tests hold, too."""

import json
import os
from pathlib import Path

from support.apps import HTTP_RETURN, AppFolder, blob_trigger, http_trigger, queue_trigger, timer_trigger

from funcapp.errors import FunctionError
from funcapp.model import app, index

EXAMPLE_FILE = Path(__file__).with_name("index.json")
EXAMPLE = json.loads(EXAMPLE_FILE.read_text())
OPERATORS_EXAMPLE = Path(__file__).parents[3] / "operator/src/test/resources/index.json"
INTERNAL_QUEUE = "azure-webjobs-blobtrigger-7d3c4f0a"


def test_the_operator_is_tested_with_the_same_example() -> None:
    assert OPERATORS_EXAMPLE.read_text() == EXAMPLE_FILE.read_text()


def test_an_app_gives_the_example(tmp_path: Path) -> None:
    folder = AppFolder(tmp_path)
    code = "def main(req): pass"
    folder.function("upload", code, http_trigger(route="photos/{name}", methods=["post"]), HTTP_RETURN)
    folder.function("resize", code, queue_trigger("photos"))
    folder.function("nightly", code, timer_trigger("0 0 3 * * *"))
    folder.function("archive", code, blob_trigger("photos/{name}.png"))
    folder.file("broken/function.json", '{\n "a" 1}')
    settings = {"AzureWebJobsStorage": "UseDevelopmentStorage=true", "WEBSITE_TIME_ZONE": "Europe/Berlin"}
    found = app.read(tmp_path, settings, processors=1)
    built = index.build(found, {}, EXAMPLE["revision"], EXAMPLE["package"], settings, INTERNAL_QUEUE)
    assert built.keys() == EXAMPLE.keys()
    by_name = {function["name"]: function for function in built["functions"]}
    expected = {function["name"]: function for function in EXAMPLE["functions"]}
    assert by_name.pop("broken")["error"]["reason"] == expected.pop("broken")["error"]["reason"]
    assert by_name == expected
    assert built["host"] == EXAMPLE["host"]
    assert built["schemaVersion"] == EXAMPLE["schemaVersion"]


def test_a_folder_whose_name_is_no_text_can_be_told(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    AppFolder(folder)
    odd = os.fsencode(folder) + b"/caf\xe9"
    os.mkdir(odd)
    Path(os.fsdecode(odd), "function.json").write_text("{}")
    (function,) = index.build(app.read(folder, {}, processors=1), {}, None, None, {}, INTERNAL_QUEUE)["functions"]
    assert function["error"]["reason"] == "FunctionNameInvalid"
    assert json.dumps(function, ensure_ascii=False).encode()


def test_an_error_that_only_loading_shows_keeps_the_trigger(tmp_path: Path) -> None:
    AppFolder(tmp_path).function("a", "", http_trigger(), HTTP_RETURN)
    found = app.read(tmp_path, {}, processors=1)
    errors = {"a": FunctionError("ImportFailed", "why")}
    (function,) = index.build(found, errors, None, None, {}, INTERNAL_QUEUE)["functions"]
    assert function["error"] == {"reason": "ImportFailed", "message": "why"}
    assert function["trigger"]["route"] == "a"


def test_what_the_operator_needs_to_watch_a_queue(tmp_path: Path) -> None:
    """A function's own limits, and the account of an identity, for which there is no connection string."""
    folder = AppFolder(tmp_path)
    queues = {"batchSize": 4, "functions": {"own": {"batchSize": 1, "newBatchThreshold": 0}}}
    folder.host(extensions={"queues": queues, "blobs": {"maxDegreeOfParallelism": 3}})
    for name, connection in (("own", "Shop"), ("others", "Cloud"), ("emulated", "Local")):
        folder.function(name, "def main(msg): pass", queue_trigger("photos", connection=connection))
    folder.function("seen", "def main(blob): pass", blob_trigger("photos/{name}", connection="Pictures"))
    settings = {
        "AzureWebJobsShop__accountName": "shop",
        "AzureWebJobsShop__clientId": "00000000-0000-4000-8000-000000000001",
        "AzureWebJobsShop__clientSecret": "c2VjcmV0",
        "AzureWebJobsShop__tenantId": "t",
        "Cloud__queueServiceUri": "https://orders.queue.core.chinacloudapi.cn",
        "Local__queueServiceUri": "http://azurite.shop.svc:10001/devstoreaccount1",
        "Pictures__blobServiceUri": "https://pictures.blob.core.windows.net",
        "AzureWebJobsStorage__accountName": "host",
    }
    found = app.read(tmp_path, settings, processors=1)
    built = index.build(found, {}, None, None, settings, INTERNAL_QUEUE)
    assert "c2VjcmV0" not in json.dumps(built)
    triggers = {function["name"]: function["trigger"] for function in built["functions"]}

    def connection(setting: str, account: str | None, suffix: str | None, client: str | None) -> dict[str, str | None]:
        own = {"accountName": account, "endpointSuffix": suffix, "clientId": client}
        return {"setting": setting, "form": "Identity", **own}

    own = connection("AzureWebJobsShop", "shop", "core.windows.net", "00000000-0000-4000-8000-000000000001")
    assert triggers["own"] == {
        **{"type": "queueTrigger", "queueName": "photos", "batchSize": 1, "newBatchThreshold": 0},
        "connection": own,
    }
    assert (triggers["others"]["batchSize"], triggers["others"]["newBatchThreshold"]) == (4, 2)
    assert triggers["others"]["connection"] == connection("Cloud", "orders", "core.chinacloudapi.cn", None)
    assert triggers["emulated"]["connection"] == connection("Local", None, None, None)
    assert triggers["seen"]["connection"] == connection("Pictures", "pictures", "core.windows.net", None)
    assert triggers["seen"]["internalQueue"] == {
        "queueName": INTERNAL_QUEUE,
        "maxDegreeOfParallelism": 3,
        "connection": connection("AzureWebJobsStorage", "host", "core.windows.net", None),
    }
