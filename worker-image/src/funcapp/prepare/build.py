"""The first step: from source files to a package in the store."""

from __future__ import annotations

import asyncio
import compileall
import hashlib
import json
import logging
import py_compile
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from funcapp import archive, store
from funcapp.errors import AppError
from funcapp.prepare import ignore, pip, places
from funcapp.prepare.places import Places

_log = logging.getLogger("funcapp.prepare")

MAX_PACKAGE = 1024**3
"""Bytes of the zip: every pod that starts downloads it."""

_MODES = ("Auto", "Remote", "None")


async def build(environment: Mapping[str, str]) -> None:
    """Leaves the app folder filled and the workspace's package.json. Raises AppError; anything else can be retried."""
    where = places.find(environment)
    url = places.grant(where, "package")
    if await _fetch(url, where):
        return
    _copy_source(where.source, where.root)
    _drop_ignored(where.root)
    if _wants_install(environment.get("FUNCAPP_BUILD_MODE", "Auto"), where.root):
        await pip.install(where.root, environment)
    await asyncio.to_thread(_compile, where.root)
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "package.zip")
        await asyncio.to_thread(_pack, where.root, package)
        if await store.create(url, package):
            _note(where, _digest(package), package.stat().st_size, built=True)
            return
    # Another build of the same source was faster. What is in the store is what workers get.
    if not await _fetch(url, where):
        raise store.StoreError("the store has the package and does not give it")


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
    if not any(root.iterdir()):
        raise AppError("SourceInvalid", "the source has no files: add at least host.json and one function")


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


def _compile(root: Path) -> None:
    """Unchecked: the files of a package do not change, so a start need not look at them twice."""
    compileall.compile_dir(root, quiet=2, maxlevels=64, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


def _pack(root: Path, package: Path) -> None:
    try:
        archive.pack(root, package)
    except archive.ArchiveError as error:
        raise AppError("SourceInvalid", str(error)) from None
    size = package.stat().st_size
    if size > MAX_PACKAGE:
        raise AppError(
            "PackageTooLarge",
            f"the package has {size} bytes, and the limit is {MAX_PACKAGE}: drop requirements it does not need",
        )


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(1024 * 1024):
            digest.update(data)
    return digest.hexdigest()


def _note(where: Places, sha256: str, size: int, *, built: bool) -> None:
    where.package_file.write_text(json.dumps({"sha256": sha256, "size": size, "built": built}))
    _log.info("package %s, %d bytes, %s", sha256[:12], size, "built" if built else "taken from the store")
