"""Receives and deletes queue messages: the two calls that every message costs.

They go straight to the service, because the SDK's pipeline takes four times the processor time of the request itself.
Whatever is not answered with success is asked again through the SDK, which knows retries and errors.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import aiohttp
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient
from yarl import URL

from funcapp.host.storage import ConnectionInvalid

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

_TIMEOUT = aiohttp.ClientTimeout(total=60.0, connect=10.0)
_TOKEN_SCOPE = "https://storage.azure.com/.default"  # noqa: S105
_TOKEN_MARGIN_SECONDS = 300.0


class QueueMessages:
    """The messages of one queue. `client` is the SDK's, for every other call."""

    def __init__(self, client: QueueClient, api_version: str) -> None:
        self.client = client
        parts = urlsplit(client.url)
        self._address = f"{parts.scheme}://{parts.netloc}{parts.path}/messages"
        self._signature = f"&{parts.query}" if parts.query else ""
        self._path = f"{parts.path}/messages"
        self._version = api_version
        self._authorization = _authorization_of(client)
        self._session: aiohttp.ClientSession | None = None

    async def receive(self, count: int, lease_seconds: int) -> list[QueueMessage]:
        """At most `count` messages, hidden from others for the lease. Raises AzureError."""
        answer = await self._call("GET", "", {"numofmessages": str(count), "visibilitytimeout": str(lease_seconds)})
        if answer is not None:
            return _messages(answer)
        # Without retries: who receives does so again and again, and tells what is wrong without delay.
        pages = self.client.receive_messages(
            messages_per_page=count, visibility_timeout=lease_seconds, retry_total=0
        ).by_page()
        return [message async for message in await pages.__anext__()]

    async def delete(self, identity: str, receipt: str) -> None:
        """Raises AzureError; ResourceNotFoundError where the receipt is no longer the message's."""
        if await self._call("DELETE", f"/{identity}", {"popreceipt": receipt}) is None:
            await self.client.delete_message(identity, receipt)

    async def close(self) -> None:
        """May be called again; a call after it opens anew."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(self, method: str, path: str, query: Mapping[str, str]) -> bytes | None:
        """The body of the answer; None where it is not one of success, or there is none."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar(), skip_auto_headers=("Content-Type",)
            )
        headers = {"x-ms-date": _now(int(time.time())), "x-ms-version": self._version}
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        url = URL(f"{self._address}{path}?{text}{self._signature}", encoded=True)
        try:
            await self._authorization.add(headers, method, self._path + path, query)
            async with self._session.request(method, url, headers=headers, allow_redirects=False) as response:
                body = await response.read()
                return body if 200 <= response.status < 300 else None
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError):
            return None


class _Signed:
    """By a shared access signature, which is part of the address."""

    async def add(self, headers: dict[str, str], method: str, path: str, query: Mapping[str, str]) -> None:
        pass


class _SharedKey(_Signed):
    """https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key"""

    def __init__(self, account: str, key: str) -> None:
        self._account = account
        try:
            self._key = base64.b64decode(key)
        except binascii.Error:
            raise ConnectionInvalid(f"the key of the storage account {account} is not base64: copy it again") from None

    async def add(self, headers: dict[str, str], method: str, path: str, query: Mapping[str, str]) -> None:
        own = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
        options = "".join(f"\n{name}:{value}" for name, value in sorted(query.items()))
        # The empty lines stand for the standard headers, of which these calls have none.
        text = f"{method}{chr(10) * 12}{own}/{self._account}{path}{options}"
        digest = base64.b64encode(hmac.digest(self._key, text.encode(), "sha256")).decode()
        headers["Authorization"] = f"SharedKey {self._account}:{digest}"


class _Token(_Signed):
    """Of an identity."""

    def __init__(self, credential: AsyncTokenCredential) -> None:
        self._credential = credential
        self._token = ""
        self._until = 0.0

    async def add(self, headers: dict[str, str], method: str, path: str, query: Mapping[str, str]) -> None:
        if time.time() > self._until - _TOKEN_MARGIN_SECONDS:
            found = await self._credential.get_token(_TOKEN_SCOPE)
            self._token, self._until = found.token, found.expires_on
        headers["Authorization"] = f"Bearer {self._token}"


def _authorization_of(client: QueueClient) -> _Signed:
    credential: Any = client.credential
    if hasattr(credential, "account_key"):
        return _SharedKey(credential.account_name, credential.account_key)
    return _Token(credential) if hasattr(credential, "get_token") else _Signed()


@lru_cache(maxsize=1)
def _now(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


_moment = lru_cache(maxsize=256)(parsedate_to_datetime)
"""Messages of one page often share their times."""


def _messages(document: bytes) -> list[QueueMessage]:
    """https://learn.microsoft.com/rest/api/storageservices/get-messages#response-body"""
    # It comes from the service that was asked, and the SDK reads it so, too.
    return [_message(element) for element in ElementTree.fromstring(document)]  # noqa: S314


def _message(element: ElementTree.Element) -> QueueMessage:
    fields = {child.tag: child.text or "" for child in element}
    message = QueueMessage(content=fields["MessageText"])
    message.id = fields["MessageId"]
    message.inserted_on = _moment(fields["InsertionTime"])
    message.expires_on = _moment(fields["ExpirationTime"])
    message.dequeue_count = int(fields["DequeueCount"])
    message.pop_receipt = fields["PopReceipt"]
    message.next_visible_on = _moment(fields["TimeNextVisible"])
    return message
