"""How a source may be reached: credentials, certificates, addresses, time."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from funcapp import oci
from funcapp.errors import AppError
from funcapp.net import guard as guards
from funcapp.net import trust
from funcapp.net.deadline import Deadline
from funcapp.net.errors import Invalid, Mismatch, NetError, NotFound, TooLarge, Unauthorized, Unavailable
from funcapp.net.guard import Guard
from funcapp.net.web import GuardedDialer, Web, basic

SECONDS = 900
"""For everything that belongs to one source."""

_MAX_ENTRY = 1024 * 1024


class Credentials:
    """The entries of the Secret, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entry(self, name: str) -> str | None:
        """Without the line break that editors and `echo` leave. Raises AppError."""
        data = self.raw(name)
        if data is None:
            return None
        try:
            return data.decode().strip("\r\n")
        except UnicodeDecodeError:
            raise AppError("SourceUnauthorized", f"the entry {name} of the source's Secret must be text") from None

    def raw(self, name: str) -> bytes | None:
        try:
            with (self.folder / name).open("rb") as file:
                return file.read(_MAX_ENTRY)
        except (FileNotFoundError, NotADirectoryError):
            return None

    @property
    def authorization(self) -> str | None:
        """The header for HTTP, None where the Secret has nothing for it."""
        token, username, password = map(self.entry, ("bearerToken", "username", "password"))
        if token:
            if not token.isascii() or not token.isprintable() or " " in token:
                raise AppError("SourceUnauthorized", "the entry bearerToken of the source's Secret must be one word")
            return f"Bearer {token}"
        if username or password:
            # Who checks tokens ignores the name, and wants one.
            return basic(username or "git", password or "")
        return None

    def of_registry(self, reference: oci.Reference) -> oci.Credentials | None:
        config = self.raw(".dockerconfigjson")
        if config is not None:
            return oci.credentials_for(config, reference.registry, reference.repository)
        username, password = self.entry("username"), self.entry("password")
        return oci.Credentials(username, password or "") if username else None


@dataclass(frozen=True)
class Access:
    credentials: Credentials
    context: ssl.SSLContext
    guard: Guard
    deadline: Deadline

    @property
    def dialer(self) -> GuardedDialer:
        return GuardedDialer(self.guard, self.context, self.deadline)

    @property
    def web(self) -> Web:
        return Web(self.dialer)


@contextlib.contextmanager
def opened(environment: Mapping[str, str], credentials: Path, guard: Guard | None = None) -> Iterator[Access]:
    """Raises AppError, and Unavailable for what can be tried again. `guard` None: as FUNCAPP_PRIVATE_NETWORKS says."""
    if guard is None:
        private = environment.get("FUNCAPP_PRIVATE_NETWORKS", "false").lower() == "true"
        guard = Guard(guards.private_or_public if private else guards.public)
    ours = environment.get("FUNCAPP_CA_FILE")
    own = credentials / "ca.crt"
    authorities = [*([Path(ours)] if ours else []), *([own] if own.is_file() else [])]
    with _told(), Deadline(SECONDS) as deadline:
        yield Access(Credentials(credentials), trust.context(authorities), guard, deadline)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        raise AppError("SourceNotFound", str(error)) from None
    except Unauthorized as error:
        raise AppError("SourceUnauthorized", str(error)) from None
    except TooLarge as error:
        raise AppError("SourceTooLarge", str(error)) from None
    except Mismatch as error:
        raise AppError("ChecksumMismatch", str(error)) from None
    except Invalid as error:
        raise AppError("SourceInvalid", str(error)) from None
    except Unavailable:
        raise
    except NetError as error:
        raise Unavailable(str(error)) from None
