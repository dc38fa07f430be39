"""dulwich's git clients over connections of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from dulwich.client import AbstractHttpGitClient, GitClient, SSHGitClient
from dulwich.errors import GitProtocolError
from dulwich.protocol import Protocol

from funcapp.net.errors import Invalid, TooLarge
from funcapp.net.web import Response, origin_of, shown
from funcapp.prepare.sources.access import Access
from funcapp.prepare.sources.git_ssh import Vendor

Read = Callable[[int], bytes]

_MAX_ERROR = 1000


@contextlib.contextmanager
def client_for(url: str, access: Access, limit: int) -> Iterator[tuple[GitClient, bytes]]:
    """A client, and the path to ask it for. An answer of more than `limit` bytes ends with TooLarge."""
    if url.startswith("https:"):
        yield HttpClient(url, access, limit), b""
        return
    parts = urlsplit(url)
    name = shown(url)
    vendor = Vendor(access, name, lambda read: limited(read, limit, name))
    user = unquote(parts.username or "git")
    client = SshClient(parts.hostname or "", parts.port, user, vendor, thin_packs=False, quiet=True)
    with contextlib.closing(client):
        yield client, unquote(parts.path).encode()


class SshClient(SSHGitClient):
    """Closes its connections also where dulwich gives up before it has come to that."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._opened: list[Protocol] = []

    def _connect(
        self, cmd: bytes, path: str | bytes, protocol_version: int | None = None
    ) -> tuple[Protocol, Callable[[], bool], IO[bytes] | None]:
        made = super()._connect(cmd, path, protocol_version)
        self._opened.append(made[0])
        return made

    def close(self) -> None:
        while self._opened:
            self._opened.pop().close()


class HttpClient(AbstractHttpGitClient):
    def __init__(self, url: str, access: Access, limit: int) -> None:
        super().__init__(url, thin_packs=False, quiet=True)
        self._web = access.web
        self._authorization = access.credentials.authorization
        self._origin = origin_of(url)
        self._limit = limit

    def _get_url(self, path: str | bytes) -> str:
        return self._base_url

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,
    ) -> tuple[Any, Read]:
        """What dulwich asks of a subclass: a response with a few attributes, and how to read it."""
        body = data if data is None or isinstance(data, bytes) else b"".join(data)
        # Where the first request was redirected, the others are sent at once.
        authorization = self._authorization if origin_of(url) == self._origin else None
        with contextlib.ExitStack() as stack:
            request = self._web.request("POST" if body else "GET", url, headers, body, authorization=authorization)
            response = stack.enter_context(request)
            response.check()
            kind = response.headers.get("Content-Type", "")
            # Anything else would be read as the files of a repository ("dumb" HTTP), object by object.
            if not kind.startswith("application/x-git-"):
                raise Invalid(f"{shown(self._base_url)} is not the address of a git repository")
            answer = _Answer(response, kind, url, stack.pop_all())
        return answer, limited(response.read, self._limit, shown(self._base_url))


class _Answer:
    def __init__(self, response: Response, content_type: str, asked: str, stack: contextlib.ExitStack) -> None:
        self.status = response.status
        self.content_type = content_type
        self.redirect_location = response.url if response.url != asked else ""
        self.close = stack.close


def limited(read: Read, limit: int, name: str) -> Read:
    """Counts what is read; a line in which the server says why it gives up becomes GitProtocolError.

    https://git-scm.com/docs/gitprotocol-pack#_pkt_line_format
    """
    size = 0

    def counted(wanted: int) -> bytes:
        nonlocal size
        data = read(wanted)
        size += len(data)
        if size > limit:
            raise TooLarge(f"{name} sends more than {limit} bytes, which is the limit")
        # dulwich looks for such a line nowhere but at the beginning of an archive.
        if data.startswith(b"ERR ") and len(data) <= _MAX_ERROR:
            raise GitProtocolError(data[4:].decode(errors="replace"))
        return data

    return counted
