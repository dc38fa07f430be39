"""Blob-triggered functions against a real blob and queue service."""

import base64
import contextlib
import json
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import AccountSasPermissions, ContainerClient, ResourceTypes, generate_account_sas
from azure.storage.queue import QueueClient
from support.apps import HTTP_RETURN, AppFolder, blob, blob_trigger, http_trigger
from support.azurite import ACCOUNT, KEY, Azurite
from support.waiting import wait_for
from support.worker import Worker

from funcapp.host.storage import StorageAccounts
from funcapp.host.triggers import blob_receipts
from funcapp.host.triggers.blob_message import BlobEvent
from funcapp.host.triggers.blob_receipts import Claim, Receipts

Launch = Callable[..., Worker]


@pytest.fixture
def settings(unique: str) -> dict[str, str]:
    return {"AzureFunctionsWebHost__hostid": f"host-{unique}", "FUNCAPP_BLOB_SCAN_SECONDS": "0.2"}


@pytest.fixture
def container(azurite: Azurite, unique: str) -> ContainerClient:
    return azurite.blobs.create_container(unique)


@pytest.fixture(autouse=True)
def quick_polling(app: AppFolder) -> None:
    app.host(extensions={"queues": {"maxPollingInterval": "00:00:00.2"}})


def internal_queue(azurite: Azurite, unique: str) -> QueueClient:
    return azurite.queues.get_queue_client(f"azure-webjobs-blobtrigger-host-{unique}")


def poison_messages(azurite: Azurite, unique: str) -> list[dict[str, Any]]:
    """Those of one container."""
    poison = azurite.queues.get_queue_client("webjobs-blobtrigger-poison")
    try:
        found = [json.loads(base64.b64decode(message.content)) for message in poison.peek_messages(32)]
    except ResourceNotFoundError:
        return []
    return [message for message in found if message["ContainerName"] == unique]


def printed(*workers: Worker) -> list[str]:
    return sorted(record["message"] for worker in workers for record in worker.records(logger="stdout"))


def test_each_new_or_changed_blob_once_per_etag(
    app: AppFolder,
    launch: Launch,
    azurite: Azurite,
    unique: str,
    container: ContainerClient,
    settings: dict[str, str],
) -> None:
    """Blobs from before the start come with captures and metadata, and write an output; a restart repeats nothing."""
    app.function(
        "describe",
        """
        import json
        import azure.functions as func

        def main(blob: func.InputStream, out: func.Out[str]) -> None:
            assert isinstance(blob, func.InputStream) and not blob.seekable()
            out.set(json.dumps({
                "name": blob.name, "uri": blob.uri, "length": blob.length, "metadata": blob.metadata,
                "type": blob.blob_properties["ContentType"], "content": blob.read().decode(), "rest": len(blob.read()),
            }))
            print(blob.name)
        """,
        blob_trigger(f"{unique}/in/{{folder}}/{{name}}.txt"),
        blob("out", f"{unique}-out/{{folder}}/{{name}}.json", "out"),
    )
    app.function("whole", "def main(blob: bytes): print(blob)", blob_trigger(f"{unique}/raw-{{n}}", dataType="string"))
    container.upload_blob("in/a/caf\u00e9 1.txt", b"before", metadata={"k": "v"})
    container.upload_blob("in/other.png", b"not matched")
    worker = launch(**settings).wait_ready()
    wait_for(lambda: len(printed(worker)) == 1, "the blob from before is processed")
    container.upload_blob("in/a/b/empty.txt", b"")
    container.upload_blob("raw-1", b"\xff\x00")
    wait_for(lambda: len(printed(worker)) == 3, "the new ones are processed")
    container.upload_blob("in/a/caf\u00e9 1.txt", b"after", overwrite=True)
    wait_for(lambda: len(printed(worker)) == 4, "the changed one is processed")
    expected = [
        r"b'\xff\x00'",
        f"{unique}/in/a/b/empty.txt",
        f"{unique}/in/a/caf\u00e9 1.txt",
        f"{unique}/in/a/caf\u00e9 1.txt",
    ]
    assert printed(worker) == sorted(expected)
    written = azurite.blobs.get_container_client(f"{unique}-out")

    def describe(name: str) -> dict[str, Any]:
        return json.loads(written.download_blob(name).readall())

    wait_for(lambda: describe("a/caf\u00e9 1.json")["content"] == "after", "the output of the changed one")
    described = describe("a/caf\u00e9 1.json")
    address = f"{azurite.blob_endpoint}/{unique}/in/a/caf%C3%A9%201.txt"
    assert described.pop("uri") == address
    assert described == {
        "name": f"{unique}/in/a/caf\u00e9 1.txt",
        "length": 5,
        "metadata": {},
        "type": "application/octet-stream",
        "content": "after",
        "rest": 0,
    }
    assert describe("a/b/empty.json")["length"] == 0
    worker.terminate()
    assert worker.wait_ended() == 0
    receipts = azurite.blobs.get_container_client("azure-webjobs-hosts").list_blobs(
        f"blobreceipts/host-{unique}/Host.Functions.describe/", include=["metadata"]
    )
    assert [receipt.metadata for receipt in receipts] == [{}, {}, {}]

    again = launch(**settings).wait_ready()
    container.upload_blob("raw-2", b"last")
    wait_for(lambda: printed(again), "the last one is processed")
    assert printed(again) == ["b'last'"]


def test_pods_share_the_work_and_a_missing_container_is_waited_for(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, settings: dict[str, str]
) -> None:
    """One pod scans, all pods work, and each blob is processed once."""
    app.function(
        "work", "import time\ndef main(blob): print(blob.name); time.sleep(0.05)", blob_trigger(f"{unique}/{{name}}")
    )
    workers = [launch(**settings), launch(**settings)]
    for worker in workers:
        worker.wait_ready()
    wait_for(
        lambda: any(worker.records(message=f"the container {unique} is not there yet") for worker in workers),
        "the container is waited for",
    )
    container = azurite.blobs.create_container(unique)
    names = {f"{unique}/blob-{number}" for number in range(60)}
    for name in names:
        container.upload_blob(name.partition("/")[2], b"x")
    wait_for(lambda: set(printed(*workers)) >= names, "all are processed", 60)
    assert printed(*workers) == sorted(names)
    assert all(printed(worker) for worker in workers)


def test_poison_after_five_failures(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, container: ContainerClient, settings: dict[str, str]
) -> None:
    """After five attempts `webjobs-blobtrigger-poison` has the message; other blobs go on."""
    app.function(
        "fail",
        "def main(blob: str):\n    print(blob)\n    assert blob == 'good'",
        blob_trigger(f"{unique}/{{name}}"),
    )
    container.upload_blob("bad", b"bad")
    worker = launch(**settings).wait_ready()
    container.upload_blob("good", b"good")
    (message,) = wait_for(lambda: poison_messages(azurite, unique), "the poison queue has it")
    etag = container.get_blob_client("bad").get_blob_properties().etag
    assert message == {
        "Type": "BlobTrigger",
        "FunctionId": "Host.Functions.fail",
        "BlobType": "BlockBlob",
        "ContainerName": unique,
        "BlobName": "bad",
        "ETag": etag,
    }
    wait_for(lambda: "good" in printed(worker), "the other one is processed")
    assert printed(worker) == ["bad"] * 5 + ["good"]


def test_poison_goes_to_the_hosts_account_where_the_blobs_has_no_queues(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, container: ContainerClient, settings: dict[str, str]
) -> None:
    """A signature for blobs alone is enough for the account that is watched."""
    signature = generate_account_sas(
        ACCOUNT,
        KEY,
        ResourceTypes(service=True, container=True, object=True),
        AccountSasPermissions(read=True, list=True),
        datetime.now(timezone.utc) + timedelta(hours=1),
    )
    photos = f"BlobEndpoint={azurite.blob_endpoint};SharedAccessSignature={signature}"
    app.function("fail", "def main(blob): raise ValueError", blob_trigger(f"{unique}/{{name}}", connection="Photos"))
    container.upload_blob("bad", b"bad")
    launch(**settings, Photos=photos).wait_ready()
    (message,) = wait_for(lambda: poison_messages(azurite, unique), "the poison queue has it", 40)
    assert message["BlobName"] == "bad"
    wait_for(
        lambda: internal_queue(azurite, unique).get_queue_properties().approximate_message_count == 0,
        "the message is settled",
    )


def test_deleted_and_changed_before_their_turn(
    app: AppFolder, launch: Launch, azurite: Azurite, unique: str, container: ContainerClient, settings: dict[str, str]
) -> None:
    """A deleted blob is skipped, of a changed one the new version is processed, once."""
    app.function("work", "def main(blob: str): print(blob)", blob_trigger(f"{unique}/{{name}}"))
    app.function("off", "def main(blob: str): print(blob)", blob_trigger(f"{unique}/{{name}}"), disabled=True)
    worker = launch(**{**settings, "FUNCAPP_BLOB_SCAN_SECONDS": "600"}).wait_ready()
    queue = internal_queue(azurite, unique)
    container.upload_blob("first", b"by the scan at the start, or not")
    old = container.upload_blob("changed", b"old").get_blob_properties().etag
    container.upload_blob("changed", b"new", overwrite=True)
    for function, name in [
        ("work", "deleted"),
        ("work", "changed"),
        ("work", "changed"),
        ("removed", "changed"),
        ("off", "changed"),
    ]:
        message = BlobEvent(function, unique, name, old).encode()
        try:
            queue.send_message(message)
        except ResourceNotFoundError:
            with contextlib.suppress(ResourceExistsError):
                queue.create_queue()
            queue.send_message(message)
    wait_for(lambda: "new" in printed(worker), "the new version is processed")
    worker.wait_for_record("was deleted before work ran")
    worker.wait_for_record("which the app does not have any more")
    wait_for(lambda: queue.get_queue_properties().approximate_message_count == 0, "every message is deleted")
    assert [message["FunctionId"] for message in poison_messages(azurite, unique)] == ["Host.Functions.off"]
    assert printed(worker).count("new") == 1
    assert "old" not in printed(worker)


def test_killed_function_process_and_an_output_that_triggers(
    app: AppFolder, launch: Launch, unique: str, container: ContainerClient, settings: dict[str, str]
) -> None:
    """An output of an HTTP function triggers at once; what a killed process had comes back."""
    app.function(
        "work",
        """
        import os, pathlib, time

        def main(blob: bytes):
            marker = pathlib.Path(os.environ["MARKER"])
            if not marker.exists():
                marker.touch()
                print("began")
                time.sleep(60)
            print(blob.decode())
        """,
        blob_trigger(f"{unique}/{{name}}"),
    )
    app.function(
        "save",
        "def main(req, out): out.set(req.get_body()); return 'saved'",
        http_trigger(route="save/{id}"),
        blob("out", f"{unique}/{{id}}", "out"),
        HTTP_RETURN,
    )
    settings = {**settings, "FUNCAPP_BLOB_SCAN_SECONDS": "600", "MARKER": str(app.root.parent / "marker")}
    worker = launch(**settings).wait_ready()
    assert worker.post("/api/save/1", b"content").text == "saved"
    wait_for(lambda: printed(worker) == ["began"], "it is being worked on")
    os.kill(worker.function_processes()[0], signal.SIGKILL)
    wait_for(lambda: printed(worker) == ["began", "content"], "it came back")


async def test_receipt_of_a_pod_that_died_is_taken_over(
    azurite: Azurite, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receipt without a message is nobody's for good."""
    accounts = StorageAccounts({"AzureWebJobsStorage": azurite.connection_string})
    receipts = Receipts(accounts, unique)
    event = BlobEvent("f", "photos", "x" * 1000, '"0x1"')
    try:
        died = await receipts.claim(event)
        assert isinstance(died, Claim)
        assert await receipts.claim(event) == "busy"
        monkeypatch.setattr(blob_receipts, "CLAIM_SECONDS", -5.0)
        taken = await receipts.claim(event)
        assert isinstance(taken, Claim)
        await died.complete()  # too late, and without effect
        await taken.complete()
        assert await receipts.claim(event) == "complete"
        other = BlobEvent("f", "photos", "x" * 1000, '"0x2"')
        claim = await receipts.claim(other)
        assert isinstance(claim, Claim)
        await claim.give_up()
        assert isinstance(await receipts.claim(other), Claim)
    finally:
        await accounts.close()


def test_index_entry_and_what_is_not_supported(app: AppFolder, index: Callable[..., dict[str, Any]]) -> None:
    app.function("scan", "def main(blob): pass", blob_trigger("photos/%FOLDER%/{name}", connection="Photos"))
    app.function("grid", "def main(blob): pass", blob_trigger("photos/{name}", source="EventGrid"))
    app.function("wrong", "def main(blob: int): pass", blob_trigger("photos/{name}"))
    found = index(FOLDER="in", AzureWebJobsPhotos="UseDevelopmentStorage=true", AzureFunctionsWebHost__hostid="shop")
    assert found["scan"]["error"] is None
    assert found["scan"]["trigger"] == {
        "type": "blobTrigger",
        "path": "photos/in/{name}",
        "connection": {"setting": "AzureWebJobsPhotos", "form": "ConnectionString"},
        "source": "LogsAndContainerScan",
        "internalQueue": {
            "queueName": "azure-webjobs-blobtrigger-shop",
            "maxDegreeOfParallelism": 8,
            "connection": {"setting": "AzureWebJobsStorage", "form": "ConnectionString"},
        },
    }
    assert found["grid"]["error"]["reason"] == "BindingNotSupported"
    assert found["wrong"]["error"]["reason"] == "SignatureMismatch"
