"""The index, against the example that docs/architecture.md shows and the operator's tests hold, too."""

import json
import os
from pathlib import Path

from support.apps import HTTP_RETURN, AppFolder, blob_trigger, http_trigger, queue_trigger, timer_trigger

from funcapp.errors import FunctionError
from funcapp.model import app, index

EXAMPLE = json.loads(Path(__file__).with_name("index.json").read_text())


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
    built = index.build(found, {}, EXAMPLE["revision"], EXAMPLE["package"])
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
    (function,) = index.build(app.read(folder, {}, processors=1), {}, None, None)["functions"]
    assert function["error"]["reason"] == "FunctionNameInvalid"
    assert json.dumps(function, ensure_ascii=False).encode()


def test_an_error_that_only_loading_shows_keeps_the_trigger(tmp_path: Path) -> None:
    AppFolder(tmp_path).function("a", "", http_trigger(), HTTP_RETURN)
    found = app.read(tmp_path, {}, processors=1)
    (function,) = index.build(found, {"a": FunctionError("ImportFailed", "why")}, None, None)["functions"]
    assert function["error"] == {"reason": "ImportFailed", "message": "why"}
    assert function["trigger"]["route"] == "a"
