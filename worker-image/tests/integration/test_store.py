"""What a SAS for one blob allows, and how the service refuses the rest. The operator signs; here the SDK does."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from azure.storage.blob import BlobSasPermissions, generate_blob_sas
from support.azurite import ACCOUNT, KEY, Azurite

from funcapp import store

Sign = Callable[..., str]


@pytest.fixture
def sign(azurite: Azurite, unique: str) -> Sign:
    azurite.blobs.create_container(unique)

    def url(blob: str, permission: str, hours: int = 1) -> str:
        token = generate_blob_sas(
            ACCOUNT,
            unique,
            blob,
            account_key=KEY,
            permission=BlobSasPermissions.from_string(permission),
            expiry=datetime.now(timezone.utc) + timedelta(hours=hours),
        )
        return f"{azurite.blob_endpoint}/{unique}/{blob}?{token}"

    return url


@pytest.fixture
def content(tmp_path: Path) -> Path:
    path = tmp_path / "content"
    path.write_bytes(b"first")
    return path


async def test_create_only_grant_writes_once(sign: Sign, content: Path) -> None:
    url = sign("packages/app/key.zip", "c")
    assert await store.create(url, content) is True
    content.write_bytes(b"second")
    assert await store.create(url, content) is False
    with pytest.raises(store.StoreError, match="403 AuthorizationPermissionMismatch"):
        await store.get(url, 100)
    read = await store.get(sign("packages/app/key.zip", "r"), 100)
    assert (read.path.read_bytes(), read.size) == (b"first", 5)
    read.path.unlink()


async def test_grant_to_create_and_read(sign: Sign, content: Path) -> None:
    url = sign("a", "cr")
    with pytest.raises(store.NotFound):
        await store.get(url, 100)
    digest = "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"
    assert await store.create(url, content, digest) is True
    read = await store.get(url, 5)
    assert (read.sha256, read.declared_sha256) == (digest, digest)
    read.path.unlink()
    with pytest.raises(store.StoreError, match="longer than 4 bytes"):
        await store.get(url, 4)


async def test_grant_to_read_does_not_write(sign: Sign, content: Path) -> None:
    await store.create(sign("a", "r"), content)
    with pytest.raises(store.NotFound):
        await store.get(sign("a", "r"), 100)


async def test_grant_is_for_one_blob_and_ends(sign: Sign, content: Path) -> None:
    with pytest.raises(store.StoreError, match="403"):
        await store.create(sign("a", "c").replace("/a?", "/b?"), content)
    with pytest.raises(store.StoreError, match="403"):
        await store.create(sign("a", "c", hours=-1), content)


async def test_no_message_holds_the_signature(sign: Sign, content: Path) -> None:
    url = sign("a", "c").replace("127.0.0.1", "127.0.0.1:1/")
    with pytest.raises(store.StoreError) as caught:
        await store.create(url, content)
    assert "sig=" not in str(caught.value)
