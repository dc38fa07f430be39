"""Settings as files: a rotated Secret reaches a running pod in its mounted files, and never in its environment.

Each subfolder is one source, in the order of precedence (by name; the later wins); a file's name is a setting and its
content the value, as Kubernetes mounts ConfigMaps and Secrets.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

DEFAULT_FOLDER = "/var/run/funcapp/settings"

_SECONDS = 1.0
_NAME = re.compile(r"[^=\0/]+")
_MAX_VALUE = 1024 * 1024
_log = logging.getLogger("funcapp.host")


class SettingsFiles:
    """`start` is the environment that the worker was started with.

    Names in `FUNCAPP_FIXED_SETTINGS` keep its values, whatever the files say: a source of higher precedence set them.
    """

    def __init__(self, start: Mapping[str, str], seconds: float = _SECONDS) -> None:
        in_pod = bool(start.get("FUNCAPP_NAMESPACE"))
        folder = start.get("FUNCAPP_SETTINGS_FOLDER", DEFAULT_FOLDER if in_pod else "")
        self._folder = Path(folder) if folder else None
        self._fixed = {name.strip() for name in start.get("FUNCAPP_FIXED_SETTINGS", "").split(",")} | _OWN
        self._start = start
        self._seen: set[str] = set()
        """A setting that was in a file once is unset when its file is gone."""
        self._seconds = seconds

    def environment(self) -> dict[str, str]:
        """The environment as it is now. Files that cannot be read are logged and left out."""
        values = {name: value for name, value in self._read().items() if name not in self._fixed}
        self._seen |= values.keys()
        return {**{name: value for name, value in self._start.items() if name not in self._seen}, **values}

    async def changes(self, current: Mapping[str, str]) -> AsyncIterator[dict[str, str]]:
        """Each environment that differs from the one before, first from `current`, once the files have come to rest."""
        if self._folder is None:
            return
        # Files may have changed since `current` was read.
        stamp, resting = self._stamp(), False
        while True:
            await asyncio.sleep(self._seconds)
            found = self._stamp()
            if found != stamp:
                # Several sources change one after another: a restart for each would be one too many.
                stamp, resting = found, False
            elif not resting:
                resting = True
                environment = self.environment()
                if environment != current:
                    current = environment
                    yield environment

    def _files(self) -> list[Path]:
        if self._folder is None:
            return []
        try:
            sources = sorted(entry for entry in self._folder.iterdir() if entry.is_dir() and _is_visible(entry))
            return [file for source in sources for file in sorted(source.iterdir()) if _is_visible(file)]
        except OSError as error:
            # Also what a mount looks like in the moment in which it is replaced: the next look tells.
            if not isinstance(error, FileNotFoundError):
                _log.warning("the settings in %s cannot be read: %s", self._folder, error.strerror)
            return []

    def _stamp(self) -> list[tuple[str, int, int, int]]:
        stamps = []
        for file in self._files():
            try:
                status = file.stat()
            except OSError:
                continue
            stamps.append((str(file), status.st_ino, status.st_mtime_ns, status.st_size))
        return stamps

    def _read(self) -> dict[str, str]:
        values = {}
        for file in self._files():
            try:
                if not file.is_file():
                    continue
                with file.open("rb") as content:
                    value = content.read(_MAX_VALUE + 1)
            except OSError as error:
                _log.warning("the setting %s cannot be read: %s", file, error.strerror)
                continue
            if b"\0" in value or len(value) > _MAX_VALUE or not _NAME.fullmatch(file.name):
                _log.error("the setting %s is left out: a value is text of at most 1 MiB without NUL", file)
                continue
            values[file.name] = value.decode("utf-8", "surrogateescape")
        return values


_OWN = {
    "FUNCAPP_SETTINGS_FOLDER",
    "FUNCAPP_FIXED_SETTINGS",
    "FUNCAPP_NAMESPACE",
    "FUNCAPP_NAME",
    "FUNCAPP_GROUP",
    "FUNCAPP_REVISION",
    "FUNCAPP_FUNCTIONS",
    "FUNCAPP_HTTP_PORT",
    "FUNCAPP_MANAGEMENT_PORT",
    "FUNCAPP_ADDRESS",
}
"""What the worker was started with holds: it is about this pod, not about the app."""


def _is_visible(path: Path) -> bool:
    """Kubernetes keeps versions of a volume in entries that start with two dots."""
    return not path.name.startswith("..")
