"""Packages in a container of a blob account, which the cluster fetches as an archive."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from funcapp.cli import local
from funcapp.cli.packing import Package
from funcapp.cli.targets import Source
from funcapp.errors import CommandFailed, ConfigurationError, FunctionError
from funcapp.host import storage
from funcapp.model import connections

if TYPE_CHECKING:
    from azure.storage.blob.aio import BlobClient


class BlobTarget:
    """`https://account.blob.core.windows.net/container[/folder][?SAS]`. Raises ConfigurationError.

    A blob is named by the app and the content, and never written twice.
    """

    def __init__(self, url: str, options: argparse.Namespace, root: Path) -> None:
        parts = urlsplit(url)
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        if parts.username or parts.password or not parts.hostname or not parts.path.strip("/") or parts.fragment:
            shown = f"{parts.scheme}://{parts.hostname}{parts.path}"
            raise ConfigurationError(f"{shown}: it must be https://account.blob.core.windows.net/container?SAS")
        self._sas = parts.query
        signed = "sig" in parse_qs(parts.query)
        if signed == bool(options.connection):
            raise ConfigurationError(
                f"{self._base}: give a URL with a SAS that allows to create and read, or --connection: one of the two"
            )
        self._connection: str | None = None
        self._environment = dict(os.environ)
        if options.connection:
            self._environment = local.variables(root, os.environ)
            try:
                self._connection = connections.find(options.connection, self._environment, "blob").setting
            except FunctionError as error:
                raise ConfigurationError(f"--connection {options.connection}: {error.message}") from None

    def source(self, package: Package, name: str) -> Source:
        return Source("archive", {"url": self._url(package, name), "sha256": package.sha256})

    def push(self, package: Package, name: str) -> None:
        asyncio.run(self._upload(package, name))

    def _url(self, package: Package, name: str) -> str:
        return f"{self._base}/{name}-{package.sha256[:12]}.zip"

    async def _upload(self, package: Package, name: str) -> None:
        from azure.core.exceptions import AzureError, ResourceExistsError

        url = self._url(package, name)
        accounts = storage.StorageAccounts(self._environment)
        blob: Any = None
        try:
            blob = self._blob(accounts, url)
            with package.path.open("rb") as content:
                await blob.upload_blob(content, overwrite=False)
        except ResourceExistsError:
            return
        except storage.ConnectionInvalid as error:
            raise CommandFailed(str(error)) from None
        except AzureError as error:
            if await _is_there(blob, package.size):
                # A SAS without the permission to overwrite is refused before anybody looks at the condition.
                return
            raise CommandFailed(
                f"{url}: the storage account says {storage.brief(error)}: does the container exist, and do the"
                " credentials allow to create and read blobs in it?"
            ) from None
        finally:
            if blob is not None:
                await blob.close()
            await accounts.close()

    def _blob(self, accounts: storage.StorageAccounts, url: str) -> BlobClient:
        from azure.storage.blob.aio import BlobClient

        if self._connection is None:
            return BlobClient.from_blob_url(f"{url}?{self._sas}", api_version=storage.API_VERSION)
        service = accounts.blobs(self._connection)
        account = service.url.rstrip("/")
        if not url.startswith(f"{account}/"):
            raise CommandFailed(f"{self._base} is not of the account that {self._connection} names, which is {account}")
        container, _, path = url[len(account) + 1 :].partition("/")
        return service.get_blob_client(container, path)


async def _is_there(blob: BlobClient | None, size: int) -> bool:
    from azure.core.exceptions import AzureError

    if blob is None:
        return False
    try:
        return bool((await blob.get_blob_properties()).size == size)
    except AzureError:
        return False
