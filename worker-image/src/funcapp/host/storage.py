"""Storage accounts: one client for each connection string, kept for the life of the process."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeVar

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob.aio import BlobServiceClient, ContainerClient
from azure.storage.queue.aio import QueueServiceClient

from funcapp.content import INLINE_LIMIT
from funcapp.errors import FunctionError
from funcapp.model import connections

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


class ConnectionInvalid(Exception):
    """The setting is not a usable connection string. Its value is not repeated, since it holds a key."""


class StorageAccounts:
    """Clients by the name of the setting that holds the connection string."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._queues: dict[str, QueueServiceClient] = {}
        self._blobs: dict[str, BlobServiceClient] = {}

    def queues(self, setting: str) -> QueueServiceClient:
        """Raises ConnectionInvalid."""
        if setting not in self._queues:
            with self._naming(setting):
                self._queues[setting] = QueueServiceClient.from_connection_string(
                    _expand(self._environment[setting]), api_version=API_VERSION, **_RETRY
                )
        return self._queues[setting]

    def blobs(self, setting: str) -> BlobServiceClient:
        """Raises ConnectionInvalid."""
        if setting not in self._blobs:
            with self._naming(setting):
                self._blobs[setting] = BlobServiceClient.from_connection_string(
                    _expand(self._environment[setting]), api_version=API_VERSION, **_RETRY, **_RANGES
                )
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
        for queues in self._queues.values():
            await queues.close()
        for blobs in self._blobs.values():
            await blobs.close()

    @staticmethod
    @contextlib.contextmanager
    def _naming(setting: str) -> Iterator[None]:
        try:
            yield
        except (ValueError, KeyError):
            raise ConnectionInvalid(
                f"the setting {setting!r} is not a storage connection string: copy it from the storage account"
            ) from None


async def create_when_missing(operation: Callable[[], Awaitable[T]], create: Callable[[], Awaitable[object]]) -> T:
    """Tries `operation`; when its queue or container does not exist, makes it and tries again."""
    try:
        return await operation()
    except ResourceNotFoundError:
        with contextlib.suppress(ResourceExistsError):
            await create()
        return await operation()


def brief(error: BaseException) -> str:
    """The error for a log record, without the request's address, which may hold a signature."""
    if isinstance(error, ConnectionInvalid):
        return str(error)
    code = getattr(error, "error_code", None) or getattr(error, "reason", None)
    return f"{type(error).__name__} {getattr(code, 'value', code)}" if code else type(error).__name__


def _expand(connection_string: str) -> str:
    """The emulator's short form, which the libraries do not know.

    https://learn.microsoft.com/azure/storage/common/storage-use-azurite#connection-strings
    """
    if connection_string.strip().rstrip(";").lower() != "usedevelopmentstorage=true":
        return connection_string
    account, host = "devstoreaccount1", "http://127.0.0.1"
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    return (
        f"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={key};"
        f"BlobEndpoint={host}:10000/{account};QueueEndpoint={host}:10001/{account};"
    )
