"""Storage accounts: one client for each connection and service, kept until its settings change."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from funcapp.content import INLINE_LIMIT, NoRoom
from funcapp.errors import FunctionError
from funcapp.model import connections

# Imported where they are used: they take half a second, which an app without storage does not have to wait for.
if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.storage.blob.aio import BlobServiceClient, ContainerClient
    from azure.storage.queue.aio import QueueServiceClient

# The oldest version that has all that is used here: any emulator and any Azure Stack of the last years answers it.
API_VERSION = "2021-12-02"

# The libraries' own defaults wait 15 seconds before the first retry.
_RETRY: Any = {"retry_total": 3, "initial_backoff": 1, "increment_base": 2}

HOSTS_CONTAINER = "azure-webjobs-hosts"
"""Locks, schedules' states and blob receipts of every app on the account, named by host id."""

# What is larger is read and written in ranges, so that no client holds a large blob in memory.
_RANGES: Any = {
    "max_single_get_size": INLINE_LIMIT,
    "max_chunk_get_size": 4 * INLINE_LIMIT,
    "max_single_put_size": 4 * INLINE_LIMIT,
    "max_block_size": 4 * INLINE_LIMIT,
    # The default of 4 KiB costs the event loop a turn for each.
    "connection_data_block_size": 64 * 1024,
}

T = TypeVar("T")
C = TypeVar("C", "BlobServiceClient", "QueueServiceClient")


class ConnectionInvalid(Exception):
    """The settings say no account that can be used. Their values are not repeated, since they hold keys."""


class StorageAccounts:
    """Clients by the name of a connection's setting: of its connection string, or the prefix of an identity's."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._queues: dict[str, QueueServiceClient] = {}
        self._blobs: dict[str, BlobServiceClient] = {}
        self._credentials: dict[str, AsyncTokenCredential] = {}

    def queues(self, setting: str) -> QueueServiceClient:
        """Raises ConnectionInvalid."""
        if setting not in self._queues:
            from azure.storage.queue.aio import QueueServiceClient

            self._queues[setting] = self._client(QueueServiceClient, setting, "queue", **_RETRY)
        return self._queues[setting]

    def blobs(self, setting: str) -> BlobServiceClient:
        """Raises ConnectionInvalid."""
        if setting not in self._blobs:
            from azure.storage.blob.aio import BlobServiceClient

            self._blobs[setting] = self._client(BlobServiceClient, setting, "blob", **_RETRY, **_RANGES)
        return self._blobs[setting]

    @property
    def has_host_storage(self) -> bool:
        """Whether there is an account for the host's own needs."""
        return connections.is_set(connections.DEFAULT_CONNECTION, self._environment)

    def hosts_container(self) -> ContainerClient:
        """The container of the host's own account. Raises ConnectionInvalid."""
        try:
            setting = connections.find(connections.DEFAULT_CONNECTION, self._environment).setting
        except FunctionError as error:
            raise ConnectionInvalid(error.message) from None
        return self.blobs(setting).get_container_client(HOSTS_CONTAINER)

    async def close(self) -> None:
        """Clients first, which may be asking for a token."""
        for queues in self._queues.values():
            await queues.close()
        for blobs in self._blobs.values():
            await blobs.close()
        for credential in self._credentials.values():
            await credential.close()

    def _client(self, kind: type[C], setting: str, service: connections.Service, **options: Any) -> C:
        text = self._environment.get(setting)
        if not text:
            return kind(*self._signed_in(setting, service), api_version=API_VERSION, **options)
        try:
            return kind.from_connection_string(_expand(text), api_version=API_VERSION, **options)
        except (ValueError, KeyError):
            raise ConnectionInvalid(
                f"the setting {setting!r} is not a storage connection string: copy it from the storage account"
            ) from None

    def _signed_in(self, setting: str, service: connections.Service) -> tuple[str, AsyncTokenCredential]:
        try:
            identity = connections.identity(setting, self._environment)
            endpoint = identity.endpoint(service)
            if endpoint is None:
                raise ValueError(f"{setting}__{service}ServiceUri is not set")
            if setting not in self._credentials:
                from funcapp.host.identity import credential

                self._credentials[setting] = credential(identity, self._environment)
        except (FunctionError, ValueError) as error:
            raise ConnectionInvalid(f"the connection {setting!r} cannot be used: {error}") from None
        return endpoint, self._credentials[setting]


async def create_when_missing(operation: Callable[[], Awaitable[T]], create: Callable[[], Awaitable[object]]) -> T:
    """Tries `operation`; when its queue or container does not exist, makes it and tries again."""
    from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

    try:
        return await operation()
    except ResourceNotFoundError:
        with contextlib.suppress(ResourceExistsError):
            await create()
        return await operation()


def brief(error: BaseException) -> str:
    """The error for a log record, without the request's address, which may hold a signature."""
    from azure.core.exceptions import ClientAuthenticationError

    if isinstance(error, (ConnectionInvalid, NoRoom)):
        return str(error)
    if isinstance(error, ClientAuthenticationError) and not getattr(error, "error_code", None):
        # Signing in failed, and why stands only here.
        return str(error.message).strip().partition("\n")[0]
    code = getattr(error, "error_code", None) or getattr(error, "reason", None)
    return f"{type(error).__name__} {getattr(code, 'value', code)}" if code else type(error).__name__


def _expand(connection_string: str) -> str:
    """The emulator's short form, which the libraries do not know.

    https://learn.microsoft.com/azure/storage/common/storage-use-azurite#connection-strings
    """
    pairs = (item.partition("=") for item in connection_string.split(";"))
    values = {key.strip().lower(): value.strip() for key, _, value in pairs}
    if values.get("usedevelopmentstorage", "").lower() != "true":
        return connection_string
    account, host = "devstoreaccount1", (values.get("developmentstorageproxyuri") or "http://127.0.0.1").rstrip("/")
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    return (
        f"DefaultEndpointsProtocol={host.partition(':')[0]};AccountName={account};AccountKey={key};"
        f"BlobEndpoint={host}:10000/{account};QueueEndpoint={host}:10001/{account};"
    )
