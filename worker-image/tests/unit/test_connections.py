import pytest

from funcapp.errors import FunctionError
from funcapp.model import connections
from funcapp.model.connections import Connection, Identity

KEY = "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net"


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        "UseDevelopmentStorage=true",
        "QueueEndpoint=https://shop.queue.core.windows.net/;SharedAccessSignature=sv=2022&sig=c2VjcmV0%3D",
        "BlobEndpoint=http://azurite:10000/devstoreaccount1;AccountName=devstoreaccount1;AccountKey=c2VjcmV0;",
    ],
)
def test_a_connection_string(text: str) -> None:
    assert connections.find("Shop", {"Shop": text}, "queue") == Connection("Shop", "ConnectionString")
    both = {"Shop": text, "AzureWebJobsShop": text}
    assert connections.find("Shop", both) == Connection("AzureWebJobsShop", "ConnectionString")


@pytest.mark.parametrize(
    ("settings", "identity"),
    [
        (
            {"accountName": "shop"},
            Identity("https://shop.queue.core.windows.net", "https://shop.blob.core.windows.net"),
        ),
        (
            {
                "queueServiceUri": "https://shop.queue.core.windows.net/",
                "clientId": "id",
            },
            Identity("https://shop.queue.core.windows.net", None, client_id="id"),
        ),
        (
            {
                "blobServiceUri": "https://b",
                "accountName": "shop",
                "tenantId": "t",
                "clientId": "c",
                "clientSecret": "s",
            },
            Identity(
                "https://shop.queue.core.windows.net", "https://b", client_id="c", tenant_id="t", client_secret="s"
            ),
        ),
        (
            {"accountName": "shop", "credential": "ManagedIdentity"},
            Identity(
                "https://shop.queue.core.windows.net",
                "https://shop.blob.core.windows.net",
                credential="managedidentity",
            ),
        ),
        ({"serviceUri": "http://127.0.0.1:1/a"}, Identity("http://127.0.0.1:1/a", "http://127.0.0.1:1/a")),
    ],
)
def test_an_identity(settings: dict[str, str], identity: Identity) -> None:
    environment = {f"Shop__{name}": value for name, value in settings.items()}
    service: connections.Service = "queue" if identity.queue_endpoint else "blob"
    assert connections.find("Shop", environment, service) == Connection("Shop", "Identity")
    assert connections.identity("Shop", environment) == identity


@pytest.mark.parametrize(
    ("environment", "reason", "part"),
    [
        ({}, "SettingMissing", "in the setting 'Shop' or 'AzureWebJobsShop'"),
        ({"Shop": ""}, "SettingMissing", "neither is set"),
        ({"Shop": "c2VjcmV0"}, "SettingInvalid", "the setting 'Shop' is not a storage connection string"),
        ({"Shop": "AccountName=c2VjcmV0"}, "SettingInvalid", "'Shop' is not a storage"),
        ({"AzureWebJobsShop": "AccountKey=c2VjcmV0"}, "SettingInvalid", "'AzureWebJobsShop' is not"),
        ({"Shop": "@Microsoft.KeyVault(SecretUri=https://c2VjcmV0)"}, "SettingInvalid", "Key Vault"),
        ({"Shop": "BlobEndpoint=https://a;SharedAccessSignature=c2VjcmV0"}, "SettingInvalid", "no QueueEndpoint"),
        (
            {"Shop__accountName": "shop", "Shop__clientSecret": "c2VjcmV0", "Shop__tenantId": "t"},
            "SettingMissing",
            "set 'Shop__clientId', too",
        ),
        (
            {"Shop__accountName": "shop", "Shop__credential": "password"},
            "SettingInvalid",
            "'Shop__credential' is 'password': it must be one of managedidentity, workloadidentity",
        ),
        ({"Shop__accountName": "Not_One"}, "SettingInvalid", "'Shop__accountName' is 'Not_One'"),
        ({"Shop__queueServiceUri": "c2VjcmV0"}, "SettingInvalid", "'Shop__queueServiceUri' must be the address"),
        ({"Shop__queueServiceUri": "https://a?sig=c2VjcmV0"}, "SettingInvalid", "'Shop__queueServiceUri'"),
        ({"Shop__blobServiceUri": "https://a"}, "SettingMissing", "'Shop__queueServiceUri', or 'Shop__accountName'"),
    ],
)
def test_what_is_no_account_is_named_without_its_value(environment: dict[str, str], reason: str, part: str) -> None:
    with pytest.raises(FunctionError) as caught:
        connections.find("Shop", environment, "queue")
    assert caught.value.reason == reason
    assert part in caught.value.message
    assert "c2VjcmV0" not in caught.value.message


def test_the_default_connection_is_asked_for_by_one_name() -> None:
    with pytest.raises(FunctionError) as caught:
        connections.find("AzureWebJobsStorage", {}, "queue")
    assert caught.value.message.endswith("in the setting 'AzureWebJobsStorage', which is not set")
