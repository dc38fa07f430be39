"""Which client, address and identity the settings of a connection give."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity.aio import (
    ClientSecretCredential,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from funcapp.content import NoRoom
from funcapp.host.storage import ConnectionInvalid, StorageAccounts, brief

SAS = "sv=2022-11-02&ss=bq&srt=sco&sp=rwdlacup&se=2099-01-01T00:00:00Z&sig=c2VjcmV0"


def without_slash(url: str) -> str:
    """Which the libraries put at the end of a path or not."""
    path, mark, query = unquote(url).partition("?")
    return path.rstrip("/") + mark + query


@pytest.mark.parametrize(
    ("text", "queues", "blobs"),
    [
        (
            "AccountName=shop;AccountKey=c2VjcmV0;EndpointSuffix=core.usgovcloudapi.net",
            "https://shop.queue.core.usgovcloudapi.net/",
            "https://shop.blob.core.usgovcloudapi.net/",
        ),
        (
            f"QueueEndpoint=https://q.example/;BlobEndpoint=https://b.example;SharedAccessSignature={SAS}",
            f"https://q.example/?{SAS}",
            f"https://b.example/?{SAS}",
        ),
        (
            "UseDevelopmentStorage=true",
            "http://127.0.0.1:10001/devstoreaccount1",
            "http://127.0.0.1:10000/devstoreaccount1",
        ),
        (
            " UseDevelopmentStorage = TRUE ; DevelopmentStorageProxyUri = http://azurite/ ;",
            "http://azurite:10001/devstoreaccount1",
            "http://azurite:10000/devstoreaccount1",
        ),
    ],
)
async def test_connection_strings(text: str, queues: str, blobs: str) -> None:
    accounts = StorageAccounts({"Shop": text})
    assert without_slash(accounts.queues("Shop").url) == without_slash(queues)
    assert without_slash(accounts.blobs("Shop").url) == without_slash(blobs)
    assert accounts.queues("Shop") is accounts.queues("Shop")
    await accounts.close()


async def test_identities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tmp_path / "token"
    token.write_text("x")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(token))
    kinds: list[tuple[dict[str, str], type]] = [
        ({}, DefaultAzureCredential),
        ({"clientId": "c", "tenantId": "t"}, DefaultAzureCredential),
        ({"tenantId": "t", "clientId": "c", "clientSecret": "s"}, ClientSecretCredential),
        ({"credential": "managedidentity"}, ManagedIdentityCredential),
        ({"credential": "managedidentity", "clientId": "c"}, ManagedIdentityCredential),
        ({"credential": "managedidentity", "managedIdentityResourceId": "/r"}, ManagedIdentityCredential),
        ({"credential": "workloadidentity", "clientId": "c", "tenantId": "t"}, WorkloadIdentityCredential),
    ]
    for settings, kind in kinds:
        environment = {f"Shop__{name}": value for name, value in {"accountName": "shop", **settings}.items()}
        accounts = StorageAccounts(environment)
        assert accounts.queues("Shop").url == "https://shop.queue.core.windows.net/"
        assert accounts.blobs("Shop").url == "https://shop.blob.core.windows.net/"
        assert type(accounts.blobs("Shop").credential) is kind
        assert accounts.blobs("Shop").credential is accounts.queues("Shop").credential
        await accounts.close()


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"Shop": "c2VjcmV0"}, "the setting 'Shop' is not a storage connection string"),
        ({"Shop": "AccountName=shop;AccountKey"}, "the setting 'Shop' is not a storage connection string"),
        ({}, "Shop__queueServiceUri is not set"),
        ({"Shop__blobServiceUri": "https://b"}, "Shop__queueServiceUri is not set"),
        ({"Shop__accountName": "shop", "Shop__credential": "workloadidentity"}, "the connection 'Shop' cannot be used"),
    ],
)
def test_what_cannot_be_used(environment: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConnectionInvalid, match=message) as caught:
        StorageAccounts(environment).queues("Shop")
    assert "c2VjcmV0" not in str(caught.value)


def test_a_failed_sign_in_is_told_by_its_first_line() -> None:
    error = ClientAuthenticationError(message="AADSTS7000215: Invalid client secret.\nTrace ID: 1")
    assert brief(error) == "AADSTS7000215: Invalid client secret."


def test_what_a_full_folder_needs_is_told_and_a_signature_is_not() -> None:
    assert brief(NoRoom("/tmp is full: raise its size")) == "/tmp is full: raise its size"
    assert brief(ValueError(f"https://b.example/?{SAS}")) == "ValueError"
