"""The first step: from source files to a package in the store."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from funcapp import archive, digest, store
from funcapp.errors import AppError
from funcapp.net.guard import Guard
from funcapp.prepare import dependencies, distributions, ignore, pip, places
from funcapp.prepare.compilation import compile_modules
from funcapp.prepare.dependencies import Dependencies
from funcapp.prepare.places import Places
from funcapp.prepare.sources import access
from funcapp.prepare.sources.fetch import fetch
from funcapp.prepare.sources.source import VARIABLE, parse
from funcapp.prepare.steps import Durations

_log = logging.getLogger("funcapp.prepare")

MAX_PACKAGE = 1024**3
"""Bytes of the zip: every pod that starts downloads it."""

_MODES = ("Auto", "Remote", "None")
_INSTALLED = r"/\.python_packages/"


async def build(environment: Mapping[str, str], guard: Guard | None = None) -> None:
    """Leaves the app folder filled and the workspace's package.json. Raises AppError; anything else can be retried.

    `guard` judges the addresses of a source; None: as the environment says.
    """
    where = places.find(environment)
    url = places.grant(where, "package")
    durations = Durations()
    with durations.part("store"):
        there = await _fetch(url, where)
    if there:
        durations.log("build")
        return
    with durations.part("source"):
        if VARIABLE in environment:
            await asyncio.to_thread(_fetch_source, environment, where, guard)
        else:
            _copy_source(where.source, where.root)
        if not any(where.root.iterdir()):
            raise AppError("SourceInvalid", "the source has no files: add at least host.json and one function")
        _drop_ignored(where.root)
    with tempfile.TemporaryDirectory(prefix="funcapp-build-") as name:
        scratch = Path(name)
        installed = await _install(where, environment, scratch, durations)
        package = scratch / "package.zip"
        with durations.part("pack"):
            await asyncio.to_thread(_pack, where.root, package, installed.archive if installed else None)
        with durations.part("upload"):
            others = [installed.store()] if installed else []
            created, *_ = await asyncio.gather(store.create(url, package), *others)
        durations.log("build")
        if created:
            _note(where, digest.of_file(package), package.stat().st_size, built=True)
            return
    # Another build of the same source was faster. What is in the store is what workers get.
    if not await _fetch(url, where):
        raise store.StoreError("the store has the package and does not give it")


async def _install(
    where: Places, environment: Mapping[str, str], scratch: Path, durations: Durations
) -> Dependencies | None:
    """Dependencies and compiled modules. None: the app has what it brought."""
    mode = environment.get("FUNCAPP_BUILD_MODE", "Auto")
    installed = None
    if _wants_install(mode, where.root):
        cache = places.grant_or_none(where, "dependencies")
        installed = await dependencies.provide(
            where.root, environment, where.pip_credentials, cache, scratch, durations
        )
    else:
        dependencies.refuse_misfits(where.root)
    with durations.part("compile"):
        await compile_modules(where.root, environment, _INSTALLED if installed else None)
    return installed


async def _fetch(url: str, where: Places) -> bool:
    try:
        content = await store.get(url, MAX_PACKAGE)
    except store.NotFound:
        return False
    try:
        await asyncio.to_thread(archive.unpack, content.path, where.root, content.sha256)
    finally:
        content.path.unlink(missing_ok=True)
    _note(where, content.sha256, content.size, built=False)
    return True


def _fetch_source(environment: Mapping[str, str], where: Places, guard: Guard | None) -> None:
    source = parse(environment[VARIABLE])
    archive.clear(where.root)
    with access.opened(environment, where.credentials, guard) as opened:
        fetch(source, where.root, opened)
    _log.info("the source is fetched")


def _copy_source(source: Path, root: Path) -> None:
    """Copies what a ConfigMap volume shows: files behind links. Entries that begin with `..` are the volume's own."""
    archive.clear(root)
    try:
        for entry in sorted(source.iterdir()):
            if entry.name.startswith(".."):
                continue
            if entry.is_dir():
                shutil.copytree(
                    entry, root / entry.name, ignore=lambda _, names: [n for n in names if n.startswith("..")]
                )
            elif entry.is_file():
                shutil.copyfile(entry, root / entry.name)
    except FileNotFoundError as error:
        raise AppError("SourceInvalid", f"the source cannot be read: {error}") from None


def _drop_ignored(root: Path) -> None:
    for name in ignore.split(root).ignored:
        if name.endswith("/"):
            shutil.rmtree(root / name)
        else:
            (root / name).unlink()
            _log.info("%s is not published", name)


def _wants_install(mode: str, root: Path) -> bool:
    if mode not in _MODES:
        raise AppError("SourceInvalid", f"the build mode {mode!r} must be one of {', '.join(_MODES)}")
    if mode == "None" or not pip.asks_for_something(root / "requirements.txt"):
        return False
    return mode == "Remote" or not (root / ".python_packages").exists()


def _pack(root: Path, package: Path, base: Path | None) -> None:
    try:
        archive.pack(root, package, base=base)
    except archive.ArchiveError as error:
        raise AppError("SourceInvalid", str(error)) from None
    size = package.stat().st_size
    if size > MAX_PACKAGE:
        raise AppError(
            "PackageTooLarge",
            f"the package has {size} bytes, and the limit is {MAX_PACKAGE}: drop requirements it does not need",
        )


def _note(where: Places, sha256: str, size: int, *, built: bool) -> None:
    note = {"sha256": sha256, "size": size, "built": built, "distributions": distributions.listed(where.root)}
    where.package_file.write_text(json.dumps(note))
    _log.info("package %s, %d bytes, %s", sha256[:12], size, "built" if built else "taken from the store")
