"""Sources of the kind `archive`: a zip over HTTPS, checked before anything of it is used."""

import hashlib
import io
import os
import stat
import threading
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.azurite import Azurite
from support.building import Building
from support.https import Answer, HttpsServer
from support.tls import Authority

from funcapp.net.guard import Guard, private_or_public, public

APP = {"host.json": b"{}", "function_app.py": b"import azure.functions as func\napp = func.FunctionApp()\n"}


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def source(url: str, content: bytes) -> dict[str, str]:
    return {"kind": "archive", "url": url, "sha256": hashlib.sha256(content).hexdigest()}


def test_a_zip_becomes_the_package_without_what_funcignore_leaves_out(building: Building, server: HttpsServer) -> None:
    content = zipped({**APP, ".funcignore": b"*.md\n", "README.md": b"x", "local.settings.json": b"{}"})
    url = server.answer("/orders.zip", Answer(200, {}, content))
    assert building.run(source(url, content)) == (0, {"outcome": "Succeeded"})
    assert building.files == APP


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        ({"username": "robot", "password": "pw\n"}, "Basic cm9ib3Q6cHc="),
        ({"bearerToken": "tok\n"}, "Bearer tok"),
    ],
)
def test_credentials_are_sent_to_the_host_of_the_url_alone(
    building: Building, server: HttpsServer, entries: dict[str, str], wanted: str
) -> None:
    """A redirect is followed to another host, and the credentials stay."""
    content = zipped(APP)
    elsewhere = f"https://localhost:{server.port}/elsewhere?sig=abc"
    url = server.answer("/orders.zip", Answer(302, {"Location": "/moved"}))
    server.answer("/moved", Answer(307, {"Location": elsewhere}))
    server.answer("/elsewhere", Answer(200, {}, content))
    assert building.run(source(url, content), entries)[0] == 0
    assert [(asked.path, asked.headers.get("Authorization")) for asked in server.asked] == [
        ("/orders.zip", wanted),
        ("/moved", wanted),
        ("/elsewhere?sig=abc", None),
    ]


def test_a_blob_behind_a_sas(building: Building, tmp_path: Path, authority: Authority) -> None:
    """Run-from-package: the URL of a blob, and its signature from the Secret."""
    folder = tmp_path / "azurite"
    folder.mkdir()
    storage = Azurite(folder, authority.issue("127.0.0.1"), authority=authority.file)
    storage.start()
    try:
        content = zipped(APP)
        storage.blobs.create_container("apps").upload_blob("orders.zip", content)
        url, _, signature = storage.sas("apps", "orders.zip", "r").partition("?")
        assert building.run(source(url, content), {"sas": f"?{signature}\n"})[0] == 0
        assert building.files == APP
        code, outcome = building.run(source(url, content), {"sas": signature.replace("sig=", "sig=AAAA")})
        assert (code, outcome["reason"]) == (10, "SourceUnauthorized")
        assert "sig=" not in outcome["message"] and "403" in outcome["message"]
        code, outcome = building.run(source(storage.sas("apps", "other.zip", "r"), content))
        assert (code, outcome["reason"]) == (10, "SourceNotFound")
        assert "sig=" not in outcome["message"] and "BlobNotFound" in outcome["message"]
    finally:
        storage.close()


def test_another_checksum(building: Building, server: HttpsServer) -> None:
    """Both checksums are named, and nothing of the zip is used."""
    served = zipped(APP)
    url = server.answer("/orders.zip", Answer(200, {}, served))
    code, outcome = building.run(source(url, b"something else"))
    assert (code, outcome["reason"]) == (10, "ChecksumMismatch")
    for content in (served, b"something else"):
        assert hashlib.sha256(content).hexdigest() in outcome["message"]
    assert not any(building.root.iterdir())


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        (Answer(404), 10, "SourceNotFound"),
        (Answer(401), 10, "SourceUnauthorized"),
        (Answer(403), 10, "SourceUnauthorized"),
        (Answer(429), 1, "Infrastructure"),
        (Answer(503), 1, "Infrastructure"),
        (Answer(200, {"Content-Length": "1000"}, b"cut off"), 1, "Infrastructure"),
        (Answer(200, {"Content-Length": str(2 * 1024**3)}, b"x"), 10, "SourceTooLarge"),
        (Answer(302, {"Location": "http://127.0.0.1/orders.zip"}), 10, "SourceInvalid"),
        (Answer(302, {"Location": "file:///etc/passwd"}), 10, "SourceInvalid"),
        (Answer(302, {"Location": "/orders.zip"}), 10, "SourceInvalid"),
        (Answer(302, {"Location": "https://169.254.169.254/latest/meta-data"}), 10, "SourceInvalid"),
        (Answer(302, {"Location": "https://[::ffff:10.0.0.1]/"}), 10, "SourceInvalid"),
        (Answer(302, {"Location": "https://10.1.2.3/orders.zip"}), 10, "SourceInvalid"),
        (Answer(302, {"Location": "https://user:pw@127.0.0.1/orders.zip"}), 10, "SourceInvalid"),
    ],
)
def test_downloads_that_fail(building: Building, server: HttpsServer, answer: Answer, code: int, reason: str) -> None:
    """The user's mistakes end the Job, the server's failures are tried again."""
    url = server.answer("/orders.zip", answer) + "?token=secret"
    found, outcome = building.run(source(url, b""), {"bearerToken": "also-secret"})
    assert (found, outcome["reason"]) == (code, reason), outcome
    assert "secret" not in outcome["message"]
    assert "127.0.0.1" in outcome["message"] or "has the address" in outcome["message"]


def test_a_server_that_never_ends_is_stopped_at_the_limit(
    building: Building, server: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A length that is not told is counted."""
    monkeypatch.setattr("funcapp.prepare.sources.fetch.MAX_SIZE", 3 * 1024 * 1024)
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield os.urandom(65536)

    url = server.answer("/orders.zip", Answer(200, {}, endless()))
    code, outcome = building.run(source(url, b""))
    assert (code, outcome["reason"]) == (10, "SourceTooLarge")
    assert sent < 64 * 1024 * 1024


def test_a_server_that_sends_a_byte_now_and_then_is_not_waited_for(
    building: Building, server: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is limited as a whole, and not only between two bytes."""
    monkeypatch.setattr("funcapp.prepare.sources.access.SECONDS", 1.5)
    over = threading.Event()

    def slow() -> Iterator[bytes]:
        while not over.wait(0.2):
            yield b"x"

    url = server.answer("/orders.zip", Answer(200, {}, slow()))
    code, outcome = building.run(source(url, b""))
    over.set()
    assert (code, outcome["reason"]) == (1, "Infrastructure")
    assert "longer than" in outcome["message"]


@pytest.mark.parametrize("allowed", [public, private_or_public])
def test_addresses_of_the_cluster_itself_are_never_asked(
    building: Building, server: HttpsServer, allowed: object
) -> None:
    """Whatever the chart allows, loopback is not asked."""
    building.guard = Guard(allowed)  # type: ignore[arg-type]
    url = server.answer("/orders.zip", Answer(200))
    for name in ("127.0.0.1", "localhost", "2130706433", "0x7f.1"):
        code, outcome = building.run(source(url.replace("127.0.0.1", name), b""))
        assert (code, outcome["reason"]) == (10, "SourceInvalid"), name
        assert "has the address" in outcome["message"]
    assert server.asked == []


def test_certificates_are_checked(building: Building, server: HttpsServer, authority: Authority) -> None:
    content = zipped(APP)
    url = server.answer("/orders.zip", Answer(200, {}, content))
    code, outcome = building.run(
        source(url, content), {"ca.crt": Authority(building.folder / "other").file.read_text()}
    )
    assert (code, outcome["reason"]) == (10, "SourceInvalid")
    assert "not trusted" in outcome["message"] and "ca.crt" in outcome["message"]
    other = {"ca.crt": Authority(building.folder / "other").file.read_text()}
    assert building.run(source(url, content), other, FUNCAPP_CA_FILE=str(authority.file))[0] == 0
    code, outcome = building.run(source(url, content), {"ca.crt": "nonsense"})
    assert (code, outcome["reason"]) == (10, "SourceInvalid")


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://example.com/a.zip"},
        {"url": "file:///etc/passwd"},
        {"url": "https://user:secret@example.com/a.zip"},
        {"url": "https:///a.zip"},
        {"sha256": ""},
        {"sha256": "abc"},
        {"kind": "s3"},
    ],
)
def test_what_is_asked_for_is_checked_first(building: Building, wrong: dict[str, str]) -> None:
    asked = {"kind": "archive", "url": "https://example.com/a.zip", "sha256": "0" * 64, **wrong}
    code, outcome = building.run(asked)
    assert (code, outcome["reason"]) == (10, "SourceInvalid")
    assert "secret" not in outcome["message"]


def crafted(name: str, mode: int = stat.S_IFREG | 0o644) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("host.json", "{}")
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, "x")
    return target.getvalue()


BAD_ZIPS = [
    pytest.param(b"PK\3\4 nothing of a zip", "SourceInvalid", "cannot be unpacked", id="corrupt"),
    pytest.param(zipped(APP)[:-30], "SourceInvalid", "cannot be unpacked", id="cut off"),
    pytest.param(crafted("../out"), "SourceInvalid", "leads out", id="zip-slip"),
    pytest.param(crafted("/etc/cron.d/out"), "SourceInvalid", "leads out", id="absolute"),
    pytest.param(crafted("link", stat.S_IFLNK | 0o777), "SourceInvalid", "neither a file", id="link"),
    pytest.param(crafted("device", stat.S_IFCHR | 0o666), "SourceInvalid", "neither a file", id="device"),
    pytest.param(crafted("HOST.json"), "SourceInvalid", "differ only in case", id="case"),
    pytest.param(crafted("host.json/x"), "SourceInvalid", "both a file and a folder", id="file and folder"),
    pytest.param(crafted("host.json"), "SourceInvalid", "there twice", id="twice"),
    pytest.param(zipped({"zeros": bytes(200 * 1024**2)}), "SourceTooLarge", "bomb", id="ratio"),
    pytest.param(b"", "SourceInvalid", "cannot be unpacked", id="empty"),
    pytest.param(zipped({}), "SourceInvalid", "no files", id="no files"),
]


@pytest.mark.parametrize(("content", "reason", "message"), BAD_ZIPS)
def test_zips_that_are_not_unpacked(
    building: Building, server: HttpsServer, content: bytes, reason: str, message: str
) -> None:
    """Each is refused with its reason, and nothing is written outside of the app's folder."""
    url = server.answer("/orders.zip", Answer(200, {}, content))
    code, outcome = building.run(source(url, content))
    assert (code, outcome["reason"]) == (10, reason), outcome
    assert message in outcome["message"]
    assert not list(building.folder.rglob("out"))
