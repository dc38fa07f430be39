"""What requirements.txt asks for, in the app's folder: from the cache, or installed by pip and put there."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from funcapp import archive
from funcapp.errors import AppError
from funcapp.prepare import cache_key, distributions, pip, requirements, wheels
from funcapp.prepare.cache import Cache
from funcapp.prepare.compilation import compile_modules
from funcapp.prepare.requirements import Requirements
from funcapp.prepare.steps import Durations
from funcapp.process.paths import PYTHON_PACKAGES, SITE_PACKAGES

_log = logging.getLogger("funcapp.prepare")


class Dependencies:
    """`archive` is a zip of what is installed, which the package can begin with."""

    def __init__(self, archive: Path, cache: Cache | None = None, key: str = "") -> None:
        self.archive = archive
        self._cache = cache
        self._key = key

    async def store(self) -> None:
        """Puts into the cache what is not there yet. Never fails."""
        if self._cache is not None:
            await self._cache.put(self._key, self.archive)


async def provide(
    root: Path,
    environment: Mapping[str, str],
    credentials: Path,
    cache_url: str | None,
    scratch: Path,
    durations: Durations,
) -> Dependencies:
    """Replaces the app's `.python_packages`. `scratch` is a folder for the zip.

    `cache_url`: a grant of the container of the cache, None without one. Raises AppError, pip.Interrupted.
    """
    asked = requirements.read(root, environment)
    sources_allowed = environment.get("FUNCAPP_SOURCE_DISTRIBUTIONS", "true").lower() != "false"
    if not sources_allowed and asked.built:
        raise AppError(
            "RequirementsInvalid",
            f"{asked.built[0]}: nothing is built from source here, only wheels are installed: name a version that the"
            " package index has as a wheel",
        )
    _remove(root / PYTHON_PACKAGES)
    key = cache_key.key(asked, environment, pip.extra_arguments(environment), sources_allowed)
    cache = Cache(cache_url) if cache_url and _can_be_cached(asked) else None
    target = scratch / "dependencies.zip"
    if cache is not None:
        with durations.part("cache"):
            if await cache.take(key, root, target):
                _log.info("dependencies %s taken from the cache", key[:12])
                return Dependencies(target)
            _log.info("dependencies %s are not in the cache", key[:12])
    with durations.part("pip"):
        policy = [] if sources_allowed else ["--only-binary", ":all:"]
        settled = await pip.install(root, environment, arguments=policy, credentials=credentials)
    if cache is not None and not settled:
        _log.info("the dependencies are not cached, because an index did not answer")
        cache = None
    (root / SITE_PACKAGES).mkdir(parents=True, exist_ok=True)
    files, size = await asyncio.to_thread(distributions.check_size, root)
    installed = distributions.record(root)
    _log.info("%d distributions installed: %d files, %.1f MiB", len(installed), files, size / 1024**2)
    with durations.part("compile and compress"):
        # Both at a time: one takes a process, the other a thread that leaves the interpreter alone.
        before = scratch / "not-compiled.zip"
        await asyncio.gather(
            asyncio.to_thread(archive.pack, root, before, _files(root)),
            compile_modules(root / SITE_PACKAGES, environment),
        )
        await asyncio.to_thread(archive.pack, root, target, _files(root), before)
        before.unlink()
    return Dependencies(target, cache, key)


def refuse_misfits(root: Path) -> None:
    """Raises AppError (DependenciesUnfit) where the app brings wheels that do not run here."""
    here = wheels.this_worker()
    found = wheels.misfits(root / SITE_PACKAGES, here)
    if found:
        more = f"\n  and {len(found) - 20} more" if len(found) > 20 else ""
        raise AppError(
            "DependenciesUnfit",
            f"{PYTHON_PACKAGES} has packages that do not run on {here}:\n  "
            + "\n  ".join(text[:300] for text in found[:20])
            + more
            + "\ninstall them for it with `funcapp pack --build local --python-version"
            f" {'.'.join(map(str, here.version))} --platform {here.platforms[0]}`, or take the folder out and leave"
            " requirements.txt to the cluster",
        )


def _can_be_cached(asked: Requirements) -> bool:
    if asked.movable:
        _log.info("the dependencies are not cached, because their content can change: %s", "; ".join(asked.movable[:5]))
    return not asked.movable


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _files(root: Path) -> list[str]:
    """Those of the dependencies, relative to the app."""
    found = os.walk(root / PYTHON_PACKAGES)
    return [os.path.relpath(os.path.join(parent, name), root) for parent, _, names in found for name in names]
