"""Sources of the kind `oci`: packages from Debian's docker-registry, and from one that hands out tokens."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.building import Building
from support.https import Answer, Asked, HttpsServer
from support.registry import Registry
from support.tls import Authority

from funcapp import oci

APP = {"host.json": b"{}", "function_app.py": b"import azure.functions as func\napp = func.FunctionApp()\n"}
LOGIN = ("robot", "s3cret-of-the-registry")


@pytest.fixture
def registry(tmp_path: Path, authority: Authority) -> Iterator[Callable[..., Registry]]:
    started: list[Registry] = []

    def start(login: tuple[str, str] | None = None) -> Registry:
        started.append(Registry(tmp_path / f"registry{len(started)}", authority.issue("127.0.0.1"), login))
        started[-1].start()
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in APP.items():
            archive.writestr(name, content)
    return path


def source(url: str, digest: str) -> dict[str, str]:
    return {"kind": "oci", "url": url, "digest": digest}


def docker_config(host: str, username: str, password: str) -> dict[str, str]:
    auth = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {".dockerconfigjson": json.dumps({"auths": {host: {"auth": auth}}})}


def test_what_was_pushed_is_what_is_built(
    building: Building, registry: Callable[..., Registry], authority: Authority, package: Path
) -> None:
    """It is fetched by digest, from a registry that anybody may read and from one that asks who it is."""
    for login in (None, LOGIN):
        running = registry(login)
        url = f"oci://{running.host}/team/orders"
        pushed = oci.push(package, url, oci.Credentials(*LOGIN) if login else None, authority=authority.file)
        secret = docker_config(running.host, *LOGIN) if login else {}
        assert building.run(source(url, pushed.digest), secret) == (0, {"outcome": "Succeeded"})
        assert building.files == APP


def test_artifacts_that_cannot_be_had(
    building: Building, registry: Callable[..., Registry], authority: Authority, package: Path
) -> None:
    running = registry(LOGIN)
    url = f"oci://{running.host}/orders"
    pushed = oci.push(package, url, oci.Credentials(*LOGIN), authority=authority.file)
    for secret in ({}, docker_config(running.host, "robot", "wr0ng"), docker_config("other.example.com", *LOGIN)):
        code, outcome = building.run(source(url, pushed.digest), secret)
        assert (code, outcome["reason"]) == (10, "SourceUnauthorized")
        assert "wr0ng" not in outcome["message"] and LOGIN[1] not in outcome["message"]
    right = docker_config(running.host, *LOGIN)
    code, outcome = building.run(source(url, f"sha256:{'1' * 64}"), right)
    assert (code, outcome["reason"]) == (10, "SourceNotFound")
    for wrong in (source(url, "sha256:abc"), source("https://example.com/orders", pushed.digest)):
        code, outcome = building.run(wrong, right)
        assert (code, outcome["reason"]) == (10, "SourceInvalid")
    code, outcome = building.run(source(url, pushed.digest), {".dockerconfigjson": "nonsense"})
    assert (code, outcome["reason"]) == (10, "SourceInvalid")


class TokenRegistry:
    """As large registries do it: a token service, and blobs that are kept elsewhere."""

    def __init__(self, server: HttpsServer, zip_file: bytes, **changes: object) -> None:
        self.digest = "sha256:" + hashlib.sha256(zip_file).hexdigest()
        manifest = json.loads(oci.artifact.manifest_of(oci.artifact.Layer(self.digest, len(zip_file))))
        self.manifest = json.dumps({**manifest, **changes}).encode()
        self.name = "sha256:" + hashlib.sha256(self.manifest).hexdigest()
        self.url = f"oci://127.0.0.1:{server.port}/orders"
        realm = f"https://localhost:{server.port}/token"
        challenge = {"WWW-Authenticate": f'Bearer realm="{realm}",service="registry"'}
        storage = f"https://localhost:{server.port}/storage?signature=abc"

        def guarded(answer: Answer) -> Callable[[Asked], Answer]:
            return lambda asked: (
                answer if asked.headers.get("Authorization") == "Bearer t0ken" else Answer(401, challenge)
            )

        server.answer("/token", Answer(200, {}, b'{"token": "t0ken"}'))
        server.answer(f"/v2/orders/manifests/{self.name}", guarded(Answer(200, {}, self.manifest)))
        server.answer(f"/v2/orders/blobs/{self.digest}", guarded(Answer(307, {"Location": storage})))
        server.answer("/storage", Answer(200, {}, zip_file))


def test_tokens_are_asked_for_and_kept_from_the_storage(building: Building, server: HttpsServer, package: Path) -> None:
    registry = TokenRegistry(server, package.read_bytes())
    assert building.run(source(registry.url, registry.name), docker_config(f"127.0.0.1:{server.port}", *LOGIN))[0] == 0
    assert building.files == APP
    asked = {request.path.partition("?")[0]: request for request in server.asked}
    assert asked["/token"].headers["Authorization"].startswith("Basic ")
    assert "scope=repository%3Aorders%3Apull" in asked["/token"].path
    assert "Authorization" not in asked["/storage"].headers


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"artifactType": "application/vnd.example"}, "is not a package"),
        ({"layers": []}, "exactly one layer"),
        ({"layers": [{"mediaType": "application/zip", "digest": "sha256:" + "1" * 64}]}, "cannot be read"),
        ({"layers": "x"}, "cannot be read"),
    ],
)
def test_artifacts_that_are_no_packages(
    building: Building, server: HttpsServer, package: Path, changes: dict[str, object], message: str
) -> None:
    registry = TokenRegistry(server, package.read_bytes(), **changes)
    code, outcome = building.run(source(registry.url, registry.name))
    assert (code, outcome["reason"]) == (10, "SourceInvalid")
    assert message in outcome["message"]


def test_a_registry_that_gives_something_else(building: Building, server: HttpsServer, package: Path) -> None:
    """Manifest and package are compared with their digests."""
    content = package.read_bytes()
    registry = TokenRegistry(server, content)
    server.answer("/storage", Answer(200, {}, content[:-1] + b"x"))
    code, outcome = building.run(source(registry.url, registry.name))
    assert (code, outcome["reason"]) == (10, "ChecksumMismatch")
    server.answer(f"/v2/orders/manifests/{registry.name}", Answer(200, {}, registry.manifest + b" "))
    code, outcome = building.run(source(registry.url, registry.name))
    assert (code, outcome["reason"]) == (10, "ChecksumMismatch")
