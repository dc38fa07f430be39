"""Blob inputs and outputs against a real blob service: bindings, large content, the types of the blob extension."""

import json
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceModifiedError
from azure.storage.blob import BlobClient, ContainerClient
from support.apps import HTTP_RETURN, AppFolder, blob, blob_trigger, http_trigger, queue_output
from support.azurite import Azurite
from support.packages import site_packages
from support.waiting import wait_for
from support.worker import Worker

from funcapp.content import Content, whole
from funcapp.host.bindings import blob as blobs
from funcapp.host.storage import StorageAccounts

Launch = Callable[..., Worker]

MIB = 1024 * 1024
EXTENSION = "azurefunctions-extensions-bindings-blob==1.1.2"


@pytest.fixture
def container(azurite: Azurite, unique: str) -> ContainerClient:
    return azurite.blobs.create_container(unique)


@pytest.fixture
def extension(app: AppFolder) -> None:
    """The real package among the app's own; kept for the next run."""
    folder = app.root / ".python_packages" / "lib"
    folder.mkdir(parents=True)
    (folder / "site-packages").symlink_to(site_packages(EXTENSION))


def test_inputs_and_outputs_bound_to_the_route(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, container: ContainerClient
) -> None:
    """Inputs are named by the route; several outputs are written at once, with an HTTP response."""
    app.function(
        "combine",
        """
        import io, json
        import azure.functions as func

        def main(req: func.HttpRequest, stream: func.InputStream, text: str, raw: bytes, missing: func.InputStream,
                 plain, copy: func.Out[bytes], none: func.Out[str], lines: func.Out[str], odd: func.Out[bytes],
                 sent: func.Out[list[str]]):
            class Reader:
                def read(self):
                    return "once"

            assert missing is None
            copy.set(bytearray(raw + stream.read(3) + stream.read1()))
            lines.set(io.StringIO("caf\\u00e9"))
            odd.set(Reader())
            sent.set(["a", "b"])
            return json.dumps([text, stream.name, stream.length, isinstance(plain, func.InputStream)])
        """,
        http_trigger(route="samples/{id}"),
        blob("in", f"{unique}/{{id}}", "stream"),
        blob("in", f"{unique}/{{id}}", "text", dataType="string"),
        blob("in", f"{unique}/{{id}}", "raw", dataType="BINARY"),
        blob("in", f"{unique}-nowhere/{{id}}", "missing"),
        blob("in", f"{unique}/{{id}}", "plain"),
        blob("out", f"{unique}-new/{{id}}/copy", "copy"),
        blob("out", f"{unique}-new/{{id}}/none", "none"),
        blob("out", f"{unique}-new/{{id}}/lines", "lines"),
        blob("out", f"{unique}-new/{{id}}/odd", "odd"),
        queue_output(f"{unique}-sent", "sent"),
        HTTP_RETURN,
    )
    container.upload_blob("caf\u00e9", b"\xef\xbb\xbfcontent")
    answer = launch().wait_ready().get("/api/samples/caf%C3%A9")
    assert answer.status == 200, answer.text
    assert json.loads(answer.body) == ["content", f"{unique}/caf\u00e9", 10, True]
    written = azurite.blobs.get_container_client(f"{unique}-new")
    contents = {found.name: written.download_blob(found.name).readall() for found in written.list_blobs()}
    assert contents == {
        "caf\u00e9/copy": b"\xef\xbb\xbfcontent" * 2,
        "caf\u00e9/lines": "caf\u00e9".encode(),
        "caf\u00e9/odd": b"once",
    }
    assert azurite.queues.get_queue_client(f"{unique}-sent").get_queue_properties().approximate_message_count == 2


def high_water(pid: int) -> int:
    """The most memory that a process ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def test_large_blobs_pass_through_without_being_in_memory(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, container: ContainerClient
) -> None:
    """256 MiB and more stream: a trigger's blob is copied to an output, first as a stream, then as bytes."""
    size = 64 * MIB
    app.host(extensions={"queues": {"maxPollingInterval": "00:00:00.2"}})
    for kind, code in {
        "stream": "def main(blob: func.InputStream, out): out.set(blob)",
        "bytes": "def main(blob: bytes, out): out.set(blob)",
    }.items():
        app.function(
            kind,
            f"import azure.functions as func\n{code}",
            blob_trigger(f"{unique}/{kind}"),
            blob("out", f"{unique}-out/{kind}", "out"),
        )
    worker = launch(
        AzureFunctionsWebHost__hostid=f"host-{unique}", FUNCAPP_BLOB_SCAN_SECONDS="0.3", TMPDIR=str(app.root.parent)
    ).wait_ready()
    out = azurite.blobs.get_container_client(f"{unique}-out")
    pattern = os.urandom(MIB)

    def copy(kind: str, length: int) -> BlobClient:
        container.upload_blob(kind, (pattern for _ in range(length // MIB)), length=length, overwrite=True)
        client = out.get_blob_client(kind)
        wait_for(lambda: client.exists() and client.get_blob_properties().size == length, f"the copy by {kind}", 60)
        return client

    def grown_by(kind: str) -> tuple[int, int]:
        # So that what is loaded with the first large blob is there before.
        copy(kind, 2 * MIB)
        processes = [worker.process.pid, *worker.function_processes()]
        before = [high_water(pid) for pid in processes]
        downloaded = copy(kind, size).download_blob()
        assert all(chunk == pattern * (len(chunk) // MIB) for chunk in downloaded.chunks())
        host, process = (high_water(pid) - start for pid, start in zip(processes, before, strict=True))
        return host, process

    host, process = grown_by("stream")
    assert host < 0.5 * size and process < 0.5 * size, (host, process)
    host, process = grown_by("bytes")
    # Once, where the function has it.
    assert host < 0.5 * size and process < 1.5 * size, (host, process)
    assert not [path for path in app.root.parent.iterdir() if path.is_file()]


def test_full_temporary_folder_fails_the_invocation_and_nothing_else(
    app: AppFolder, launch: Launch, unique: str, container: ContainerClient
) -> None:
    app.function(
        "length",
        "import azure.functions as func\ndef main(req, data: bytes): return str(len(data))",
        http_trigger(route="length/{id}"),
        blob("in", f"{unique}/{{id}}", "data"),
        HTTP_RETURN,
    )
    container.upload_blob("large", bytes(3 * MIB))
    container.upload_blob("small", bytes(MIB))
    worker = launch().wait_ready()
    # Files cannot grow beyond this, as on a full file system.
    resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (2 * MIB, 2 * MIB))
    assert worker.get("/api/length/large").status == 500
    record = worker.wait_for_record("does not fit into the temporary folder")
    assert f"the blob {unique}/large of {3 * MIB} bytes" in record["message"]
    assert worker.get("/api/length/small").text == str(MIB)


async def test_blob_that_is_overwritten_while_it_is_read(
    azurite: Azurite, container: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read is one version, the old one or the new one."""
    accounts = StorageAccounts({"AzureWebJobsStorage": azurite.connection_string})
    client = accounts.blobs("AzureWebJobsStorage").get_blob_client(container.container_name, "blob")
    old, new = bytes(3 * MIB), b"n" * (3 * MIB)
    container.upload_blob("blob", old)
    take = blobs.take

    async def take_late(opened: Any) -> Content:
        monkeypatch.setattr(blobs, "take", take)
        container.upload_blob("blob", new, overwrite=True)
        return await take(opened)

    try:
        opened = await client.download_blob()
        with pytest.raises(ResourceModifiedError):
            await take_late(opened)
        monkeypatch.setattr(blobs, "take", take_late)
        assert whole(await blobs.download(client)) == new
    finally:
        await accounts.close()


@pytest.mark.usefixtures("extension")
def test_types_of_the_blob_extension(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, container: ContainerClient
) -> None:
    """BlobClient, ContainerClient and StorageStreamDownloader, as trigger and as input, with the real package."""
    app.host(extensions={"queues": {"maxPollingInterval": "00:00:00.2"}})
    app.function(
        "trigger",
        """
        import azurefunctions.extensions.bindings.blob as blobs

        def main(blob: blobs.BlobClient, container: blobs.ContainerClient):
            print(blob.container_name, blob.blob_name, blob.download_blob().readall(), container.container_name)
        """,
        blob_trigger(f"{unique}/in/{{name}}", connection="Photos"),
        blob("in", f"{unique}/{{name}}", "container", connection="Photos"),
    )
    app.function(
        "download",
        """
        import azurefunctions.extensions.bindings.blob as blobs

        def main(req, data: blobs.StorageStreamDownloader):
            return data.readall().decode()
        """,
        http_trigger(route="download/{name}"),
        blob("in", f"{unique}/in/{{name}}", "data", connection="Photos"),
        HTTP_RETURN,
    )
    app.function(
        "wrong",
        "import azurefunctions.extensions.bindings.blob as blobs\ndef main(req: blobs.BlobClient): pass",
        http_trigger(),
    )
    container.upload_blob("in/1.txt", b"content")
    worker = launch(
        AzureWebJobsPhotos=azurite.connection_string,
        AzureFunctionsWebHost__hostid=f"host-{unique}",
        FUNCAPP_BLOB_SCAN_SECONDS="0.3",
    ).wait_ready()
    wait_for(lambda: worker.records(message=f"{unique} in/1.txt b'content' {unique}"), "the trigger's client was used")
    assert worker.get("/api/download/1.txt").text == "content"
    assert "'httpTrigger' does not match" in worker.wait_for_record("cannot load the wrong function")["message"]


@pytest.mark.usefixtures("extension")
def test_types_of_the_blob_extension_with_decorators(
    app: AppFolder, launch: Launch, unique: str, container: ContainerClient
) -> None:
    app.file(
        "function_app.py",
        f"""
        import azure.functions as func
        import azurefunctions.extensions.bindings.blob as blobs

        app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

        @app.blob_trigger(arg_name="client", path="{unique}/in/{{name}}", connection="AzureWebJobsStorage")
        def on_blob(client: blobs.BlobClient):
            print(client.get_blob_properties().size)

        @app.blob_trigger(arg_name="data", path="{unique}/in/{{name}}", connection="AzureWebJobsStorage")
        @app.blob_output(arg_name="out", path="{unique}/out/{{name}}", connection="AzureWebJobsStorage")
        def copy(data: func.InputStream, out: func.Out[str]):
            out.set(data.read() + b"!")

        @app.route("size/{{name}}")
        @app.blob_input(arg_name="data", path="{unique}/in/{{name}}", connection="AzureWebJobsStorage")
        def size(req: func.HttpRequest, data: blobs.StorageStreamDownloader) -> str:
            return str(data.size)
        """,
    )
    container.upload_blob("in/a", b"1234")
    worker = launch(AzureFunctionsWebHost__hostid=f"host-{unique}", FUNCAPP_BLOB_SCAN_SECONDS="0.3").wait_ready()
    wait_for(lambda: worker.records(message="4"), "the client was used")
    wait_for(container.get_blob_client("out/a").exists, "the output is written")
    assert container.download_blob("out/a").readall() == b"1234!"
    assert worker.get("/api/size/a").text == "4"
