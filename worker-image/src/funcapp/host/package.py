"""The app's package: from the store into the app folder."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import NamedTuple

from funcapp import archive
from funcapp.errors import ConfigurationError

_log = logging.getLogger("funcapp.package")

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0


class Grant(NamedTuple):
    """Where a package is and what it must be. `url` carries a signature."""

    url: str
    sha256: str
    size: int


def read_grant(path: Path) -> Grant:
    """Raises ConfigurationError."""
    try:
        fields = json.loads(path.read_bytes())
        return Grant(str(fields["url"]), str(fields["sha256"]), int(fields["size"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"the package grant {path} cannot be read: {type(error).__name__}") from None


async def fetch_until_there(grant_file: Path, root: Path) -> None:
    """Fills `root`, trying for as long as it takes. The grant is read each time, since it is renewed."""
    from funcapp import store  # which takes long to import

    delay = _FIRST_DELAY
    while True:
        try:
            grant = read_grant(grant_file)
            if archive.holds(root, grant.sha256):
                _log.info("the package %s is there already", grant.sha256[:12])
                return
            await _fetch(grant, root)
            _log.info("the package %s is unpacked", grant.sha256[:12])
            return
        except (store.StoreError, archive.ArchiveError, ConfigurationError, OSError) as error:
            _log.warning("the package is not there yet: %s; trying again in %.1f s", error, delay)
        await asyncio.sleep(delay)
        delay = min(delay * 2, _LONGEST_DELAY)


async def _fetch(grant: Grant, root: Path) -> None:
    from funcapp import store

    content = await store.get(grant.url, limit=grant.size)
    try:
        if content.sha256 != grant.sha256:
            raise archive.ArchiveError(f"its digest is {content.sha256}, and must be {grant.sha256}")
        await asyncio.to_thread(archive.unpack, content.path, root, grant.sha256)
    finally:
        content.path.unlink(missing_ok=True)
