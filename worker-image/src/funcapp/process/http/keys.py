"""Access keys of HTTP functions: files in a folder, read anew when they change.

A file's name says what its content opens, as in the Secrets of Azure Functions on Kubernetes: `host.master`,
`host.function.<name>`, `host.systemKey.<name>`, `functions.<function in lower case>.<name>`.
https://learn.microsoft.com/azure/azure-functions/function-keys-how-to
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from funcapp.model.bindings.http import AuthLevel
from funcapp.process.http.request import Request

_log = logging.getLogger("funcapp.http")

Digests = tuple[bytes, ...]


class Keys:
    """What each authorization level accepts. Only digests are kept, and compared in constant time."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """`keys` by file name. Names of another form open nothing."""
        master, host, system = [], [], []
        functions: dict[str, list[bytes]] = {}
        for name, key in sorted(keys.items()):
            kind, _, rest = name.partition(".")
            scope, _, label = rest.partition(".")
            if name == "host.master":
                master.append(_digest(key))
            elif kind == "functions" and scope and label:
                functions.setdefault(scope.lower(), []).append(_digest(key))
            elif kind == "host" and scope == "function" and label:
                host.append(_digest(key))
            elif kind == "host" and scope == "systemKey" and label:
                system.append(_digest(key))
        self._master: Digests = tuple(master)
        self._system: Digests = (*master, *system)
        self._host: Digests = (*master, *host)
        self._functions: dict[str, Digests] = {name: (*self._host, *own) for name, own in functions.items()}

    def allow(self, level: AuthLevel, function: str, key: str | None) -> bool:
        """Whether `key` opens a function, given its name in lower case. The master key opens everything.

        No key has the level `user`, so only the master key opens it, as in the Functions host.
        """
        if level == "anonymous":
            return True
        if not key:
            return False
        if level == "function":
            return _is_one_of(key, self._functions.get(function, self._host))
        return _is_one_of(key, self._system if level == "system" else self._master)

    def known_for(self, level: AuthLevel, function: str) -> bool:
        """Whether there is any key that opens the function."""
        if level == "function":
            return bool(self._functions.get(function, self._host))
        return bool(self._system if level == "system" else self._master)


class KeyFiles:
    """The folder's keys. `current` is always usable; `refresh` looks whether the files have changed."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._seen: object = None
        self.current = Keys({})
        self.refresh()

    def refresh(self) -> bool:
        """Whether there were changes. Cheap enough to be called each second."""
        if self._folder is None:
            return False
        # Inodes too: a mounted Secret is exchanged as a whole, by a symbolic link, within one tick of the clock.
        state = {name: (found.st_ino, found.st_mtime_ns, found.st_size) for name, found in _files(self._folder)}
        if state == self._seen:
            return False
        self._seen = state
        self.current = Keys(dict(_read(self._folder, state)))
        return True


def given_key(request: Request) -> str | None:
    """The key of a request. The header counts before the query, also where it is wrong."""
    key = request.header(b"x-functions-key")
    return key if key is not None else request.query().get("code")


def _files(folder: Path) -> Iterable[tuple[str, os.stat_result]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith("."):
            try:
                yield entry.name, entry.stat()
            except OSError:
                continue  # removed meanwhile


def _read(folder: Path, names: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name in names:
        try:
            key = (folder / name).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            # The error's own text could quote the key.
            _log.error("the key %s cannot be read (%s): it opens nothing", name, type(error).__name__)
            continue
        if key:
            yield name, key
        else:
            _log.error("the key %s is empty: it opens nothing", name)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _is_one_of(key: str, digests: Digests) -> bool:
    given, found = _digest(key), False
    for digest in digests:
        found |= hmac.compare_digest(given, digest)
    return found
