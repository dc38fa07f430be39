"""Blobs of the package store, through the URLs that carry a signature (SAS).

https://learn.microsoft.com/rest/api/storageservices/put-blob
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import aiohttp

_API_VERSION = "2021-12-02"
_DIGEST = "x-ms-meta-sha256"

# A grant to create alone does not allow overwriting, and the service looks at that before the condition.
# The second is what Azurite says.
_MAY_NOT_OVERWRITE = ("UnauthorizedBlobOverwrite", "AuthorizationPermissionMismatch")

_TIMEOUT = aiohttp.ClientTimeout(total=900, connect=15, sock_read=60)
_CHUNK = 1024 * 1024


class StoreError(Exception):
    """The store could not be asked, or refused. The message never holds the URL's signature."""


class NotFound(StoreError):
    """The blob does not exist."""


class Content(NamedTuple):
    """A blob in a temporary file, which the caller removes."""

    path: Path
    sha256: str
    size: int
    declared_sha256: str | None
    """What it was created with; it differs from `sha256` where the blob is damaged."""


async def get(url: str, limit: int) -> Content:
    """Raises NotFound, StoreError; also when the blob is longer than `limit` bytes."""
    with tempfile.NamedTemporaryFile(prefix="funcapp-", suffix=".part", delete=False) as file:
        path = Path(file.name)
        try:
            digest, size = hashlib.sha256(), 0
            async with _session() as session, session.get(url, headers={"x-ms-version": _API_VERSION}) as response:
                if response.status == 404:
                    raise NotFound("the store does not have the blob")
                if response.status != 200:
                    raise StoreError(f"the store answers {response.status} {await _code(response)}")
                async for chunk in response.content.iter_chunked(_CHUNK):
                    size += len(chunk)
                    if size > limit:
                        raise StoreError(f"the blob is longer than {limit} bytes")
                    digest.update(chunk)
                    file.write(chunk)
            return Content(path, digest.hexdigest(), size, response.headers.get(_DIGEST))
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, (aiohttp.ClientError, asyncio.TimeoutError)):
                raise StoreError(f"the store cannot be reached: {type(error).__name__}") from None
            raise


async def create(url: str, path: Path, sha256: str | None = None) -> bool:
    """Writes a blob that is not there. False: it is there already, and stays as it is. Raises StoreError.

    `sha256`: kept beside the blob, for who reads it without knowing what it has to be.
    """
    headers = {
        "If-None-Match": "*",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-version": _API_VERSION,
        "Content-Length": str(path.stat().st_size),
        **({_DIGEST: sha256} if sha256 else {}),
    }
    try:
        with path.open("rb") as content:
            async with _session() as session, session.put(url, data=content, headers=headers) as response:
                if response.status == 201:
                    return True
                code = await _code(response)
                if response.status in (409, 412) or code in _MAY_NOT_OVERWRITE:
                    return False
                raise StoreError(f"the store answers {response.status} {code}")
    except (aiohttp.ClientError, asyncio.TimeoutError) as error:
        raise StoreError(f"the store cannot be reached: {type(error).__name__}") from None


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True)


async def _code(response: aiohttp.ClientResponse) -> str:
    code = response.headers.get("x-ms-error-code")
    if code:
        return code
    try:
        # The store is trusted; its answer is short.
        return ElementTree.fromstring(await response.read()).findtext("Code", "")  # noqa: S314
    except ElementTree.ParseError:
        return response.reason or ""
