"""Connections without keys, and with shared access signatures, against a real storage service over HTTPS."""

import base64
import datetime
import http.server
import ipaddress
import json
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import generate_account_sas
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from support.apps import AppFolder, blob, queue_output, queue_trigger, timer_trigger
from support.azurite import ACCOUNT, KEY, Azurite
from support.waiting import wait_for
from support.worker import Worker, environment

Launch = Callable[..., Worker]

APP = """
import azure.functions as func

def main(msg: str, copy: func.Out[str], done: func.Out[str]) -> None:
    copy.set(msg + "!")
    done.set(msg)
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


@pytest.fixture(scope="module")
def secure_azurite(tmp_path_factory: pytest.TempPathFactory, certificate: tuple[Path, Path]) -> Iterator[Azurite]:
    running = Azurite(tmp_path_factory.mktemp("azurite-https"), certificate)
    running.start()
    yield running
    running.close()


@pytest.fixture(scope="module")
def authority(certificate: tuple[Path, Path]) -> Iterator[str]:
    """Stands for Microsoft Entra ID: gives a token to one application."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            known = "client_id=shop-client" in form and "client_secret=shop-secret" in form
            body = json.dumps(
                {"token_type": "Bearer", "expires_in": 3600, "access_token": _token()}
                if known and self.path == "/shop-tenant/oauth2/v2.0/token"
                else {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
            ).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    serving.join()


def _token() -> str:
    """As the emulator wants it: it looks at the claims, not at the signature."""
    now = int(time.time())
    claims = {
        "aud": "https://storage.azure.com",
        "iss": "https://sts.windows.net/shop-tenant/",
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + 3600,
    }
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*texts, "c2ln"])


def identity(name: str, storage: Azurite, **settings: str) -> dict[str, str]:
    found = {
        "blobServiceUri": storage.blob_endpoint,
        "queueServiceUri": storage.queue_endpoint,
        "tenantId": "shop-tenant",
        "clientId": "shop-client",
        "clientSecret": "shop-secret",
        **settings,
    }
    return {f"{name}__{key}": value for key, value in found.items()}


def shop(app: AppFolder, unique: str, connection: str) -> None:
    app.host(extensions={"queues": {"messageEncoding": "none", "maxPollingInterval": "00:00:00.5"}})
    bindings = (
        queue_trigger(unique, connection=connection),
        {**blob("out", f"{unique}/{{queueTrigger}}", "copy"), "connection": connection},
        {**queue_output(f"{unique}-done", "done"), "connection": connection},
    )
    app.function("work", APP, *bindings)


def works(storage: Azurite, unique: str) -> None:
    storage.queues.create_queue(unique).send_message("one")
    done = storage.queues.get_queue_client(f"{unique}-done")

    def finished() -> bool:
        names = [queue.name for queue in storage.queues.list_queues(name_starts_with=done.queue_name)]
        return bool(names) and len(done.peek_messages(1)) == 1

    wait_for(finished, "the message is worked on")
    assert storage.blobs.get_blob_client(unique, "one").download_blob().readall() == b"one!"
    waiting = storage.queues.get_queue_client(unique)
    wait_for(lambda: waiting.get_queue_properties().approximate_message_count == 0, "the message is deleted")


def test_an_application_signs_in_for_triggers_bindings_locks_and_schedules(
    app: AppFolder,
    launch: Launch,
    unique: str,
    secure_azurite: Azurite,
    authority: str,
    certificate: tuple[Path, Path],
) -> None:
    shop(app, unique, "Shop")
    app.function("at_start", "def main(timer): print('fired')", timer_trigger("0 0 0 1 1 *", runOnStartup=True))
    worker = launch(
        AzureWebJobsStorage="",
        AZURE_AUTHORITY_HOST=authority,
        SSL_CERT_FILE=str(certificate[0]),
        AzureFunctionsWebHost__hostid=unique,
        **identity("AzureWebJobsStorage", secure_azurite),
        **identity("Shop", secure_azurite),
    ).wait_ready()
    works(secure_azurite, unique)
    status = secure_azurite.blobs.get_blob_client(
        "azure-webjobs-hosts", f"timers/{unique}/Host.Functions.at_start/status"
    )
    wait_for(status.exists, "the status is stored")
    wait_for(lambda: worker.records(function="at_start", message="fired"), "the timer fires")


def test_a_refused_application_is_told_and_nothing_else_is_affected(
    app: AppFolder,
    launch: Launch,
    unique: str,
    azurite: Azurite,
    secure_azurite: Azurite,
    authority: str,
    certificate: tuple[Path, Path],
) -> None:
    shop(app, unique, "Shop")
    app.function("healthy", "def main(timer): print('fired')", timer_trigger("* * * * * *"))
    worker = launch(
        AZURE_AUTHORITY_HOST=authority,
        SSL_CERT_FILE=str(certificate[0]),
        **identity("Shop", secure_azurite, clientSecret="wrong"),
    ).wait_ready()
    worker.wait_for_record("AADSTS7000215: Invalid client secret.")
    wait_for(lambda: worker.records(function="healthy", message="fired"), "the timer fires")
    assert not any("wrong" in line for line in worker.lines)


def test_a_shared_access_signature(app: AppFolder, launch: Launch, unique: str, azurite: Azurite) -> None:
    signature = generate_account_sas(
        ACCOUNT,
        KEY,
        "sco",
        "rwdlacup",
        datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1),
        services="bq",
    )
    shop(app, unique, "Shop")
    launch(
        Shop=f"BlobEndpoint={azurite.blob_endpoint};QueueEndpoint={azurite.queue_endpoint};"
        f"SharedAccessSignature={signature}"
    ).wait_ready()
    works(azurite, unique)


def test_apps_with_keys_do_not_load_what_signs_in() -> None:
    """It would take most of the start and a good deal of memory."""
    program = (
        "import sys, funcapp.host.worker; print([m in sys.modules for m in ('azure.identity', 'msal', 'tzlocal')])"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, text=True)
    assert done.stdout.strip() == "[False, False, False]", done.stderr
