"""Packages in a real registry: Debian's docker-registry."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.registry import Registry
from support.tls import Authority

from funcapp import oci
from funcapp.net.errors import Invalid, Unauthorized

LOGIN = ("robot", "s3cret-of-the-registry")


@pytest.fixture
def registry(tmp_path: Path, authority: Authority) -> Iterator[Callable[..., Registry]]:
    started: list[Registry] = []

    def start(login: tuple[str, str] | None = None, plain: bool = False) -> Registry:
        certificate = None if plain else authority.issue("127.0.0.1")
        started.append(Registry(tmp_path / f"registry{len(started)}", certificate, login))
        started[-1].start()
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "orders.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("host.json", "{}")
        archive.writestr("data", bytes(range(256)) * 20_000)
    return path


def test_equal_zips_have_equal_digests_in_every_registry(
    registry: Callable[..., Registry], authority: Authority, package: Path, tmp_path: Path
) -> None:
    progress: list[tuple[int, int]] = []
    size = package.stat().st_size
    pushed = oci.push(
        package,
        f"oci://{registry(LOGIN).host}/team/orders:1.4",
        oci.Credentials(*LOGIN),
        authority=authority.file,
        progress=lambda done, total: progress.append((done, total)),
    )
    assert progress[-1] == (size, size) and len(progress) > 1
    plain = registry(plain=True)
    copy = tmp_path / "another name.zip"
    copy.write_bytes(package.read_bytes())
    other = oci.push(copy, f"oci://{plain.host}/orders", plain_http=True)
    assert (other.digest, other.size) == (pushed.digest, size)
    assert other.url == f"oci://{plain.host}/orders"


def test_what_the_registry_has_is_not_sent_again(registry: Callable[..., Registry], package: Path) -> None:
    url = f"oci://{registry(plain=True).host}/orders"
    first = oci.push(package, url, plain_http=True)
    sent: list[tuple[int, int]] = []
    assert oci.push(package, f"{url}:again", plain_http=True, progress=lambda *now: sent.append(now)) == first
    assert sent == []


def test_a_push_without_rights_says_so_without_the_password(
    registry: Callable[..., Registry], authority: Authority, package: Path
) -> None:
    url = f"oci://{registry(LOGIN).host}/orders"
    for credentials in (None, oci.Credentials("robot", "wrong-but-secret")):
        with pytest.raises(Unauthorized) as caught:
            oci.push(package, url, credentials, authority=authority.file)
        assert "401" in str(caught.value) and "wrong-but-secret" not in str(caught.value)
    with pytest.raises(Invalid, match="not trusted"):
        oci.push(package, url, oci.Credentials(*LOGIN))


@pytest.mark.parametrize(
    "url",
    [
        "https://registry/orders",
        "oci://registry",
        "oci://registry/Orders",
        "oci://user:pw@registry/orders",
        "oci://r/../x",
    ],
)
def test_names_of_artifacts(url: str) -> None:
    with pytest.raises(Invalid, match="must look like") as caught:
        oci.parse(url)
    assert "pw" not in str(caught.value)


def test_credentials_are_those_of_the_longest_entry() -> None:
    auths = {
        "https://index.docker.io/v1/": {"auth": "aHViOnB3"},
        "registry.example.com": {"username": "all", "password": "a:b"},
        "registry.example.com/team": {"auth": "dGVhbTp4Onk="},
    }
    config = json.dumps({"auths": auths, "credsStore": "desktop"})
    assert oci.credentials_for(config, "registry.example.com", "team/orders") == ("team", "x:y", "")
    assert oci.credentials_for(config, "registry.example.com", "teams") == ("all", "a:b", "")
    assert oci.credentials_for(config, "docker.io", "orders") == ("hub", "pw", "")
    assert oci.credentials_for(config, "example.com", "orders") is None
    with pytest.raises(Invalid, match=r"\.dockerconfigjson"):
        oci.credentials_for("[]", "example.com")
