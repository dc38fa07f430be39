"""`funcapp pack --push`: a registry and a storage account as they are, and docker's ways to sign in."""

import base64
import hashlib
import json
import os
import re
import ssl
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from azure.storage.blob import ContainerSasPermissions, generate_container_sas
from support import terminal
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.azurite import ACCOUNT, KEY, Azurite
from support.registry import Registry
from support.tls import Authority

LOGIN = ("pusher", "pass:word")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Registry]:
    """It takes a login, and has TLS."""
    running = Registry(tmp_path_factory.mktemp("registry"), authority.issue("127.0.0.1"), LOGIN)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Azurite]:
    running = Azurite(tmp_path_factory.mktemp("azurite"), authority.issue("127.0.0.1"), authority.file)
    running.start()
    yield running
    running.close()


@pytest.fixture
def orders(app: AppFolder) -> AppFolder:
    return app.function("hello", "def main(req): return 'hello'", http_trigger(), HTTP_RETURN)


def auth(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def push(orders: AppFolder, registry: Registry, authority: Authority, config: Path, **settings: str) -> tuple[int, str]:
    url = f"oci://{registry.host}/team/orders:v1"
    done = terminal.run(
        *("pack", "--push", url, "--ca-file", str(authority.file)),
        cwd=orders.root,
        DOCKER_CONFIG=str(config),
        **settings,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_push_prints_what_to_put_in_git(
    orders: AppFolder, registry: Registry, authority: Authority, tmp_path: Path
) -> None:
    """The app is built once, and named by its digest in every stage."""
    (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": auth(*LOGIN)}}}))
    first, again = (push(orders, registry, authority, tmp_path) for _ in range(2))
    assert first[0] == 0, first[1]
    assert first == again
    source = re.search(r"spec:\n  source:\n    oci:\n      url: (\S+)\n      digest: (sha256:[0-9a-f]{64})\n", first[1])
    assert source is not None, first[1]
    assert source[1] == f"oci://{registry.host}/team/orders"
    assert f"pushed {source[1]}@{source[2]}" in first[1]
    assert (orders.root / "app.zip").is_file()


def test_a_credential_helper_is_asked_before_the_file(
    orders: AppFolder, registry: Registry, authority: Authority, tmp_path: Path
) -> None:
    helper = tmp_path / "docker-credential-tests"
    answer = json.dumps({"ServerURL": registry.host, "Username": LOGIN[0], "Secret": LOGIN[1]})
    helper.write_text(f"#!/bin/sh\nread server\ntest \"$1 $server\" = 'get {registry.host}' && echo '{answer}'\n")
    helper.chmod(0o755)
    wrong = {registry.host: {"auth": auth("nobody", "x")}}
    for key in ({"credsStore": "tests"}, {"credHelpers": {registry.host: "tests"}, "credsStore": "other"}):
        (tmp_path / "config.json").write_text(json.dumps({"auths": wrong, **key}))
        code, text = push(orders, registry, authority, tmp_path, PATH=f"{tmp_path}:{os.environ['PATH']}")
        assert code == 0, text
    # One that knows nothing of the registry leaves it to the file.
    helper.write_text("#!/bin/sh\necho 'credentials not found in native keychain'; exit 1\n")
    (tmp_path / "config.json").write_text(
        json.dumps({"auths": {registry.host: {"auth": auth(*LOGIN)}}, "credsStore": "tests"})
    )
    code, text = push(orders, registry, authority, tmp_path, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert code == 0, text


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{}", "sign in with `docker login"),
        ('{"credsStore": "absent"}', "names the credential helper docker-credential-absent, which is not here"),
        ('{"credsStore": "../x"}', "'../x' is not the name of a credential helper"),
        ("nonsense", "is not docker's config.json"),
    ],
)
def test_without_credentials_it_says_how_to_sign_in(
    orders: AppFolder, registry: Registry, authority: Authority, tmp_path: Path, config: str, message: str
) -> None:
    (tmp_path / "config.json").write_text(config)
    code, text = push(orders, registry, authority, tmp_path)
    assert code == 1
    assert message in text
    assert "pushed" not in text


def test_a_password_from_standard_input(
    orders: AppFolder, registry: Registry, authority: Authority, tmp_path: Path
) -> None:
    options = ["--push", f"oci://{registry.host}/untagged", "--ca-file", str(authority.file), "--username", LOGIN[0]]
    for password, code in ((LOGIN[1], 0), ("wrong", 1)):
        done = terminal.run(
            "pack", *options, "--password-stdin", cwd=orders.root, stdin=f"{password}\n", DOCKER_CONFIG=str(tmp_path)
        )
        assert done.returncode == code, done.stderr
        assert "wrong" not in done.stderr
    # Registries tidy away what has no tag.
    listing = f"https://{registry.host}/v2/untagged/tags/list"
    request = urllib.request.Request(listing, headers={"Authorization": f"Basic {auth(*LOGIN)}"})
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=str(authority.file))) as response:
        (tag,) = json.load(response)["tags"]
    assert tag == hashlib.sha256((orders.root / "app.zip").read_bytes()).hexdigest()[:12]


def test_a_container_of_a_storage_account(orders: AppFolder, storage: Azurite, authority: Authority) -> None:
    """The other store that a laptop reaches: the source names the blob and its digest, and never a signature."""
    storage.blobs.create_container("packages")
    expiry = datetime.now(timezone.utc) + timedelta(hours=1)
    permission = ContainerSasPermissions(create=True, read=True)
    sas = generate_container_sas(ACCOUNT, "packages", account_key=KEY, permission=permission, expiry=expiry)
    container = f"{storage.blob_endpoint}/packages"
    trust = {"SSL_CERT_FILE": str(authority.file)}
    for arguments, settings in (
        ((f"{container}/team?{sas}",), {}),
        # What is there already is not written again.
        ((f"{container}/team?{sas}",), {}),
        ((container, "--connection", "STORE"), {"STORE": storage.connection_string}),
    ):
        done = terminal.run("pack", "--push", *arguments, cwd=orders.root, **trust, **settings)
        assert done.returncode == 0, done.stderr
        assert "sig=" not in done.stdout + done.stderr
        source = re.search(r"archive:\n      url: (\S+)\n      sha256: \"?([0-9a-f]{64})", done.stdout)
        assert source is not None, done.stdout
        assert source[1].startswith(f"{arguments[0].partition('?')[0]}/app-{source[2][:12]}.zip")
        name = source[1].removeprefix(f"{container}/")
        content = storage.blobs.get_blob_client("packages", name).download_blob().readall()
        assert content == (orders.root / "app.zip").read_bytes()


def test_a_signature_that_does_not_allow_it(orders: AppFolder, storage: Azurite, authority: Authority) -> None:
    expiry = datetime.now(timezone.utc) + timedelta(hours=1)
    sas = generate_container_sas(
        ACCOUNT, "closed", account_key=KEY, permission=ContainerSasPermissions(read=True), expiry=expiry
    )
    storage.blobs.create_container("closed")
    url = f"{storage.blob_endpoint}/closed"
    done = terminal.run("pack", "--push", f"{url}?{sas}", cwd=orders.root, SSL_CERT_FILE=str(authority.file))
    assert done.returncode == 1
    assert "allow to create and read blobs" in done.stderr
    assert "sig=" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--push", "https://a.blob.core.windows.net/c", "--connection", "NONE"], "'NONE' or 'AzureWebJobsNONE'"),
        (["--push", "https://a.blob.core.windows.net/c?sig=x", "--connection", "NONE"], "one of the two"),
        (["--push", "https://a.blob.core.windows.net/?sig=x"], "/container?SAS"),
        (["--push", "https://a.blob.core.windows.net/c?sig=x", "--plain-http"], "are for registries"),
        (["--push", "oci://r.example/x", "--connection", "X"], "--connection is for blob containers"),
        (["--push", "oci://r.example/X"], "is not the name of an artifact"),
        (["--push", "oci://r.example/x", "--ca-file", "nowhere.pem"], "--ca-file nowhere.pem is not there"),
        (["--push", "oci://r.example/x", "--password-stdin"], "--password-stdin needs --username"),
    ],
)
def test_targets_that_cannot_be_meant(orders: AppFolder, arguments: list[str], message: str) -> None:
    done = terminal.run("pack", *arguments, cwd=orders.root)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (orders.root / "app.zip").exists()
