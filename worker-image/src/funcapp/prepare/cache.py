"""The namespace's cache of installed dependencies. Whatever goes wrong with it costs time, and never a build."""

from __future__ import annotations

import asyncio
import logging
import shutil
import zipfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from funcapp import archive, digest, store
from funcapp.process.paths import PYTHON_PACKAGES

_log = logging.getLogger("funcapp.prepare")

MAX_BYTES = 1024**3
"""Of a cached zip; that of a package, too."""


class Cache:
    """`url` is a grant of the container: create and read."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def take(self, key: str, root: Path, target: Path) -> bool:
        """Unpacks a set into the app, and leaves its zip in `target`. False: it is not there, or cannot be used."""
        try:
            content = await store.get(self._blob(key), MAX_BYTES)
        except store.NotFound:
            return False
        except store.StoreError as error:
            _log.warning("the cache of dependencies cannot be asked: %s", error)
            return False
        shutil.move(content.path, target)
        try:
            if content.sha256 != content.declared_sha256:
                raise archive.ArchiveError("its digest is another than when it was stored")
            await asyncio.to_thread(_unpack, target, root)
        except archive.ArchiveError as error:
            _log.warning("the cached dependencies %s are damaged, and are installed anew: %s", key[:12], error)
            shutil.rmtree(root / PYTHON_PACKAGES, ignore_errors=True)
            target.unlink()
            return False
        return True

    async def put(self, key: str, path: Path) -> None:
        """Stores a set, unless another build was faster."""
        try:
            if path.stat().st_size > MAX_BYTES:
                _log.info("the dependencies are too large for the cache")
                return
            sha256 = await asyncio.to_thread(digest.of_file, path)
            if await store.create(self._blob(key), path, sha256):
                _log.info("dependencies %s are in the cache now", key[:12])
        except store.StoreError as error:
            _log.warning("the dependencies cannot be cached: %s", error)

    def _blob(self, key: str) -> str:
        parts = urlsplit(self._url)
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{key}.zip"))


def _unpack(path: Path, root: Path) -> None:
    """Another app of the namespace may have written it: it must not reach beyond the folder of dependencies."""
    try:
        with zipfile.ZipFile(path) as cached:
            names = cached.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise archive.ArchiveError(str(error)) from None
    if not all(name.startswith(f"{PYTHON_PACKAGES}/") for name in names):
        raise archive.ArchiveError(f"it has files outside of {PYTHON_PACKAGES}")
    archive.extract(path, root)
