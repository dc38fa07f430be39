"""`funcapp prepare build` and `verify`, and the worker that starts from what they stored."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.azurite import Azurite
from support.preparing import Prepare
from support.worker import Worker


@pytest.fixture
def prepare(tmp_path: Path, azurite: Azurite, unique: str) -> Prepare:
    return Prepare(tmp_path, azurite, unique)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A package index that is a folder, with one distribution."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "greeting-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("greeting.py", "TEXT = 'hello from a requirement'")
        wheel.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        wheel.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("greeting-1.0.dist-info/RECORD", "")
    return folder


def offline(wheels: Path) -> dict[str, str]:
    return {"FUNCAPP_PIP_ARGUMENTS": f"--no-index --find-links '{wheels}'", "PIP_FIND_LINKS": ""}


def greet(source: AppFolder) -> None:
    source.function("greet", "import greeting\ndef main(req): return greeting.TEXT", http_trigger(), HTTP_RETURN)
    source.file("requirements.txt", "greeting\n")


def test_from_source_to_a_worker(prepare: Prepare, wheels: Path) -> None:
    greet(prepare.source)
    prepare.source.file("broken/function.json", "{")
    assert prepare.step("build", **offline(wheels)) == (0, {"outcome": "Succeeded"}), prepare.output
    assert prepare.note["built"] is True
    assert prepare.step("verify") == (0, {"outcome": "Succeeded"}), prepare.output
    index = json.loads(prepare.stored("revisions/app/rev/index.json"))
    assert (index["schemaVersion"], index["revision"]) == (1, "3f9c0a12be")
    assert index["package"] == {
        "sha256": prepare.note["sha256"],
        "size": prepare.note["size"],
        "distributions": ["greeting==1.0"],
    }
    assert [(entry["name"], bool(entry["error"])) for entry in index["functions"]] == [
        ("broken", True),
        ("greet", False),
    ]

    package_file = prepare.run / "package" / "package.json"
    worker_root = prepare.run / "worker"
    worker_root.mkdir()
    (worker_root / "left over").write_text("from a start that was cut off")
    wrong = {**index["package"], "url": prepare.url("packages/app/key.zip", "c")}
    package_file.write_text(json.dumps(wrong))
    settings = {"FUNCAPP_PACKAGE_FILE": str(package_file), "AzureWebJobsScriptRoot": str(worker_root)}
    worker = Worker(None, settings)
    try:
        worker.wait_for_record("the package is not there yet: the store answers 403")
        assert "sig=" not in "\n".join(worker.lines)
        assert (worker.management("/livez"), worker.management("/readyz")) == (200, 503)
        # The operator renews the grant in the Secret.
        package_file.write_text(json.dumps({**wrong, "url": prepare.url("packages/app/key.zip", "r")}))
        worker.wait_ready()
        assert worker.get("/api/greet").text == "hello from a requirement"
        assert not (worker_root / "left over").exists()
    finally:
        worker.stop()

    package_file.write_text(json.dumps({**wrong, "url": "http://127.0.0.1:1/down"}))
    restarted = Worker(None, settings)
    try:
        restarted.wait_ready()
    finally:
        restarted.stop()


def test_a_worker_refuses_a_package_with_another_digest(prepare: Prepare) -> None:
    prepare.container.upload_blob("packages/app/key.zip", b"something else")
    package_file = prepare.run / "package" / "package.json"
    grant = {"url": prepare.url("packages/app/key.zip", "r"), "sha256": "0" * 64, "size": 14}
    package_file.write_text(json.dumps(grant))
    worker = Worker(None, {"FUNCAPP_PACKAGE_FILE": str(package_file), "AzureWebJobsScriptRoot": str(prepare.root)})
    try:
        worker.wait_for_record("its digest is")
        assert worker.management("/readyz") == 503
    finally:
        worker.stop()


def test_a_package_that_is_stored_is_not_built_again(prepare: Prepare, wheels: Path) -> None:
    greet(prepare.source)
    assert prepare.step("build", **offline(wheels))[0] == 0
    first = prepare.note
    (wheels / "greeting-1.0-py3-none-any.whl").unlink()
    assert prepare.step("build", **offline(wheels))[0] == 0, prepare.output
    assert prepare.note == {**first, "built": False}
    assert (prepare.root / ".python_packages/lib/site-packages/greeting.py").exists()
    prepare.step("verify")
    assert prepare.step("verify") == (0, {"outcome": "Succeeded"})


def test_the_same_source_makes_the_same_package(prepare: Prepare, wheels: Path) -> None:
    greet(prepare.source)
    prepare.step("build", **offline(wheels))
    first = prepare.note
    prepare.container.delete_blob("packages/app/key.zip")
    prepare.step("build", **offline(wheels))
    assert prepare.note == first


def test_a_volume_of_links_is_copied_as_files(prepare: Prepare) -> None:
    source = prepare.source.root
    data = source / "..2026_11_21"
    (data / "greet").mkdir(parents=True)
    (source / "host.json").rename(data / "host.json")
    (data / "greet" / "__init__.py").write_text("def main(req): return 'x'")
    (data / "greet" / "function.json").write_text(json.dumps({"bindings": [http_trigger(), HTTP_RETURN]}))
    os.symlink("..2026_11_21", source / "..data")
    os.symlink("..data/host.json", source / "host.json")
    os.symlink("..data/greet", source / "greet")
    assert prepare.step("build")[0] == 0, prepare.output
    names = sorted(path.relative_to(prepare.root).as_posix() for path in prepare.root.rglob("*") if path.is_file())
    assert [name for name in names if "__pycache__" not in name] == [
        "greet/__init__.py",
        "greet/function.json",
        "host.json",
    ]
    assert not (prepare.root / "host.json").is_symlink()


MISTAKES = {
    "not there": ("no-such-distribution-anywhere==1.0\n", "RequirementsNotInstalled", "no-such-distribution-anywhere"),
    "conflict": ("greeting==1.0\ngreeting==2.0\n", "RequirementsNotInstalled", "greeting"),
    "not a requirement": ("what is this?\n", "RequirementsInvalid", "what is this?"),
    "file that is not there": ("-r more.txt\n", "RequirementsInvalid", "more.txt"),
}


@pytest.mark.parametrize(("requirements", "reason", "part"), MISTAKES.values(), ids=MISTAKES)
def test_requirements_that_cannot_be_installed(
    prepare: Prepare, wheels: Path, requirements: str, reason: str, part: str
) -> None:
    prepare.source.file("requirements.txt", requirements)
    status, message = prepare.step("build", **offline(wheels))
    assert (status, message["outcome"], message["reason"]) == (10, "Failed", reason), message
    assert part in message["message"]
    assert list(prepare.container.list_blobs()) == []


def test_an_index_that_does_not_answer_is_tried_again_later(prepare: Prepare) -> None:
    prepare.source.file("requirements.txt", "anything\n")
    status, message = prepare.step(
        "build", PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_FIND_LINKS="", FUNCAPP_PIP_ARGUMENTS="--retries 1"
    )
    assert (status, message["outcome"]) == (1, "Failed")
    assert "package index" in message["message"]


@pytest.mark.parametrize(("mode", "installed"), [("None", False), ("Auto", False), ("Remote", True)])
def test_dependencies_that_come_with_the_source(prepare: Prepare, wheels: Path, mode: str, installed: bool) -> None:
    greet(prepare.source)
    prepare.source.file(".python_packages/lib/site-packages/greeting.py", "TEXT = 'brought along'")
    assert prepare.step("build", FUNCAPP_BUILD_MODE=mode, **offline(wheels))[0] == 0, prepare.output
    text = (prepare.root / ".python_packages/lib/site-packages/greeting.py").read_text()
    assert ("requirement" in text) is installed


def test_host_json_that_cannot_be_used_is_the_apps_mistake(prepare: Prepare) -> None:
    prepare.source.file("host.json", '{"version": "2.0", "functionTimeout": "soon"}')
    assert prepare.step("build")[0] == 0
    status, message = prepare.step("verify")
    assert (status, message["reason"]) == (10, "HostJsonInvalid")
    assert "functionTimeout: 'soon' is not a duration" in message["message"]


def test_a_store_that_is_down_is_tried_again_later(prepare: Prepare) -> None:
    grants = {"package": {"url": "http://127.0.0.1:1/x?sig=canary"}, "index": {"url": "http://127.0.0.1:1/y"}}
    (prepare.run / "prepare" / "prepare.json").write_text(json.dumps(grants))
    status, message = prepare.step("build")
    assert status == 1
    assert "canary" not in prepare.output + json.dumps(message)


def test_a_source_without_files(prepare: Prepare) -> None:
    (prepare.source.root / "host.json").unlink()
    status, message = prepare.step("build")
    assert (status, message["reason"]) == (10, "SourceInvalid")
