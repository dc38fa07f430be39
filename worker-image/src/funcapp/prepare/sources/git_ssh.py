"""Git over SSH: the host has to show a key that known_hosts has, and the key of the Secret is the only one offered."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from dulwich.client import SSHVendor

from funcapp.errors import AppError
from funcapp.net.errors import Unauthorized, Unavailable
from funcapp.net.web import IDLE_SECONDS
from funcapp.prepare.sources.access import Access, Credentials

Read = Callable[[int], bytes]

_KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


class Vendor(SSHVendor):
    """What dulwich runs a command on another machine by. `name` is the URL for messages."""

    def __init__(self, access: Access, name: str, limited: Callable[[Read], Read]) -> None:
        self._access = access
        self._name = name
        self._limited = limited

    def run_command(  # type: ignore[override]
        self,
        host: str,
        command: bytes,
        username: str | None = None,
        port: int | None = None,
        protocol_version: int | None = None,
        **_: object,
    ) -> _Command:
        credentials = self._access.credentials
        key = private_key(credentials)
        client = paramiko.SSHClient()
        load_known_hosts(client, credentials)
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        with contextlib.ExitStack() as stack:
            stack.callback(client.close)
            connection = self._access.guard.connect(host, port or 22)
            self._access.deadline.add(connection)
            connection.settimeout(IDLE_SECONDS)
            self._connect(client, host, port or 22, username, key, connection)
            transport = client.get_transport()
            assert transport is not None
            channel = transport.open_session(timeout=IDLE_SECONDS)
            channel.settimeout(IDLE_SECONDS)
            if protocol_version is None or protocol_version == 2:
                channel.set_environment_variable("GIT_PROTOCOL", "version=2")
            channel.exec_command(command)
            return _Command(channel, stack.pop_all(), self._limited, self._name)

    def _connect(
        self, client: paramiko.SSHClient, host: str, port: int, username: str | None, key: Any, connection: Any
    ) -> None:
        try:
            client.connect(
                host,
                port,
                username,
                pkey=key,
                sock=connection,
                allow_agent=False,
                look_for_keys=False,
                banner_timeout=IDLE_SECONDS,
                auth_timeout=IDLE_SECONDS,
            )
        except paramiko.BadHostKeyException as error:
            raise Unauthorized(
                f"{self._name}: the host shows the key {error.key.fingerprint}, and known_hosts of the source's Secret"
                f" has {error.expected_key.fingerprint}"
            ) from None
        except paramiko.AuthenticationException:
            raise Unauthorized(
                f"{self._name}: the host does not accept ssh-privatekey of the source's Secret"
            ) from None
        except (paramiko.SSHException, OSError, EOFError) as error:
            if "not found in known_hosts" in str(error):
                raise Unauthorized(
                    f"{self._name}: known_hosts of the source's Secret has no key of this host: add what"
                    " `ssh-keyscan` shows, after comparing it with what the host's owner publishes"
                ) from None
            raise Unavailable(f"{self._name}: the connection failed: {type(error).__name__}") from None


def private_key(credentials: Credentials) -> paramiko.PKey:
    text = credentials.entry("ssh-privatekey")
    if not text:
        raise AppError("SourceUnauthorized", "an ssh:// source needs a Secret with ssh-privatekey and known_hosts")
    # What is pasted into a Secret loses its last line break, or gains those of Windows.
    text = text.replace("\r\n", "\n").strip() + "\n"
    for kind in _KEYS:
        try:
            return kind.from_private_key(io.StringIO(text))
        except paramiko.PasswordRequiredException:
            raise AppError("SourceUnauthorized", "ssh-privatekey has a password: use a key without one") from None
        except (paramiko.SSHException, ValueError, TypeError, UnsupportedAlgorithm, IndexError):
            continue
    raise AppError("SourceUnauthorized", "ssh-privatekey must be a private key of the type ed25519, ecdsa or rsa")


def load_known_hosts(client: paramiko.SSHClient, credentials: Credentials) -> None:
    path = credentials.folder / "known_hosts"
    if not path.is_file():
        raise AppError(
            "SourceUnauthorized",
            "the source's Secret has no known_hosts: without it, anybody could pretend to be the host",
        )
    try:
        client.load_host_keys(str(path))
    except (paramiko.SSHException, ValueError, UnicodeDecodeError):
        raise AppError("SourceUnauthorized", "known_hosts of the source's Secret cannot be read") from None


class _Command:
    """What runs there, as dulwich reads and writes it."""

    def __init__(
        self, channel: paramiko.Channel, stack: contextlib.ExitStack, limited: Callable[[Read], Read], name: str
    ) -> None:
        self._channel = channel
        self._stack = stack
        self._stream = channel.makefile("rb")
        self._name = name
        self.read = limited(self._read)
        self.stderr = channel.makefile_stderr("rb")

    def _read(self, size: int) -> bytes:
        try:
            return bytes(self._stream.read(size))
        except OSError as error:
            # dulwich would take it for a mistake of the protocol.
            raise Unavailable(f"{self._name}: the connection failed: {error.strerror or 'timed out'}") from None

    def write(self, data: bytes) -> int:
        self._channel.sendall(data)
        return len(data)

    def can_read(self) -> bool:
        return bool(self._channel.recv_ready())

    def close(self) -> None:
        self._stack.close()
