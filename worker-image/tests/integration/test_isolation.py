"""What an app's own libraries may be: nothing of the worker meets them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.apps import HTTP_RETURN, AppFolder, blob, http_trigger
from support.azurite import Azurite
from support.waiting import wait_for
from support.worker import Worker

Launch = Callable[..., Worker]

TARGET = Path(__file__).parents[3] / "target" / "worker-image"


def test_nothing_of_the_worker_is_on_the_path(app: AppFolder, launch: Launch) -> None:
    app.function(
        "path",
        """
        import importlib.util, json, sys

        def main(req):
            names = ["aiohttp", "azure.core", "azure.storage", "prometheus_client", "httptools", "pip", "werkzeug"]
            def there(name):
                try:
                    return importlib.util.find_spec(name) is not None
                except ModuleNotFoundError:
                    return False
            loaded = [name for name in names if name in sys.modules]
            return json.dumps({"found": [name for name in names if there(name)], "loaded": loaded})
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    seen = json.loads(launch().wait_ready().get("/api/path").body)
    assert seen["found"] == ["werkzeug"]
    assert set(seen["loaded"]) <= {"werkzeug"}


# The oldest that run under the Python of the tests, of libraries that the worker uses too.
OLD_PINS = {
    (3, 10): ("azure-core==1.24.0", "azure-storage-queue==12.4.0", "aiohttp==3.8.6", "httptools==0.6.0"),
    (3, 13): ("azure-core==1.29.7", "azure-storage-queue==12.9.0", "aiohttp==3.10.11", "httptools==0.6.4"),
}


@pytest.fixture(scope="session")
def old_libraries() -> Path:
    """Old versions of libraries that the worker uses too, from the package index."""
    version = max(known for known in OLD_PINS if known <= sys.version_info)
    return _installed(TARGET / "old-{}.{}".format(*sys.version_info), *OLD_PINS[version], "werkzeug==2.3.8")


@pytest.fixture(scope="session")
def old_sdk() -> Path:
    return _installed(TARGET / "old-sdk-{}.{}".format(*sys.version_info), "azure-functions==1.20.0", "--no-deps")


def _installed(folder: Path, *pins: str) -> Path:
    """What pip makes of the pins, kept for the next run."""
    stamp = folder / "pins"
    if not stamp.exists() or stamp.read_text().split() != list(pins):
        # pip leaves what is older than its target's new content.
        shutil.rmtree(folder, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--only-binary", ":all:"]
        subprocess.run([*command, "--upgrade", "--target", str(folder), *pins], check=True)
        stamp.write_text("\n".join(pins))
    return folder


def test_an_apps_old_pins_break_nothing(app: AppFolder, launch: Launch, old_libraries: Path, unique: str) -> None:
    _bring(app, old_libraries)
    app.function(
        "versions",
        """
        import json
        from importlib.metadata import version
        import aiohttp, httptools, werkzeug
        import azure.core
        import azure.functions as func
        import azure.storage.queue

        def main(req: func.HttpRequest, copy: func.Out[str]) -> func.HttpResponse:
            copy.set("kept")
            form = req.form["a"]
            return func.HttpResponse(json.dumps({
                "core": azure.core.__version__, "aiohttp": aiohttp.__version__, "httptools": httptools.__version__,
                "queue": version("azure-storage-queue"), "form": form,
            }))
        """,
        http_trigger(),
        blob("out", f"{unique}/copy", "copy"),
        HTTP_RETURN,
    )
    worker = launch().wait_ready()
    response = worker.post("/api/versions", "a=1", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert response.status == 200, worker.lines
    versions = json.loads(response.body)
    pins = dict(pin.split("==") for pin in (old_libraries / "pins").read_text().split())
    assert versions == {
        "core": pins["azure-core"],
        "aiohttp": pins["aiohttp"],
        "httptools": pins["httptools"],
        "queue": pins["azure-storage-queue"],
        "form": "1",
    }


def _bring(app: AppFolder, libraries: Path) -> None:
    packages = app.root / ".python_packages" / "lib"
    packages.mkdir(parents=True)
    os.symlink(libraries, packages / "site-packages")


def test_an_apps_own_sdk_is_used(app: AppFolder, launch: Launch, old_sdk: Path, azurite: Azurite, unique: str) -> None:
    _bring(app, old_sdk)
    app.file(
        "function_app.py",
        f"""
        import azure.functions as func
        app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

        @app.route(methods=["POST"])
        @app.queue_output(arg_name="sent", queue_name="{unique}", connection="AzureWebJobsStorage")
        def send(req: func.HttpRequest, sent: func.Out[str]) -> func.HttpResponse:
            sent.set(req.get_body().decode() + req.headers["x-more"])
            return func.HttpResponse(func.__file__, status_code=202, headers={{"x-a": "b"}})

        @app.queue_trigger(arg_name="message", queue_name="{unique}", connection="AzureWebJobsStorage")
        @app.blob_input(arg_name="none", path="{unique}/none", connection="AzureWebJobsStorage")
        @app.blob_output(arg_name="copy", path="{unique}/copy", connection="AzureWebJobsStorage")
        def keep(message: func.QueueMessage, none: func.InputStream, copy: func.Out[str], context: func.Context):
            copy.set(f"{{message.get_body().decode()}} {{message.dequeue_count}} {{none}} {{context.function_name}}")
        """,
    )
    worker = launch().wait_ready()
    response = worker.post("/api/send", "hello ", **{"X-More": "you"})
    assert (response.status, response.headers["x-a"]) == (202, "b"), worker.lines
    assert response.text.startswith(f"{app.root}/.python_packages/")
    copy = azurite.blobs.get_blob_client(unique, "copy")
    wait_for(copy.exists, "the message is kept")
    assert copy.download_blob().readall() == b"hello you 1 None keep"


FAKES = ("aiohttp", "azure.core", "azure.storage", "click", "google.protobuf", "grpc", "httptools", "uvloop", "yarl")


def test_libraries_that_break_whoever_imports_them(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str
) -> None:
    """Upstream's first complaint: pins of protobuf, grpcio and azure-core that its worker shares with the app."""
    for name in FAKES:
        path = f".python_packages/lib/site-packages/{name.replace('.', '/')}/__init__.py"
        app.file(path, f"raise RuntimeError('{name} of the app')")
    # As old packages of Azure brought it.
    app.file(
        ".python_packages/lib/site-packages/azure/__init__.py",
        "__path__ = __import__('pkgutil').extend_path(__path__, __name__)",
    )
    app.function(
        "fakes",
        f"""
        import importlib
        import azure.functions as func

        def main(req: func.HttpRequest, copy: func.Out[str]) -> str:
            found = []
            for name in {FAKES}:
                try:
                    importlib.import_module(name)
                except RuntimeError as error:
                    found.append(str(error))
            copy.set("kept")
            return ",".join(found)
        """,
        http_trigger(),
        blob("out", f"{unique}/copy", "copy"),
        HTTP_RETURN,
    )
    worker = launch().wait_ready()
    assert worker.get("/api/fakes").text == ",".join(f"{name} of the app" for name in FAKES), worker.lines
    assert azurite.blobs.get_blob_client(unique, "copy").download_blob().readall() == b"kept"
